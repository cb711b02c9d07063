import type { Context } from "../../kernel/context.ts";
import type { Breach } from "../../scaling/alarm-loop.ts";
import { table } from "../../store/table.ts";
import { errors } from "./errors.ts";
import type { Activity } from "./model/activity.ts";
import type { Configuration } from "./model/configuration.ts";
import type { Group } from "./model/group.ts";
import type { Hook } from "./model/hook.ts";
import type { GroupInstance, Launch } from "./model/instance.ts";
import type { Policy } from "./model/policy.ts";
import { isGoingOn } from "./model/refresh.ts";
import type { Refresh } from "./model/refresh.ts";
import type { ScheduledAction } from "./model/scheduled-action.ts";
import type { NotificationType } from "./notifications/activities.ts";
import type { Notice } from "./notifications/notices.ts";

type InGroup = [group: string, name: string];

export const tables = {
  groups: table<string, Group>("groups"),
  instances: table<[group: string, instance: string], GroupInstance>("instances"),
  /** Instance to group. */
  memberships: table<string, string>("memberships"),
  launches: table<[group: string, id: string], Launch>("launches"),
  hooks: table<InGroup, Hook>("hooks"),
  refreshes: table<[group: string, order: number], Refresh>("refreshes"),
  policies: table<InGroup, Policy>("policies"),
  /** Alarms that have called a policy and still do. */
  breaches: table<[policyArn: string, alarm: string], Breach>("breaches"),
  scheduledActions: table<InGroup, ScheduledAction>("scheduled-actions"),
  configurations: table<string, Configuration>("launch-configurations"),
  /** By order of their beginnings. */
  activities: table<number, Activity>("activities"),
  /** What each topic is told of. */
  notifications: table<[group: string, topicArn: string], readonly NotificationType[]>("notifications"),
  notices: table<string, Notice>("notices"),
  activityOrders: table<string, number>("activity-orders"),
  groupActivities: table<[group: string, order: number], true>("group-activities"),
};

/** @throws AwsError `ValidationError` if there is none */
export function findGroup(ctx: Context, name: string | undefined): Group {
  const group = name === undefined ? undefined : lookUpGroup(ctx, name);
  if (group === undefined)
    throw errors.ValidationError(`AutoScalingGroup name not found - AutoScalingGroup ${name} not found`);
  return group;
}

/** By its name, or its ARN. */
export function lookUpGroup(ctx: Context, nameOrArn: string): Group | undefined {
  const name = /^arn:.*:autoScalingGroupName\/(.+)$/.exec(nameOrArn)?.[1] ?? nameOrArn;
  return ctx.table(tables.groups).get(name);
}

/** The same, for what can only be done to a group that is not being deleted. */
export function findLiveGroup(ctx: Context, name: string | undefined): Group {
  const group = findGroup(ctx, name);
  if (group.deleting)
    throw errors.ValidationError(`AutoScalingGroup name not found - AutoScalingGroup ${group.name} is being deleted`);
  return group;
}

export function putGroup(ctx: Context, group: Group): void {
  ctx.table(tables.groups).put(group.name, group);
}

/** Changes a group, if it is still there. Inside a transaction. */
export function changeGroup(ctx: Context, name: string, change: (group: Group) => Group): void {
  const group = ctx.table(tables.groups).get(name);
  if (group !== undefined) putGroup(ctx, change(group));
}

export function instancesOf(ctx: Context, group: string): GroupInstance[] {
  return [...ctx.table(tables.instances).values({ prefix: [group] })];
}

export function launchesOf(ctx: Context, group: string): Launch[] {
  return [...ctx.table(tables.launches).values({ prefix: [group] })];
}

export function hooksOf(ctx: Context, group: string): Hook[] {
  return [...ctx.table(tables.hooks).values({ prefix: [group] })];
}

export function lookUpInstance(ctx: Context, id: string): GroupInstance | undefined {
  const group = ctx.table(tables.memberships).get(id);
  return group === undefined ? undefined : ctx.table(tables.instances).get([group, id]);
}

/** @throws AwsError `ValidationError` if no group has it */
export function findInstance(ctx: Context, id: string): GroupInstance {
  const instance = lookUpInstance(ctx, id);
  if (instance === undefined)
    throw errors.ValidationError(`Instance Id not found - No managed instance found for instance ID: ${id}`);
  return instance;
}

/** The instances of a group that a request names. @throws AwsError `ValidationError` if one is not the group's */
export function findInstancesIn(ctx: Context, group: Group, ids: readonly string[]): GroupInstance[] {
  return ids.map((id) => {
    const instance = ctx.table(tables.instances).get([group.name, id]);
    if (instance === undefined)
      throw errors.ValidationError(`The instance ${id} is not part of Auto Scaling group ${group.name}.`);
    return instance;
  });
}

export function putInstance(ctx: Context, instance: GroupInstance): void {
  ctx.table(tables.instances).put([instance.group, instance.id], instance);
  ctx.table(tables.memberships).put(instance.id, instance.group);
}

/** Changes an instance, if its group still has it. Inside a transaction. */
export function changeInstance(
  ctx: Context,
  { group, id }: Pick<GroupInstance, "group" | "id">,
  change: (instance: GroupInstance) => GroupInstance,
): void {
  const instance = ctx.table(tables.instances).get([group, id]);
  if (instance !== undefined) putInstance(ctx, change(instance));
}

export function deleteInstance(ctx: Context, { group, id }: Pick<GroupInstance, "group" | "id">): void {
  ctx.table(tables.instances).delete([group, id]);
  ctx.table(tables.memberships).delete(id);
}

/** The refresh of a group that goes on. */
export function currentRefresh(ctx: Context, group: string): Refresh | undefined {
  const [last] = ctx.table(tables.refreshes).values({ prefix: [group], reverse: true });
  return last !== undefined && isGoingOn(last) ? last : undefined;
}
