import type { StackStatus } from "@aws-sdk/client-cloudformation";
import type { Millis } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { instantiate, readTemplate } from "../environment.ts";
import type { Instance } from "../environment.ts";
import type { Operation, Stack, TaskState } from "../model.ts";
import { putStatus, resourcesOf, tables, templateOf } from "../store.ts";
import { dependencyGraph } from "../template/validate.ts";
import type { Graph } from "../template/graph.ts";
import { functionsIn } from "../template/references.ts";
import { resolve } from "../template/resolve.ts";
import { applyResource } from "./apply.ts";
import type { Applied } from "./apply.ts";
import { outputsOf, publish } from "./finish.ts";
import { after, statusIn, stopsOnFailure, wholeStatuses } from "./phases.ts";
import { removalGraph, removalsIn, removeResource } from "./remove.ts";
import { restoreResource } from "./restore.ts";
import { ready, running } from "./schedule.ts";
import { putRow } from "./step.ts";

/** Steps of one stack that are taken at the same time. */
const mostAtOnce = 50;

/** The steps of one phase. */
interface Work {
  readonly graph: Graph;
  take(task: string, operation: Operation): Promise<Applied>;
}

/** Takes every step that can be taken now. @returns when to look again, if something takes its time */
export async function advance(ctx: Context, stackId: string): Promise<{ readonly wakeAt: Millis } | void> {
  for (;;) {
    const operation = ctx.table(tables.operations).get(stackId);
    const stack = ctx.table(tables.stacks).get(stackId);
    if (operation === undefined || stack === undefined) return undefined;
    const instance =
      operation.phase === "create" || operation.phase.startsWith("update")
        ? instanceFor(ctx, stack, operation)
        : undefined;
    const wakeAt = await runPhase(ctx, stackId, operation, workIn(ctx, stack, operation, instance));
    if (wakeAt !== undefined) return { wakeAt };
    if (ctx.signal.aborted) return undefined;
    await goOn(ctx.as({}), stackId, instance);
  }
}

/** The template that the operation brings about, with what is known now. */
function instanceFor(ctx: Context, stack: Stack, operation: Operation): Instance {
  const desired = operation.desired ?? stack;
  const template = readTemplate(
    templateOf(ctx, stack.id, operation.desired === undefined ? "current" : "next"),
    desired.values,
  );
  const rows = ctx.table(tables.resources);
  return instantiate(ctx, stack, template, desired, (logicalId) => rows.get([stack.id, logicalId]));
}

function workIn(ctx: Context, stack: Stack, operation: Operation, instance: Instance | undefined): Work {
  const tags = { before: stack.tags, after: operation.desired?.tags ?? stack.tags };
  switch (operation.phase) {
    case "create":
    case "update": {
      if (instance === undefined) throw new Error("a phase that makes resources has a template");
      const present = [...dependencyGraph(instance.template)].filter(([id]) => instance.present.has(id));
      return {
        graph: new Map(present),
        take: (id, current) => applyResource(ctx.as({}), { stack, tags }, current, instance, id),
      };
    }
    case "update-rollback": {
      const previous = [...ctx.table(tables.previous).values({ prefix: [stack.id] })];
      const scope = { stack, tags: { before: tags.after, after: tags.before } };
      return {
        graph: new Map(previous.map(({ logicalId, dependsOn }) => [logicalId, new Set(dependsOn)])),
        take: (id, current) => restoreResource(ctx.as({}), scope, current, id),
      };
    }
    case "create-rollback":
    case "update-cleanup":
    case "rollback-cleanup":
    case "delete": {
      const removals = new Map(
        removalsIn(ctx, operation, instance?.present ?? new Set()).map((removal) => [removal.task, removal]),
      );
      return {
        graph: removalGraph([...removals.values()]),
        take: async (task, current) => {
          const removal = removals.get(task);
          return removal === undefined
            ? { status: "done", action: "update" }
            : removeResource(ctx.as({}), { stack, tags }, current, removal);
        },
      };
    }
    default:
      return operation.phase satisfies never;
  }
}

/** Runs a phase until nothing runs and nothing can begin. @returns when to look again, if steps wait */
async function runPhase(ctx: Context, stackId: string, begun: Operation, work: Work): Promise<Millis | undefined> {
  const operations = ctx.table(tables.operations);
  const inFlight = new Map<string, Promise<void>>();
  const waiting = new Map<string, Millis>();
  const change = (update: (operation: Operation) => Operation) =>
    ctx.transaction(() => {
      const operation = operations.get(stackId);
      if (operation !== undefined) operations.put(stackId, update(operation));
    });
  const mark = (task: string, state: TaskState) => (operation: Operation) => ({
    ...operation,
    idle: false,
    tasks: { ...operation.tasks, [task]: state },
  });

  const take = async (task: string, operation: Operation): Promise<void> => {
    const result = await work.take(task, operation);
    if (result.status === "waiting") {
      waiting.set(task, result.until);
      return;
    }
    const { status, action } = result;
    const removing = !["create", "update", "update-rollback"].includes(begun.phase);
    change((current) => {
      const marked = mark(task, status)(current);
      if (status === "done") return marked;
      const [logicalId = task] = task.split("/");
      return { ...marked, failures: [...current.failures, { logicalId, action: removing ? "delete" : action }] };
    });
  };

  for (;;) {
    const operation = operations.get(stackId) ?? begun;
    const isCancelled =
      operation.cancelled !== undefined && (operation.phase === "create" || operation.phase === "update");
    const interrupted = running(work.graph, operation.tasks).filter(
      (task) => !inFlight.has(task) && !waiting.has(task),
    );
    const next = isCancelled || ctx.signal.aborted ? [] : ready(work.graph, operation.tasks, stopsOnFailure(operation));
    for (const task of [...(ctx.signal.aborted ? [] : interrupted), ...next].slice(0, mostAtOnce - inFlight.size)) {
      if (next.includes(task)) change(mark(task, "running"));
      inFlight.set(
        task,
        take(task, operation).finally(() => inFlight.delete(task)),
      );
    }
    if (inFlight.size > 0) {
      await Promise.race(inFlight.values());
      continue;
    }
    const failed = Object.values(operation.tasks).includes("failed") && stopsOnFailure(operation);
    const late =
      operation.phase === "create" && operation.deadline !== undefined && ctx.as({}).now >= operation.deadline;
    if (waiting.size > 0 && (isCancelled || failed || late)) {
      giveUp(ctx, stackId, [...waiting.keys()], late);
      return undefined;
    }
    if (waiting.size === 0 || ctx.signal.aborted) return undefined;
    if (!operation.idle) change((current) => ({ ...current, idle: true }));
    return Math.min(...waiting.values(), operation.deadline ?? Number.POSITIVE_INFINITY);
  }
}

/** Ends steps that wait, because the operation ends early. */
function giveUp(ctx: Context, stackId: string, tasks: readonly string[], late: boolean): void {
  ctx.transaction(() => {
    const stack = ctx.table(tables.stacks).get(stackId);
    const operation = ctx.table(tables.operations).get(stackId);
    if (stack === undefined || operation === undefined) return;
    const states = { ...operation.tasks };
    for (const row of resourcesOf(ctx, stackId).filter(({ logicalId }) => tasks.includes(logicalId))) {
      states[row.logicalId] = "failed";
      const creating = row.physicalId === undefined;
      const reason = late ? "Resource creation timed out" : `Resource ${creating ? "creation" : "update"} cancelled`;
      putRow(ctx, stack, row, creating ? "CREATE_FAILED" : "UPDATE_FAILED", reason);
    }
    ctx.table(tables.operations).put(stackId, { ...operation, tasks: states, idle: false });
  });
}

/** Ends a phase: begins the next, or ends the operation. */
async function goOn(ctx: Context, stackId: string, instance: Instance | undefined): Promise<void> {
  const operation = ctx.table(tables.operations).get(stackId);
  const stack = ctx.table(tables.stacks).get(stackId);
  if (operation === undefined || stack === undefined) return;
  const { phase, onFailure, cancelled } = operation;
  const making = phase === "create" || phase === "update";
  let succeeded = !Object.values(operation.tasks).includes("failed") && !(making && cancelled !== undefined);
  let reason = reasonFor(operation);
  const outputs = making && succeeded && instance !== undefined ? await outputsOf(ctx, stack, instance) : undefined;
  if (outputs !== undefined && "reason" in outputs) {
    succeeded = false;
    reason = outputs.reason;
  }
  const next = after(phase, succeeded, onFailure, cancelled?.delete === true);
  ctx.transaction(() => {
    const settled =
      outputs !== undefined && !("reason" in outputs) ? { ...settle(stack, operation, ctx.now), outputs } : stack;
    if (settled !== stack) {
      publish(ctx, stack, settled.outputs, importsOf(instance));
      const templates = ctx.table(tables.templates);
      const text = templates.get([stackId, "next"]);
      if (text !== undefined) templates.put([stackId, "current"], text);
      if (text !== undefined) templates.delete([stackId, "next"]);
    }
    if ("phase" in next) {
      ctx.table(tables.operations).put(stackId, {
        ...operation,
        phase: next.phase,
        tasks: {},
        failures: [],
        // A rollback goes back to what the stack has; a clean-up begins with the stack as it is now.
        ...(next.phase === "update-cleanup" && { desired: undefined }),
      });
      putStatus(ctx, settled, statusIn[next.phase], succeeded ? undefined : reason);
    } else {
      end(ctx, settled, operation, next.end, succeeded ? undefined : reason);
    }
  });
}

/** The stack with what an update has made of it. */
function settle(stack: Stack, operation: Operation, now: Millis): Stack {
  const { desired, changeSetId } = operation;
  return {
    ...stack,
    ...desired,
    changeSetId: changeSetId ?? stack.changeSetId,
    updatedAt: desired === undefined ? stack.updatedAt : now,
  };
}

/** The exports that a template imports, all of it taken together. */
function importsOf(instance: Instance | undefined): ReadonlySet<string> {
  if (instance === undefined) return new Set();
  const { template, environment, present, imported } = instance;
  for (const id of present) {
    const { properties = {} } = template.resources[id] ?? {};
    // Steps that an earlier run of Trysail has taken have not been resolved in this one.
    if ([...functionsIn(properties)].includes("Fn::ImportValue")) resolve(properties, environment);
  }
  return imported;
}

function reasonFor({ failures, cancelled }: Operation): string | undefined {
  if (cancelled !== undefined && failures.length === 0) return cancelled.reason;
  const named = (action: string) => {
    const ids = failures.filter((failure) => failure.action === action).map(({ logicalId }) => logicalId);
    return ids.length === 0 ? [] : [`The following resource(s) failed to ${action}: [${ids.join(", ")}].`];
  };
  return ["create", "update", "delete"].flatMap(named).join(" ") || undefined;
}

function end(ctx: Context, stack: Stack, operation: Operation, status: StackStatus, reason: string | undefined): void {
  const { id } = stack;
  const changeSets = ctx.table(tables.changeSets);
  const key =
    operation.changeSetId === undefined ? undefined : ctx.table(tables.changeSetIds).get(operation.changeSetId);
  const changeSet = key === undefined ? undefined : changeSets.get(key);
  if (key !== undefined && changeSet !== undefined) {
    const executed = status === "CREATE_COMPLETE" || status === "UPDATE_COMPLETE";
    changeSets.put(key, { ...changeSet, executionStatus: executed ? "EXECUTE_COMPLETE" : "EXECUTE_FAILED" });
  }
  const whole = wholeStatuses.includes(status);
  if (whole) {
    for (const key of Array.from(ctx.table(tables.previous).keys({ prefix: [id] })))
      ctx.table(tables.previous).delete(key);
    for (const key of Array.from(ctx.table(tables.leftovers).keys({ prefix: [id] })))
      ctx.table(tables.leftovers).delete(key);
    ctx.table(tables.templates).delete([id, "next"]);
  }
  const isGone = status === "DELETE_COMPLETE";
  const ended: Stack = {
    ...stack,
    series: whole ? undefined : stack.series,
    deletedAt: isGone ? ctx.now : stack.deletedAt,
  };
  putStatus(ctx, ended, status, reason);
  ctx.table(tables.operations).delete(id);
  if (!isGone) return;
  publish(ctx, stack, [], new Set());
  const names = ctx.table(tables.names);
  if (names.get(stack.name) === id) names.delete(stack.name);
  for (const [place, { id: changeSetId }] of Array.from(changeSets.entries({ prefix: [id] }))) {
    changeSets.delete(place);
    ctx.table(tables.changeSetIds).delete(changeSetId);
    ctx.table(tables.templates).delete([id, changeSetId]);
  }
}
