import {
  GetPipelineStateCommand,
  ListPipelineExecutionsCommand,
  RollbackStageCommand,
} from "@aws-sdk/client-codepipeline";
import type { PipelineExecutionSummary } from "@aws-sdk/client-codepipeline";
import { TrysailError } from "@trysail/core";
import { connect } from "../connection.ts";
import { exitCodes } from "../exit-codes.ts";
import { findPipeline } from "../pipeline/pipelines.ts";
import type { FoundPipeline } from "../pipeline/pipelines.ts";
import { processTerminal } from "../terminal/terminal.ts";

interface RollbackOptions {
  readonly data?: string;
  readonly region?: string;
  readonly stage: string;
  readonly to?: string;
  readonly json?: boolean;
}

/** `trysail pipeline rollback` */
export async function rollback(name: string | undefined, options: RollbackOptions): Promise<number> {
  const terminal = processTerminal({ isQuiet: options.json === true });
  const pipeline = await findPipeline(await connect(options.data), name, options.region);
  const target = options.to ?? (await lastGood(pipeline, options.stage));
  const { pipelineExecutionId: executionId } = await pipeline.client.send(
    new RollbackStageCommand({
      pipelineName: pipeline.name,
      stageName: options.stage,
      targetPipelineExecutionId: target,
    }),
  );
  terminal.line(
    options.json === true
      ? JSON.stringify({ pipeline: pipeline.name, stage: options.stage, executionId, target })
      : `Rolling ${options.stage} of ${pipeline.name} back to what execution ${target} had: ${executionId}`,
  );
  terminal.note(`See it with: trysail pipeline watch ${pipeline.name}`);
  return exitCodes.ok;
}

/** The last execution but the present one of the stage that has succeeded in it, and is no rollback itself. */
async function lastGood(pipeline: FoundPipeline, stage: string): Promise<string> {
  const { pipelineExecutionSummaries = [] } = await pipeline.client.send(
    new ListPipelineExecutionsCommand({
      pipelineName: pipeline.name,
      filter: { succeededInStage: { stageName: stage } },
    }),
  );
  const target = rollbackTarget(pipelineExecutionSummaries, await presentIn(pipeline, stage));
  if (target !== undefined) return target;
  throw new TrysailError(
    "nothing-to-roll-back-to",
    `No earlier execution of ${pipeline.name} has succeeded in ${stage}.`,
    { fault: "user" },
  );
}

async function presentIn(pipeline: FoundPipeline, stage: string): Promise<string | undefined> {
  const { stageStates = [] } = await pipeline.client.send(new GetPipelineStateCommand({ name: pipeline.name }));
  return stageStates.find(({ stageName }) => stageName === stage)?.latestExecution?.pipelineExecutionId;
}

/** @param succeeded - newest first */
export function rollbackTarget(
  succeeded: readonly PipelineExecutionSummary[],
  present: string | undefined,
): string | undefined {
  return succeeded.find(
    ({ pipelineExecutionId, executionType }) => pipelineExecutionId !== present && executionType !== "ROLLBACK",
  )?.pipelineExecutionId;
}
