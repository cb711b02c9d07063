import type { Context } from "../../../kernel/context.ts";
import type { ResourceIdentity, Outcome } from "../../../kernel/resource.ts";
import type { Operation, ResourceRow } from "../model.ts";
import { forgetStep } from "../signals.ts";
import { tables } from "../store.ts";
import { sameJson } from "../template/json.ts";
import { leaveHalfMade } from "./apply.ts";
import type { Applied } from "./apply.ts";
import { stepToken } from "./names.ts";
import { followAll } from "./secrets.ts";
import { attempt, putRow, requestFor, typeOf, withGoneTags } from "./step.ts";
import type { StepScope } from "./step.ts";

/** Makes a resource again what it was before the update: takes back the old one, or undoes its changes. */
export async function restoreResource(
  ctx: Context,
  scope: StepScope,
  operation: Operation,
  logicalId: string,
): Promise<Applied> {
  const { stack } = scope;
  const key: [string, string] = [stack.id, logicalId];
  const before = ctx.table(tables.previous).get(key);
  const current = ctx.table(tables.resources).get(key);
  if (before?.physicalId === undefined || current === undefined) return { status: "done", action: "update" };

  if (operation.skipped.includes(logicalId)) {
    ctx.transaction(() => putRow(ctx, stack, { ...current, pending: undefined }, "UPDATE_COMPLETE"));
    return { status: "done", action: "update" };
  }
  if (current.physicalId !== before.physicalId || current.pending?.action === "replace") {
    ctx.transaction(() => takeBack(ctx, scope, before, current));
    return { status: "done", action: "update" };
  }
  const tried = current.pending?.properties ?? current.properties;
  if (
    current.pending === undefined &&
    sameJson(tried, before.properties) &&
    sameJson(scope.tags.before, scope.tags.after)
  ) {
    ctx.transaction(() => ctx.table(tables.resources).put(key, before));
    return { status: "done", action: "update" };
  }

  const type = typeOf(ctx, before.type);
  if (operation.tasks[logicalId] !== "running" || current.status !== "UPDATE_IN_PROGRESS") {
    ctx.transaction(() => {
      forgetStep(ctx, stack.id, logicalId);
      putRow(ctx, stack, current, "UPDATE_IN_PROGRESS");
    });
  }
  const { physicalId } = before;
  const request = requestFor(ctx, scope, before, stepToken(operation.token, logicalId, "restore"));
  const outcome = await attempt<Outcome<ResourceIdentity>>(async () => {
    if (type.update === undefined) return { status: "done", id: physicalId, attributes: before.attributes };
    const previous = withGoneTags(type, tried, scope);
    return type.update(
      ctx,
      physicalId,
      await followAll(ctx, before.properties),
      await followAll(ctx, previous),
      request,
    );
  });
  if (outcome.status === "waiting") return { status: "waiting", until: outcome.until };
  if (ctx.signal.aborted) return { status: "waiting", until: 0 };
  const ended = ctx.as({});
  ended.transaction(() => {
    if (outcome.status === "failed") putRow(ended, stack, current, "UPDATE_FAILED", outcome.reason);
    else
      putRow(
        ended,
        stack,
        { ...before, attributes: { ...before.attributes, ...outcome.attributes } },
        "UPDATE_COMPLETE",
      );
  });
  return { status: outcome.status, action: "update" };
}

/** The new resource goes in the clean-up; the old one, which was there all the time, is the stack's again. */
function takeBack(ctx: Context, scope: StepScope, before: ResourceRow, current: ResourceRow): void {
  const { stack } = scope;
  const leftovers = ctx.table(tables.leftovers);
  leaveHalfMade(ctx, stack.id, current);
  if (current.physicalId !== undefined && current.physicalId !== before.physicalId) {
    const { logicalId, type, physicalId, properties, dependsOn } = current;
    leftovers.put([stack.id, logicalId, physicalId], {
      logicalId,
      type,
      physicalId,
      properties,
      dependsOn,
      retained: false,
    });
  }
  leftovers.delete([stack.id, before.logicalId, before.physicalId ?? ""]);
  putRow(ctx, stack, before, "UPDATE_COMPLETE");
}
