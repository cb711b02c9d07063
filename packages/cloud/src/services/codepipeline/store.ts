import type { AccountId, Region } from "@trysail/core";
import type { Context } from "../../kernel/context.ts";
import { table } from "../../store/table.ts";
import type { Execution, Flow } from "./engine/state.ts";
import { errors } from "./errors.ts";
import { actionType, actionTypeKey } from "./model/action-types.ts";
import type { ActionTypeFacts } from "./model/action-types.ts";
import type { Definition, TypeId } from "./model/definition.ts";
import type { Awaited, CustomActionType, Job, Pipeline, RunRecord, Waiter, Watcher, Webhook } from "./model.ts";

export const tables = {
  pipelines: table<string, Pipeline>("pipelines"),
  definitions: table<[pipeline: string, version: number], Definition>("definitions"),
  flows: table<string, Flow>("flows"),
  executions: table<[pipeline: string, order: number], Execution>("executions"),
  executionOrders: table<[pipeline: string, id: string], number>("execution-orders"),
  /** Executions that a request with that token has started. */
  requestTokens: table<[pipeline: string, token: string], string>("request-tokens"),
  runs: table<[pipeline: string, number: number], RunRecord>("runs"),
  /** For all accounts and regions: an action may run in others than its pipeline. */
  waiters: table<[what: string, id: string], Waiter>("waiters", "partition"),
  /** Who is to be told of what happens to a repository or bucket. One row each: every write of an object looks for it. */
  watchers: table<string, readonly Watcher[]>("watchers", "partition"),
  jobs: table<string, Job>("jobs"),
  customTypes: table<string, CustomActionType>("custom-action-types"),
  webhooks: table<string, Webhook>("webhooks"),
};

export function findPipeline(ctx: Context, name: string): Pipeline {
  const pipeline = ctx.table(tables.pipelines).get(name);
  if (pipeline === undefined) {
    throw errors.PipelineNotFoundException(`Account '${ctx.account}' does not have a pipeline with name '${name}'`);
  }
  return pipeline;
}

export function definitionOf(ctx: Context, name: string, version: number): Definition {
  const definition = ctx.table(tables.definitions).get([name, version]);
  if (definition === undefined) {
    throw errors.PipelineVersionNotFoundException(`The pipeline '${name}' has no version ${version}.`);
  }
  return definition;
}

export function flowOf(ctx: Context, name: string): Flow {
  const flow = ctx.table(tables.flows).get(name);
  if (flow === undefined) throw new Error(`the pipeline ${name} has no flow`);
  return flow;
}

export function findExecution(ctx: Context, pipeline: string, id: string): Execution | undefined {
  const order = ctx.table(tables.executionOrders).get([pipeline, id]);
  return order === undefined ? undefined : ctx.table(tables.executions).get([pipeline, order]);
}

export function existingExecution(ctx: Context, pipeline: string, id: string): Execution {
  const execution = findExecution(ctx, pipeline, id);
  if (execution === undefined) {
    throw errors.PipelineExecutionNotFoundException(
      `The pipeline execution with ID '${id}' for pipeline '${pipeline}' cannot be found.`,
    );
  }
  return execution;
}

/** AWS's own action types, and the account's custom ones. */
export function lookUpActionType(ctx: Context, id: TypeId): ActionTypeFacts | undefined {
  const own = actionType(id);
  if (own !== undefined || id.owner !== "Custom") return own;
  return ctx.table(tables.customTypes).get(actionTypeKey(id))?.facts;
}

/** Forgets everything that is kept under a pipeline's name. */
export function removePipeline(ctx: Context, name: string): void {
  for (const def of [
    tables.definitions,
    tables.executions,
    tables.executionOrders,
    tables.requestTokens,
    tables.runs,
  ] as const) {
    const rows = ctx.table<readonly [string, string | number], unknown>(def);
    for (const key of Array.from(rows.keys({ prefix: [name] }))) rows.delete(key);
  }
  for (const [key, job] of Array.from(ctx.table(tables.jobs).entries()))
    if (job.pipeline === name) ctx.table(tables.jobs).delete(key);
  ctx.table(tables.flows).delete(name);
  ctx.table(tables.pipelines).delete(name);
}

/** Wakes the run that waits for this, if one does: it may have happened. */
export function wakeRun(ctx: Context, what: Awaited): void {
  const waiters = ctx.table(tables.waiters);
  const waiter = waiters.get([...what]);
  if (waiter === undefined) return;
  const runs = ctx.as({ account: waiter.account as AccountId, region: waiter.region as Region }).table(tables.runs);
  ctx.transaction(() => {
    const record = runs.get([waiter.pipeline, waiter.run]);
    if (record?.status === "InProgress")
      runs.put([waiter.pipeline, waiter.run], { ...record, wakes: record.wakes + 1 });
    else waiters.delete([...what]);
  });
}
