import type { Context } from "../../kernel/context.ts";
import { emitActionEvent, emitExecutionEvent } from "./events.ts";
import type { Effect, Execution, Happening } from "./engine/state.ts";
import { transition } from "./engine/transition.ts";
import { errors } from "./errors.ts";
import { actionNamed, rulesOf, stageNamed } from "./model/definition.ts";
import type { Definition } from "./model/definition.ts";
import type { Pipeline, RunRecord } from "./model.ts";
import { definitionOf, findExecution, findPipeline, flowOf, lookUpActionType, tables } from "./store.ts";

const minuteMs = 60_000;

/**
 * Lets something happen to a pipeline: the state that follows, the runs that it asks for and the events that tell of
 * it are written in one transaction.
 *
 * @throws AwsError with which the engine refuses a request
 */
export function happen(ctx: Context, name: string, happening: Happening): void {
  ctx.transaction(() => {
    const pipeline = findPipeline(ctx, name);
    const definition = definitionOf(ctx, name, pipeline.version);
    const world = { definition, flow: flowOf(ctx, name), execution: (id: string) => findExecution(ctx, name, id) };
    const outcome = transition(world, happening, { now: ctx.now, newId: () => ctx.ids.uuid() });
    if (outcome.kind === "refused") throw errors[outcome.code](outcome.message);
    ctx.table(tables.flows).put(name, outcome.flow);
    for (const execution of outcome.executions) saveExecution(ctx, execution);
    for (const effect of outcome.effects) carryOut(ctx, pipeline, definition, effect);
  });
}

function saveExecution(ctx: Context, execution: Execution): void {
  ctx.table(tables.executions).put([execution.pipeline, execution.order], execution);
  ctx.table(tables.executionOrders).put([execution.pipeline, execution.id], execution.order);
}

function carryOut(ctx: Context, pipeline: Pipeline, definition: Definition, effect: Effect): void {
  const execution = findExecution(ctx, pipeline.name, effect.executionId);
  if (execution === undefined)
    throw new Error(`an effect names the execution ${effect.executionId}, which is not there`);
  const runs = ctx.table(tables.runs);
  switch (effect.kind) {
    case "pipeline-event":
    case "stage-event":
      emitExecutionEvent(ctx, pipeline, execution, effect);
      return;
    case "run-action":
    case "run-rule": {
      const record = newRecord(ctx, definition, execution, effect);
      runs.put([pipeline.name, record.number], record);
      emitActionEvent(ctx, pipeline, definition, execution, record, "STARTED");
      return;
    }
    case "abandon-action":
    case "abandon-rule": {
      const record = runs.get([pipeline.name, effect.run.number]);
      if (record === undefined) return;
      const abandoned: RunRecord = { ...record, status: "Abandoned", token: undefined, updatedAt: ctx.now };
      runs.put([pipeline.name, record.number], abandoned);
      emitActionEvent(ctx, pipeline, definition, execution, abandoned, "ABANDONED");
      return;
    }
  }
}

function newRecord(
  ctx: Context,
  definition: Definition,
  execution: Execution,
  effect: Extract<Effect, { kind: "run-action" | "run-rule" }>,
): RunRecord {
  const isAction = effect.kind === "run-action";
  const stage = stageNamed(definition, effect.stage);
  const action = isAction ? actionNamed(definition, effect.stage, effect.action) : undefined;
  const rule =
    !isAction && stage !== undefined
      ? rulesOf(stage, effect.condition).find(({ name }) => name === effect.rule)
      : undefined;
  const timeoutMinutes =
    (action ?? rule)?.timeoutInMinutes ?? (action && lookUpActionType(ctx, action.actionTypeId)?.timeoutMinutes);
  return {
    subject: isAction ? { kind: "action" } : { kind: "rule", condition: effect.condition },
    id: effect.run.id,
    number: effect.run.number,
    pipeline: definition.name,
    pipelineVersion: execution.pipelineVersion,
    executionId: execution.id,
    stage: effect.stage,
    name: isAction ? effect.action : effect.rule,
    region: (action ?? rule)?.region ?? ctx.region,
    roleArn: (action ?? rule)?.roleArn,
    startedAt: ctx.now,
    deadline: timeoutMinutes === undefined ? undefined : ctx.now + timeoutMinutes * minuteMs,
    updatedAt: ctx.now,
    status: "InProgress",
    input: undefined,
    progress: undefined,
    summary: undefined,
    percentComplete: undefined,
    externalId: undefined,
    externalUrl: undefined,
    logStreamArn: undefined,
    error: undefined,
    token: undefined,
    updatedBy: undefined,
    variables: {},
    wakes: 0,
  };
}

/** How a run has ended. */
export type RunEnd =
  | {
      readonly status: "succeeded";
      readonly variables?: Readonly<Record<string, string>>;
      /** Of the declared outputs, those that were made. @defaultValue all */
      readonly made?: readonly string[];
      /** Of a source action. */
      readonly revision?: {
        readonly revisionId: string;
        readonly revisionSummary: string | undefined;
        readonly revisionUrl: string | undefined;
      };
    }
  | { readonly status: "failed"; readonly code: string; readonly message: string };

/** Notes a run's end and lets the pipeline go on. Does nothing if the run has ended already. */
export function endRun(
  ctx: Context,
  seen: RunRecord,
  end: RunEnd,
  changes: Partial<
    Pick<RunRecord, "summary" | "externalId" | "externalUrl" | "logStreamArn" | "updatedBy" | "percentComplete">
  > = {},
): void {
  ctx.transaction(() => {
    const runs = ctx.table(tables.runs);
    const record = runs.get([seen.pipeline, seen.number]);
    if (record?.id !== seen.id || record.status !== "InProgress") return;
    const ended: RunRecord = {
      ...record,
      ...changes,
      status: end.status === "succeeded" ? "Succeeded" : "Failed",
      variables: end.status === "succeeded" ? (end.variables ?? {}) : {},
      error: end.status === "failed" ? { code: end.code, message: end.message } : undefined,
      token: undefined,
      updatedAt: ctx.now,
    };
    runs.put([ended.pipeline, ended.number], ended);
    const pipeline = findPipeline(ctx, ended.pipeline);
    const execution = findExecution(ctx, ended.pipeline, ended.executionId);
    if (execution === undefined) return;
    emitActionEvent(
      ctx,
      pipeline,
      definitionOf(ctx, pipeline.name, ended.pipelineVersion),
      execution,
      ended,
      end.status === "succeeded" ? "SUCCEEDED" : "FAILED",
    );
    happen(ctx, ended.pipeline, happeningOf(ended, end));
  });
}

/** What rules fail with that could be carried out, and say no. */
const unmet = ["RuleFailed", "JobFailed"];

function happeningOf(record: RunRecord, end: RunEnd): Happening {
  const { executionId, stage, id: runId, name } = record;
  if (record.subject.kind === "rule") {
    const errored = end.status === "failed" && !unmet.includes(end.code);
    return { kind: "rule-ended", executionId, stage, rule: name, runId, passed: end.status === "succeeded", errored };
  }
  if (end.status === "failed")
    return { kind: "action-ended", executionId, stage, action: name, runId, result: { status: "failed" } };
  const { variables = {}, made, revision } = end;
  const outputs = (record.input?.outputs ?? []).filter(
    (artifact) => made === undefined || made.includes(artifact.name),
  );
  const artifacts = outputs.map(({ name, key, region, bucket }) => ({
    name,
    key,
    region,
    bucket,
    revision: revision && {
      id: revision.revisionId,
      summary: revision.revisionSummary,
      url: revision.revisionUrl,
      createdAt: record.updatedAt,
    },
  }));
  return {
    kind: "action-ended",
    executionId,
    stage,
    action: name,
    runId,
    result: { status: "succeeded", variables, artifacts, ...(revision !== undefined && { revision }) },
  };
}
