import type { Context } from "../../../kernel/context.ts";
import { endActivity } from "../activities.ts";
import { tellOfActivity } from "../events.ts";
import type { GroupInstance, Lifecycle } from "../model/instance.ts";
import { changeInstance, tables } from "../store.ts";

/** An instance comes into service. Inside a transaction. */
export function serve(ctx: Context, instance: GroupInstance): void {
  move(ctx, instance, "InService", (row) => {
    tellOfActivity(ctx, endActivity(ctx, row.activity, "Successful"));
    return { ...row, activity: undefined, inServiceAt: ctx.now, waits: [], balances: false };
  });
}

/** An instance has left its target groups, and stands by. Inside a transaction. */
export function standBy(ctx: Context, instance: GroupInstance): void {
  move(ctx, instance, "Standby", (row) => {
    endActivity(ctx, row.activity, "Successful");
    return { ...row, activity: undefined };
  });
}

/** Changes the lifecycle of an instance, if it is still where the decision found it. Inside a transaction. */
export function move(
  ctx: Context,
  instance: GroupInstance,
  lifecycle: Lifecycle,
  change: (row: GroupInstance) => GroupInstance = (row) => row,
): void {
  const row = ctx.table(tables.instances).get([instance.group, instance.id]);
  if (row === undefined || row.lifecycle !== instance.lifecycle) return;
  changeInstance(ctx, row, (current) => ({ ...change(current), lifecycle }));
}
