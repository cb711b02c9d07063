import type { Context } from "../../kernel/context.ts";
import { emitHealth } from "./events.ts";
import type { Health, Target, TargetGroup } from "./model.ts";
import { tables } from "./store.ts";

export const notRegistered: Health = {
  state: "unused",
  reason: "Target.NotRegistered",
  description: "Target is not registered to the target group",
};

/** Stores a target, new or changed. */
export function putTarget(ctx: Context, target: Target): void {
  ctx.table(tables.targets).put([target.group, target.id, target.port], target);
  ctx.table(tables.targetsById).put([target.id, target.group, target.port], true);
}

/** Ends a target's registration, and tells of it. */
export function removeTarget(ctx: Context, group: TargetGroup, { id, port }: Target): void {
  ctx.table(tables.targets).delete([group.name, id, port]);
  ctx.table(tables.targetsById).delete([id, group.name, port]);
  ctx.table(tables.statuses).delete([group.name, id, port]);
  emitHealth(ctx, group, { id, port }, notRegistered);
}
