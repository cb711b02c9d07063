import type { Context } from "../../../kernel/context.ts";
import { beginActivity, changeActivity, endActivity } from "../activities.ts";
import { tellOfActivity } from "../events.ts";
import { at, terminateCause } from "../model/causes.ts";
import type { Group } from "../model/group.ts";
import { isTerminating } from "../model/instance.ts";
import type { GroupInstance } from "../model/instance.ts";
import { afterDeaths } from "../plan/back-off.ts";
import { changeGroup, changeInstance, deleteInstance, tables } from "../store.ts";
import { stateOf } from "./launch.ts";

/** Begins to terminate an instance, unless that has begun. Inside a transaction. @returns the activity's order */
export function beginTermination(
  ctx: Context,
  group: Group,
  { id }: Pick<GroupInstance, "id">,
  cause: string,
): number | undefined {
  const instance = ctx.table(tables.instances).get([group.name, id]);
  if (instance === undefined || isTerminating(instance)) return undefined;
  endActivity(ctx, instance.activity, "Cancelled");
  const activity = beginActivity(ctx, group, {
    kind: "terminate",
    instanceId: id,
    cause,
    status: "InProgress",
    progress: 0,
    place: instance,
  });
  changeInstance(ctx, instance, (row) => ({
    ...row,
    lifecycle: "Terminating",
    activity: activity.order,
    waits: [],
    balances: false,
    atOnce: group.deleting || row.lifecycle.startsWith("Pending"),
  }));
  changeGroup(ctx, group.name, (current) => ({
    ...current,
    changes: [],
    failures: afterDeaths(current.failures, [instance], ctx.now),
  }));
  return activity.order;
}

/** An instance that has died before it came into service: its launch has failed. */
export async function abandonLaunch(ctx: Context, group: Group, { id }: GroupInstance): Promise<void> {
  const reason = `Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: ${await reasonOfEnd(ctx, id)}`;
  ctx.transaction(() => {
    const instance = ctx.table(tables.instances).get([group.name, id]);
    if (instance === undefined || !instance.lifecycle.startsWith("Pending")) return;
    tellOfActivity(ctx, endActivity(ctx, instance.activity, "Cancelled", reason));
    changeInstance(ctx, instance, (row) => ({ ...row, activity: undefined }));
    beginTermination(ctx, group, instance, at(ctx.now, terminateCause.unhealthy("ec2")));
  });
}

/** Why an instance does not run, as EC2 tells for as long as it knows it. */
async function reasonOfEnd(ctx: Context, id: string): Promise<string> {
  const { Reservations: [reservation] = [] } = await ctx.call.ec2.describeInstances({
    Filters: [{ Name: "instance-id", Values: [id] }],
  });
  return reservation?.Instances?.[0]?.StateReason?.Message ?? "Client.UserInitiatedShutdown: User initiated shutdown";
}

/** Asks EC2 to end it. */
export async function terminateInstance(ctx: Context, instance: GroupInstance): Promise<void> {
  const { TerminatingInstances: [told] = [] } = await ctx.call.ec2.terminateInstances({ InstanceIds: [instance.id] });
  const ec2 = stateOf({ State: told?.CurrentState }) ?? "shutting-down";
  ctx.transaction(() => {
    changeInstance(ctx, instance, (row) => (row.ec2 === "terminated" ? row : { ...row, ec2 }));
    changeActivity(ctx, instance.activity, { progress: 50, status: "InProgress" });
  });
}

/** The group does not know the instance any more: it is terminated, or detached. Inside a transaction. */
export function letGo(ctx: Context, instance: GroupInstance): void {
  const row = ctx.table(tables.instances).get([instance.group, instance.id]);
  if (row === undefined || row.lifecycle !== instance.lifecycle) return;
  tellOfActivity(ctx, endActivity(ctx, row.activity, "Successful"));
  deleteInstance(ctx, row);
}
