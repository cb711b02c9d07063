import type { Context } from "../../../kernel/context.ts";
import type { Outcome, Properties } from "../../../kernel/resource.ts";
import type { Leftover, Operation, ResourceRow } from "../model.ts";
import { forgetStep } from "../signals.ts";
import { resourcesOf, tables } from "../store.ts";
import type { Graph } from "../template/graph.ts";
import type { Applied } from "./apply.ts";
import { stepToken } from "./names.ts";
import { followAll } from "./secrets.ts";
import { attempt, putRowEvent, requestFor, typeOf } from "./step.ts";
import type { StepScope } from "./step.ts";

/** A physical resource that is to go. */
export interface Removal {
  /** Names the task: the logical id, for a leftover with the physical id. */
  readonly task: string;
  readonly logicalId: string;
  readonly type: string;
  /** Undefined if nothing was ever made. */
  readonly physicalId: string | undefined;
  readonly properties: Properties;
  readonly dependsOn: readonly string[];
  /** It stays, and the stack lets go of it. */
  readonly retained: boolean;
  readonly isLeftover: boolean;
}

function ofRow(row: ResourceRow, retained: boolean): Removal {
  const { logicalId, type, dependsOn, pending } = row;
  const physicalId = row.physicalId ?? pending?.physicalId;
  const properties = row.physicalId === undefined && pending !== undefined ? pending.properties : row.properties;
  return { task: logicalId, logicalId, type, physicalId, properties, dependsOn, retained, isLeftover: false };
}

function ofLeftover(leftover: Leftover): Removal {
  return { ...leftover, task: `${leftover.logicalId}/${leftover.physicalId}`, isLeftover: true };
}

/**
 * What goes in a phase.
 *
 * @param wanted - logical ids that the stack is to have after an update
 */
export function removalsIn(ctx: Context, operation: Operation, wanted: ReadonlySet<string>): readonly Removal[] {
  const { stackId, phase, series, skipped } = operation;
  const rows = resourcesOf(ctx, stackId).filter(
    ({ status }) => status !== "DELETE_COMPLETE" && status !== "DELETE_SKIPPED",
  );
  const leftovers = [...ctx.table(tables.leftovers).values({ prefix: [stackId] })].map(ofLeftover);
  const isRetained = ({ deletionPolicy = "Delete" }: ResourceRow) => deletionPolicy.startsWith("Retain");
  // RetainExceptOnCreate keeps nothing of a creation that has failed.
  const isRetainedOnCreate = ({ deletionPolicy }: ResourceRow) =>
    deletionPolicy === "Retain" && !operation.retainExceptOnCreate;
  switch (phase) {
    case "update-cleanup":
      return [
        ...rows.filter(({ logicalId }) => !wanted.has(logicalId)).map((row) => ofRow(row, isRetained(row))),
        ...leftovers,
      ];
    case "rollback-cleanup":
      return [
        ...rows.filter(({ addedIn }) => addedIn === series).map((row) => ofRow(row, isRetainedOnCreate(row))),
        ...leftovers,
      ];
    case "create-rollback":
      return [...rows.map((row) => ofRow(row, isRetainedOnCreate(row))), ...leftovers];
    case "delete":
      return [...rows.map((row) => ofRow(row, isRetained(row) || skipped.includes(row.logicalId))), ...leftovers];
    case "create":
    case "update":
    case "update-rollback":
      return [];
    default:
      return phase satisfies never;
  }
}

/** Each removal after those of what depends on it. */
export function removalGraph(removals: readonly Removal[]): Graph {
  return new Map(
    removals.map(({ task, logicalId }) => [
      task,
      new Set(
        removals
          .filter((other) => other.logicalId !== logicalId && other.dependsOn.includes(logicalId))
          .map((other) => other.task),
      ),
    ]),
  );
}

export async function removeResource(
  ctx: Context,
  scope: StepScope,
  operation: Operation,
  removal: Removal,
): Promise<Applied> {
  const { logicalId, type, physicalId, properties, retained } = removal;
  const done: Applied = { status: "done", action: "update" };
  if (retained || physicalId === undefined) {
    ctx.transaction(() => finish(ctx, scope, operation, removal, retained));
    return done;
  }
  if (operation.tasks[removal.task] !== "running") {
    ctx.transaction(() => {
      const rows = ctx.table(tables.resources);
      const row = rows.get([scope.stack.id, logicalId]);
      if (!removal.isLeftover && row !== undefined)
        rows.put([scope.stack.id, logicalId], {
          ...row,
          status: "DELETE_IN_PROGRESS",
          statusReason: undefined,
          updatedAt: ctx.now,
        });
      putRowEvent(ctx, scope.stack, { logicalId, type, physicalId, properties }, "DELETE_IN_PROGRESS");
    });
  }
  const request = requestFor(ctx, scope, removal, stepToken(operation.token, removal.task, "delete"));
  const outcome = await attempt<Outcome>(async () =>
    typeOf(ctx, type).remove(ctx, physicalId, await followForRemoval(ctx, properties), request),
  );
  if (outcome.status === "waiting") return { status: "waiting", until: outcome.until };
  if (ctx.signal.aborted) return { status: "waiting", until: 0 };
  const ended = ctx.as({});
  const failed = outcome.status === "failed";
  ended.transaction(() => {
    if (outcome.status === "failed") {
      const rows = ended.table(tables.resources);
      const row = rows.get([scope.stack.id, logicalId]);
      if (!removal.isLeftover && row !== undefined)
        rows.put([scope.stack.id, logicalId], {
          ...row,
          status: "DELETE_FAILED",
          statusReason: outcome.reason,
          updatedAt: ended.now,
        });
      putRowEvent(ended, scope.stack, { logicalId, type, physicalId, properties }, "DELETE_FAILED", outcome.reason);
    }
    if (!failed || operation.force) finish(ended, scope, operation, removal, failed);
  });
  return failed && !operation.force ? { status: "failed", action: "update" } : done;
}

/** A secret that is gone already must not keep a resource from being removed. */
async function followForRemoval(ctx: Context, properties: Properties): Promise<Properties> {
  try {
    return await followAll(ctx, properties);
  } catch {
    return properties;
  }
}

function finish(ctx: Context, { stack }: StepScope, { phase }: Operation, removal: Removal, kept: boolean): void {
  const { logicalId, physicalId, isLeftover } = removal;
  const status = kept ? "DELETE_SKIPPED" : "DELETE_COMPLETE";
  putRowEvent(ctx, stack, removal, status);
  const rows = ctx.table(tables.resources);
  const row = rows.get([stack.id, logicalId]);
  if (!isLeftover) forgetStep(ctx, stack.id, logicalId);
  if (isLeftover) ctx.table(tables.leftovers).delete([stack.id, logicalId, physicalId ?? ""]);
  // Of a stack that goes as a whole, it can still be told what it had.
  else if (row !== undefined && (phase === "delete" || phase === "create-rollback")) {
    rows.put([stack.id, logicalId], {
      ...row,
      status,
      statusReason: undefined,
      updatedAt: ctx.now,
      pending: undefined,
    });
  } else rows.delete([stack.id, logicalId]);
}
