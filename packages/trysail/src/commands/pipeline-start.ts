import { StartPipelineExecutionCommand } from "@aws-sdk/client-codepipeline";
import { connect } from "../connection.ts";
import { exitCodes } from "../exit-codes.ts";
import { findPipeline } from "../pipeline/pipelines.ts";
import { processTerminal } from "../terminal/terminal.ts";

interface StartOptions {
  readonly data?: string;
  readonly region?: string;
  readonly variable?: readonly (readonly [string, string])[];
  readonly json?: boolean;
}

/** `trysail pipeline start` */
export async function start(name: string | undefined, options: StartOptions): Promise<number> {
  const terminal = processTerminal({ isQuiet: options.json === true });
  const pipeline = await findPipeline(await connect(options.data), name, options.region);
  const variables = options.variable?.map(([key, value]) => ({ name: key, value }));
  const { pipelineExecutionId: executionId } = await pipeline.client.send(
    new StartPipelineExecutionCommand({ name: pipeline.name, variables }),
  );
  terminal.line(
    options.json === true
      ? JSON.stringify({ pipeline: pipeline.name, executionId })
      : `Started ${pipeline.name}: ${executionId}`,
  );
  terminal.note(`See it with: trysail pipeline watch ${pipeline.name}`);
  return exitCodes.ok;
}
