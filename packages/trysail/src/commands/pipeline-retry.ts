import { RetryStageExecutionCommand } from "@aws-sdk/client-codepipeline";
import { TrysailError } from "@trysail/core";
import { connect } from "../connection.ts";
import { exitCodes } from "../exit-codes.ts";
import { findPipeline, latestExecution } from "../pipeline/pipelines.ts";
import { readExecution } from "../pipeline/read-execution.ts";
import { processTerminal } from "../terminal/terminal.ts";

interface RetryOptions {
  readonly data?: string;
  readonly region?: string;
  readonly stage?: string;
  readonly allActions?: boolean;
  readonly json?: boolean;
}

/** `trysail pipeline retry` */
export async function retry(name: string | undefined, options: RetryOptions): Promise<number> {
  const terminal = processTerminal({ isQuiet: options.json === true });
  const pipeline = await findPipeline(await connect(options.data), name, options.region);
  const view = await readExecution(pipeline, await latestExecution(pipeline));
  const stageName =
    options.stage ?? view.stages.find(({ status }) => status === "Failed" || status === "Stopped")?.name;
  if (stageName === undefined) {
    throw new TrysailError("nothing-to-retry", `No stage of ${pipeline.name} has failed or was stopped.`, {
      fault: "user",
      next: "Give one with --stage.",
    });
  }
  const { pipelineExecutionId: executionId } = await pipeline.client.send(
    new RetryStageExecutionCommand({
      pipelineName: pipeline.name,
      stageName,
      pipelineExecutionId: view.executionId,
      retryMode: options.allActions === true ? "ALL_ACTIONS" : "FAILED_ACTIONS",
    }),
  );
  terminal.line(
    options.json === true
      ? JSON.stringify({ pipeline: pipeline.name, stage: stageName, executionId })
      : `Retrying ${stageName} of ${pipeline.name}.`,
  );
  terminal.note(`See it with: trysail pipeline watch ${pipeline.name}`);
  return exitCodes.ok;
}
