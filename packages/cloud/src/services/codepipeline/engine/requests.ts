import { rulesOf } from "../model/definition.ts";
import { at, find, isParallel, refuse, running, tellPipeline, tellStage } from "./draft.ts";
import type { At, Draft } from "./draft.ts";
import {
  abandonActions,
  abandonRules,
  act,
  again,
  enter,
  hold,
  leave,
  startRollback,
  stopHere,
  succeed,
} from "./stages.ts";
import type { Execution, Happening, Refusal } from "./state.ts";

type Request<K extends Happening["kind"]> = Extract<Happening, { kind: K }>;

const isRefusal = (found: Refusal | object): found is Refusal => "kind" in found && found.kind === "refused";

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StopPipelineExecution.html */
export function stopExecution(draft: Draft, { executionId, abandon, reason }: Request<"stop">): Refusal | undefined {
  const execution = find(draft, executionId);
  if (execution === undefined) return unknownExecution(draft, executionId);
  const { at: place, stop } = execution;
  if (place === undefined || (execution.status !== "InProgress" && execution.status !== "Stopping")) {
    return refuse(
      "PipelineExecutionNotStoppableException",
      `The pipeline execution ${executionId} cannot be stopped: its status is ${execution.status}.`,
    );
  }
  if (stop !== undefined && (stop.abandon || !abandon)) {
    return refuse(
      "DuplicatedStopRequestException",
      `The pipeline execution ${executionId} is already stopping. You can stop and abandon it, unless that is what it was told already.`,
    );
  }
  execution.stop = { abandon, reason };
  if (place.waiting) {
    execution.status = "Stopped";
    leave(draft, execution);
    tellPipeline(draft, execution, "STOPPED");
    return undefined;
  }
  const here = at(draft, execution, place.stage);
  abandonRules(draft, here, "Abandoned");
  if (abandon) abandonActions(draft, here);
  if (running(here.run).length === 0) {
    stopHere(draft, here);
    return undefined;
  }
  execution.status = "Stopping";
  here.run.status = "Stopping";
  tellStage(draft, here, "STOPPING");
  tellPipeline(draft, execution, "STOPPING");
  return undefined;
}

function unknownExecution(draft: Draft, id: string): Refusal {
  return refuse(
    "PipelineExecutionNotFoundException",
    `The pipeline execution ${id} does not exist in the pipeline ${draft.definition.name}.`,
  );
}

/** The stage that a request names, in an execution that is still the last to have entered it. */
function latestIn(draft: Draft, executionId: string, stage: string): At | Refusal {
  const index = draft.definition.stages.findIndex(({ name }) => name === stage);
  if (index < 0)
    return refuse(
      "StageNotFoundException",
      `The stage '${stage}' does not exist in the pipeline ${draft.definition.name}.`,
    );
  const execution = find(draft, executionId);
  if (execution === undefined) return unknownExecution(draft, executionId);
  const isOutdated =
    execution.pipelineVersion !== draft.definition.version ||
    (!isParallel(draft) && draft.flow.stages[index]?.latest !== executionId);
  if (isOutdated) {
    return refuse(
      "NotLatestPipelineExecutionException",
      `The stage '${stage}' has run in a later execution of the pipeline, or the pipeline has changed since the execution ${executionId}.`,
    );
  }
  return at(draft, execution, index);
}

/** Takes the execution up again in a stage where it had ended. */
function resume(draft: Draft, here: At): void {
  const { execution, run } = here;
  hold(draft, here);
  const hadEnded = execution.status !== "InProgress";
  execution.status = "InProgress";
  execution.stop = undefined;
  run.status = "InProgress";
  if (!hadEnded) return;
  execution.attempt += 1;
  tellPipeline(draft, execution, "RESUMED");
  tellStage(draft, here, "RESUMED");
}

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_RetryStageExecution.html */
export function retryStage(draft: Draft, { executionId, stage, mode }: Request<"retry">): Refusal | undefined {
  const here = latestIn(draft, executionId, stage);
  if (isRefusal(here)) return here;
  const { run, flow, declared, execution } = here;
  const notRetryable = (why: string) =>
    refuse("StageNotRetryableException", `The stage '${stage}' cannot be retried: ${why}.`);
  if (run.status !== "Failed" && run.status !== "Stopped")
    return notRetryable("it contains no failed or stopped action");
  if (flow.occupant !== undefined && flow.occupant !== executionId)
    return notRetryable(`the execution ${flow.occupant} is in it`);
  if (mode === "ALL_ACTIONS" && running(run).length > 0) return notRetryable("some of its actions are in progress");
  resume(draft, here);
  run.retries = { ...run.retries, manual: run.retries.manual + 1, latest: "ManualStageRetry" };
  const entry = run.conditions.beforeEntry;
  const hasEntryCondition = execution.type === "STANDARD" && rulesOf(declared, "beforeEntry").length > 0;
  if (hasEntryCondition && entry?.status !== "Succeeded" && entry?.status !== "Overridden") enter(draft, here);
  else again(draft, here, mode);
  return undefined;
}

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_RollbackStage.html */
export function rollbackStage(
  draft: Draft,
  { executionId, stage, targetId, by }: Request<"rollback">,
): Refusal | undefined {
  const index = draft.definition.stages.findIndex(({ name }) => name === stage);
  const flow = draft.flow.stages[index];
  if (flow === undefined)
    return refuse(
      "StageNotFoundException",
      `The stage '${stage}' does not exist in the pipeline ${draft.definition.name}.`,
    );
  const target = find(draft, targetId);
  if (target === undefined) return unknownExecution(draft, targetId);
  const why =
    whyNoRollback(draft, index, target) ?? (flow.occupant === undefined ? undefined : "the stage is in progress");
  if (why !== undefined)
    return refuse("UnableToRollbackStageException", `Unable to roll back the stage '${stage}': ${why}.`);
  startRollback(draft, index, target, executionId, { type: "ManualRollback", detail: by });
  return undefined;
}

function whyNoRollback(draft: Draft, index: number, target: Execution): string | undefined {
  if (index === 0) return "a source stage cannot be rolled back";
  if (isParallel(draft)) return "pipelines in PARALLEL mode cannot be rolled back";
  if (target.type === "ROLLBACK") return `the execution ${target.id} is a rollback itself`;
  if (target.pipelineVersion !== draft.definition.version)
    return `the pipeline has changed since the execution ${target.id}`;
  if (target.stages[index]?.status !== "Succeeded") return `the execution ${target.id} has not succeeded in it`;
  return undefined;
}

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_OverrideStageCondition.html */
export function overrideCondition(
  draft: Draft,
  { executionId, stage, condition }: Request<"override">,
): Refusal | undefined {
  const here = latestIn(draft, executionId, stage);
  if (isRefusal(here)) return here;
  const { run, flow } = here;
  const state = run.conditions[condition];
  const isChecking = run.step.kind === "checking" && run.step.condition === condition;
  const hasFailed = run.status === "Failed" && (state?.status === "Failed" || state?.status === "Errored");
  if (
    state === undefined ||
    !(isChecking || hasFailed) ||
    (flow.occupant !== undefined && flow.occupant !== executionId)
  ) {
    return refuse(
      "ConditionNotOverridableException",
      `The stage '${stage}' has no ${condition} condition that is in progress or has failed.`,
    );
  }
  abandonRules(draft, here, "Overridden");
  state.status = "Overridden";
  state.changedAt = draft.environment.now;
  resume(draft, here);
  if (condition === "beforeEntry") act(draft, here);
  else succeed(draft, here);
  return undefined;
}
