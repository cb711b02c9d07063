import { partitionOf } from "@trysail/core";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { deleteGroupRows } from "../delete.ts";
import { at, desiredChange } from "../model/causes.ts";
import type { Group } from "../model/group.ts";
import { isActive } from "../model/instance.ts";
import { putNotice, testNotice } from "../notifications/notices.ts";
import type { Sdk } from "../sdk.ts";
import { currentRefresh, findGroup, findLiveGroup, instancesOf, launchesOf, lookUpGroup, putGroup } from "../store.ts";
import { putHook } from "./lifecycle-hooks.ts";
import { checkSizes, readPlaces, readSettings, readSource, refuseUnknown } from "./read-group.ts";
import { readTags } from "./tags.ts";
import { checkTargetGroups, targetGroupsOf } from "./traffic-sources.ts";

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html */
export const createAutoScalingGroup: Handler<Sdk, "createAutoScalingGroup"> = async (ctx, input) => {
  const { AutoScalingGroupName: name, MinSize: min, MaxSize: max, DesiredCapacity: desired = min } = input;
  if (name === "" || name.length > 255 || /[:\r\n\t]/.test(name))
    throw errors.ValidationError("Group name must be between 1 and 255 characters and must not contain a colon.");
  if (lookUpGroup(ctx, name) !== undefined) throw alreadyExists(name);
  refuseUnknown(input);
  checkSizes(min, max, desired);
  const source = await readSource(ctx, input);
  if (source === undefined)
    throw errors.ValidationError(
      "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.",
    );
  const where = await readPlaces(ctx, input);
  if (where === undefined) throw errors.ValidationError("At least one Availability Zone or VPC Subnet is required.");
  const targetGroups = targetGroupsOf(input.TargetGroupARNs, input.TrafficSources);
  await checkTargetGroups(ctx, targetGroups);
  const partition = partitionOf(ctx.region);
  const account = `${ctx.region}:${ctx.account}`;
  const empty: Group = {
    name,
    arn: `arn:${partition}:autoscaling:${account}:autoScalingGroup:${ctx.ids.uuid()}:autoScalingGroupName/${name}`,
    createdAt: ctx.now,
    source,
    min,
    max,
    desired,
    ...where,
    targetGroups,
    checksElb: false,
    graceSeconds: 0,
    cooldownSeconds: 300,
    warmupSeconds: undefined,
    terminationPolicies: ["Default"],
    protectsNew: false,
    maxLifetimeSeconds: undefined,
    maintenance: undefined,
    tags: readTags(input.Tags),
    suspended: {},
    metrics: [],
    serviceLinkedRole: `arn:${partition}:iam::${ctx.account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`,
    context: undefined,
    deletionProtection: undefined,
    changes: desired === 0 ? [] : [at(ctx.now, desiredChange.created(desired))],
    failures: {},
    cooldownUntil: 0,
    deleting: false,
  };
  const group = readSettings(input, empty);
  ctx.transaction(() => {
    if (lookUpGroup(ctx, name) !== undefined) throw alreadyExists(name);
    putGroup(ctx, group);
    for (const hook of input.LifecycleHookSpecificationList ?? []) {
      putHook(ctx, group, hook);
      if (hook.NotificationTargetARN) putNotice(ctx, testNotice(ctx, group, hook.NotificationTargetARN));
    }
  });
  return {};
};

function alreadyExists(name: string) {
  return errors.AlreadyExists(
    `AutoScalingGroup by this name already exists - A group with the name ${name} already exists`,
  );
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html */
export const updateAutoScalingGroup: Handler<Sdk, "updateAutoScalingGroup"> = async (ctx, input) => {
  findLiveGroup(ctx, input.AutoScalingGroupName);
  refuseUnknown(input);
  const source = await readSource(ctx, input);
  const where = await readPlaces(ctx, input);
  ctx.transaction(() => {
    const group = findLiveGroup(ctx, input.AutoScalingGroupName);
    if (
      (source !== undefined || where !== undefined) &&
      currentRefresh(ctx, group.name)?.desired !== undefined &&
      source !== undefined
    )
      throw errors.ValidationError(
        "An active instance refresh with a desired configuration exists. All configuration options derived from the desired configuration are not available for update while the instance refresh is active.",
      );
    const { MinSize: min = group.min, MaxSize: max = group.max } = input;
    // A limit that moves takes the desired capacity along, unless it is given.
    const desired = input.DesiredCapacity ?? Math.max(min, Math.min(group.desired, Math.max(max, min)));
    checkSizes(min, max, desired);
    const changed = readSettings(input, {
      ...group,
      ...(source !== undefined && { source }),
      ...where,
      min,
      max,
      desired,
      // Another configuration may be a better one: nothing is held against it.
      failures: {},
    });
    putGroup(
      ctx,
      withDesired(changed, group.desired, at(ctx.now, desiredChange.updated({ min, max }, group.desired, desired))),
    );
  });
  return {};
};

/** The group with a word on what has changed its desired capacity, if it has changed. */
export function withDesired(group: Group, before: number, change: string): Group {
  return group.desired === before ? group : { ...group, changes: [...group.changes, change] };
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetDesiredCapacity.html */
export const setDesiredCapacity: Handler<Sdk, "setDesiredCapacity"> = (ctx, input) => {
  const group = findLiveGroup(ctx, input.AutoScalingGroupName);
  const { DesiredCapacity: desired, HonorCooldown: honor = false } = input;
  if (desired > group.max)
    throw errors.ValidationError(
      `New SetDesiredCapacity value ${desired} is above max value ${group.max} for the AutoScalingGroup.`,
    );
  if (desired < group.min)
    throw errors.ValidationError(
      `New SetDesiredCapacity value ${desired} is below min value ${group.min} for the AutoScalingGroup.`,
    );
  if (honor && ctx.now < group.cooldownUntil) throw inCooldown(group);
  const change = at(ctx.now, desiredChange.set(group.desired, desired));
  putGroup(ctx, withDesired({ ...group, desired }, group.desired, change));
  return {};
};

export function inCooldown({ name }: Group) {
  return errors.ScalingActivityInProgress(
    `You cannot modify the desired capacity of AutoScalingGroup ${name} while a cooldown period is in effect.`,
  );
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteAutoScalingGroup.html */
export const deleteAutoScalingGroup: Handler<Sdk, "deleteAutoScalingGroup"> = (ctx, input) => {
  const { ForceDelete: force = false } = input;
  const group = findGroup(ctx, input.AutoScalingGroupName);
  if (group.deleting) return {};
  const instances = instancesOf(ctx, group.name);
  const launches = launchesOf(ctx, group.name);
  const { deletionProtection = "none" } = group;
  if (deletionProtection === "prevent-all-deletion" || (force && deletionProtection === "prevent-force-deletion"))
    throw errors.ValidationError(
      `You cannot delete the Auto Scaling group ${group.name} because deletion protection is enabled for it.`,
    );
  if (!force) {
    if (launches.length > 0)
      throw errors.ScalingActivityInProgress(
        "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.",
      );
    if (instances.length > 0)
      throw instances.some(isActive)
        ? errors.ResourceInUse(
            "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.",
          )
        : errors.ScalingActivityInProgress(
            "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.",
          );
    deleteGroupRows(ctx, group);
    return {};
  }
  const change = at(ctx.now, desiredChange.deleted(group.desired));
  putGroup(ctx, { ...withDesired({ ...group, desired: 0 }, group.desired, change), min: 0, deleting: true });
  return {};
};
