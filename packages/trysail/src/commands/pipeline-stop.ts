import { StopPipelineExecutionCommand } from "@aws-sdk/client-codepipeline";
import { connect } from "../connection.ts";
import { exitCodes } from "../exit-codes.ts";
import { findPipeline, latestExecution } from "../pipeline/pipelines.ts";
import { processTerminal } from "../terminal/terminal.ts";

interface StopOptions {
  readonly data?: string;
  readonly region?: string;
  readonly execution?: string;
  readonly abandon?: boolean;
  readonly reason: string;
  readonly json?: boolean;
}

/** `trysail pipeline stop` */
export async function stop(name: string | undefined, options: StopOptions): Promise<number> {
  const { line } = processTerminal();
  const pipeline = await findPipeline(await connect(options.data), name, options.region);
  const executionId = options.execution ?? (await latestExecution(pipeline));
  const abandon = options.abandon === true;
  await pipeline.client.send(
    new StopPipelineExecutionCommand({
      pipelineName: pipeline.name,
      pipelineExecutionId: executionId,
      abandon,
      reason: options.reason,
    }),
  );
  const how = abandon ? "Abandoned the actions of" : "Stopping, once its actions have ended:";
  line(
    options.json === true
      ? JSON.stringify({ pipeline: pipeline.name, executionId, abandon })
      : `${how} execution ${executionId} of ${pipeline.name}.`,
  );
  return exitCodes.ok;
}
