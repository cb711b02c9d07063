import { actionNamed } from "../model/definition.ts";
import { at, draftOf, executionOf, find, refuse, tellPipeline, tellStage } from "./draft.ts";
import type { Draft } from "./draft.ts";
import { overrideCondition, retryStage, rollbackStage, stopExecution } from "./requests.ts";
import { abandonActions, abandonRules, act, admit, enqueue, freshFields, judge, leave } from "./stages.ts";
import type { Environment, Execution, Happening, Outcome, Refusal, World } from "./state.ts";
import { freshFlow } from "./state.ts";

/** In QUEUED and PARALLEL mode. @see https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html */
export const mostExecutions = 50;

/**
 * What a happening makes of a pipeline. Pure: the world is left as it is. A happening that is repeated, or comes too
 * late, changes nothing.
 */
export function transition(world: World, happening: Happening, environment: Environment): Outcome {
  const draft = draftOf(world, environment);
  const refusal = apply(draft, happening);
  if (refusal !== undefined) return refusal;
  if (happening.kind !== "replaced") admit(draft);
  const flow = happening.kind === "replaced" ? freshFlow(happening.by, draft.flow) : draft.flow;
  return { kind: "changed", flow, executions: [...draft.touched.values()], effects: draft.effects };
}

function apply(draft: Draft, happening: Happening): Refusal | undefined {
  switch (happening.kind) {
    case "start":
      return start(draft, happening);
    case "action-ended":
      return actionEnded(draft, happening);
    case "rule-ended":
      return ruleEnded(draft, happening);
    case "stop":
      return stopExecution(draft, happening);
    case "retry":
      return retryStage(draft, happening);
    case "rollback":
      return rollbackStage(draft, happening);
    case "override":
      return overrideCondition(draft, happening);
    case "close-transition":
    case "open-transition": {
      const stage = draft.flow.stages.find(({ name }) => name === happening.stage);
      if (stage === undefined)
        return refuse("StageNotFoundException", `The stage '${happening.stage}' does not exist in the pipeline.`);
      stage.closed = happening.kind === "close-transition" ? { reason: happening.reason } : undefined;
      stage.changed = { by: happening.by, at: draft.environment.now };
      return undefined;
    }
    case "replaced":
      for (const id of draft.flow.live) cancel(draft, executionOf(draft, id));
      return undefined;
  }
}

function start(
  draft: Draft,
  { executionId, trigger, variables, sourceOverrides }: Happening & { kind: "start" },
): Refusal | undefined {
  // The same request once more.
  if (find(draft, executionId) !== undefined) return undefined;
  const { name, version = 1, executionMode = "SUPERSEDED" } = draft.definition;
  if (executionMode !== "SUPERSEDED" && draft.flow.live.length >= mostExecutions) {
    return refuse(
      "ConcurrentPipelineExecutionsLimitExceededException",
      `The pipeline ${name} has reached the limit of ${mostExecutions} concurrent executions.`,
    );
  }
  const execution: Execution = {
    ...freshFields(draft, executionId, trigger),
    pipeline: name,
    pipelineVersion: version,
    mode: executionMode,
    type: "STANDARD",
    rollbackTarget: undefined,
    at: undefined,
    variables,
    sourceOverrides,
    outputs: {},
    artifacts: {},
    revisions: {},
  };
  draft.touched.set(executionId, execution);
  draft.flow.live.push(executionId);
  tellPipeline(draft, execution, "STARTED");
  enqueue(draft, execution, 0);
  return undefined;
}

function actionEnded(
  draft: Draft,
  { executionId, stage, action, runId, result }: Happening & { kind: "action-ended" },
): undefined {
  const execution = find(draft, executionId);
  const index = execution?.stages.findIndex(({ name }) => name === stage) ?? -1;
  const run = execution?.stages[index]?.actions[action];
  if (execution === undefined || run?.id !== runId || run.status !== "InProgress") return;
  if (result.status === "succeeded") {
    run.status = "Succeeded";
    const namespace = actionNamed(draft.definition, stage, action)?.namespace;
    if (namespace !== undefined) execution.outputs[namespace] = { ...result.variables };
    for (const artifact of result.artifacts) execution.artifacts[artifact.name] = artifact;
    if (result.revision !== undefined) execution.revisions[action] = { actionName: action, ...result.revision };
  } else {
    run.status = "Failed";
  }
  execution.updatedAt = draft.environment.now;
  act(draft, at(draft, execution, index));
}

function ruleEnded(
  draft: Draft,
  { executionId, stage, rule, runId, passed, errored = false }: Happening & { kind: "rule-ended" },
): undefined {
  const execution = find(draft, executionId);
  const index = execution?.stages.findIndex(({ name }) => name === stage) ?? -1;
  const stageRun = execution?.stages[index];
  if (execution === undefined || stageRun?.step.kind !== "checking") return;
  const condition = stageRun.conditions[stageRun.step.condition];
  const run = condition?.rules[rule];
  if (condition === undefined || run?.id !== runId || run.status !== "InProgress") return;
  run.status = passed ? "Succeeded" : "Failed";
  if (errored) condition.status = "Errored";
  execution.updatedAt = draft.environment.now;
  judge(draft, at(draft, execution, index), stageRun.step.condition);
}

/** Ends an execution because its definition is no more. */
function cancel(draft: Draft, execution: Execution): void {
  const { at: place } = execution;
  if (place !== undefined && !place.waiting) {
    const here = at(draft, execution, place.stage);
    abandonRules(draft, here, "Cancelled");
    abandonActions(draft, here);
    here.run.step = { kind: "over" };
    if (here.run.status !== "Failed") {
      here.run.status = "Cancelled";
      tellStage(draft, here, "CANCELED");
    }
  }
  leave(draft, execution);
  if (execution.status === "Failed") return;
  execution.status = "Cancelled";
  tellPipeline(draft, execution, "CANCELED");
}
