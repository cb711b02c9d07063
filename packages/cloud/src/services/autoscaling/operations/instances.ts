import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { beginTermination } from "../apply/end.ts";
import { errors } from "../errors.ts";
import { at, terminateCause } from "../model/causes.ts";
import type { Group } from "../model/group.ts";
import { isActive, isTerminating } from "../model/instance.ts";
import type { GroupInstance } from "../model/instance.ts";
import type { Sdk } from "../sdk.ts";
import { changeInstance, findGroup, findInstance, findInstancesIn, findLiveGroup, putGroup } from "../store.ts";
import { activityAt, showActivity } from "./activities.ts";

/** Lowers the desired capacity by instances that are taken away. @throws AwsError `ValidationError` below the minimum */
export function decrement(group: Group, by: number, message: string): Group {
  if (group.desired - by < group.min) throw errors.ValidationError(message);
  return { ...group, desired: group.desired - by };
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_TerminateInstanceInAutoScalingGroup.html */
export const terminateInstanceInAutoScalingGroup: Handler<Sdk, "terminateInstanceInAutoScalingGroup"> = (
  ctx,
  input,
) => {
  const { ShouldDecrementDesiredCapacity: decrements } = input;
  const ids = input.InstanceIds ?? (input.InstanceId === undefined ? [] : [input.InstanceId]);
  if (ids.length === 0) throw errors.ValidationError("InstanceId or InstanceIds must be given.");
  const activities = ids.flatMap((id) => endOne(ctx, findInstance(ctx, id), decrements));
  return { Activity: activities[0], Activities: activities };
};

function endOne(ctx: Context, instance: GroupInstance, decrements: boolean) {
  const group = findLiveGroup(ctx, instance.group);
  if (!isTerminating(instance)) {
    const counts = isActive(instance);
    const lowered =
      decrements && counts
        ? decrement(
            group,
            1,
            `Currently, desiredSize equals minSize (${group.min}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
          )
        : group;
    putGroup(ctx, lowered);
    const capacity = lowered.desired === group.desired ? undefined : ([group.desired, lowered.desired] as const);
    beginTermination(ctx, lowered, instance, at(ctx.now, terminateCause.user(instance.id, capacity)));
  }
  const activity = activityAt(ctx, findInstance(ctx, instance.id).activity);
  return activity === undefined ? [] : [showActivity(ctx, activity)];
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetInstanceHealth.html */
export const setInstanceHealth: Handler<Sdk, "setInstanceHealth"> = (ctx, input) => {
  const { HealthStatus: status, ShouldRespectGracePeriod: respects = true } = input;
  if (status !== "Healthy" && status !== "Unhealthy")
    throw errors.ValidationError("Health status must be either Healthy or Unhealthy.");
  const instance = findInstance(ctx, input.InstanceId);
  const { graceSeconds } = findGroup(ctx, instance.group);
  const graceEnds = (instance.inServiceAt ?? ctx.now) + graceSeconds * 1000;
  // Within its grace period nothing that is said of its health counts.
  if (status === "Unhealthy" && respects && ctx.now < graceEnds) return {};
  changeInstance(ctx, instance, (row) => ({ ...row, unhealthy: status === "Healthy" ? undefined : "user" }));
  return {};
};

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetInstanceProtection.html */
export const setInstanceProtection: Handler<Sdk, "setInstanceProtection"> = (ctx, input) => {
  const group = findLiveGroup(ctx, input.AutoScalingGroupName);
  for (const instance of findInstancesIn(ctx, group, input.InstanceIds)) {
    if (instance.lifecycle !== "InService" && instance.lifecycle !== "Standby")
      throw errors.ValidationError(`The instance ${instance.id} is not in InService or EnteringStandby or Standby.`);
    changeInstance(ctx, instance, (row) => ({ ...row, protected: input.ProtectedFromScaleIn }));
  }
  return {};
};
