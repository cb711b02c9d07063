import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { beginActivity } from "../activities.ts";
import { errors } from "../errors.ts";
import type { ActivityKind } from "../model/activity.ts";
import { at, userRequest } from "../model/causes.ts";
import type { Group } from "../model/group.ts";
import { isDead } from "../model/instance.ts";
import type { GroupInstance, Lifecycle } from "../model/instance.ts";
import type { Sdk } from "../sdk.ts";
import { changeInstance, findInstancesIn, findLiveGroup, putGroup } from "../store.ts";
import { showActivity } from "./activities.ts";
import { decrement } from "./instances.ts";

/** Begins to move an instance in or out at a user's request. Inside a transaction. */
export function beginMove(
  ctx: Context,
  group: Group,
  instance: GroupInstance,
  how: {
    readonly kind: ActivityKind;
    readonly to: Lifecycle;
    readonly what: string;
    readonly capacity: readonly [from: number, to: number] | undefined;
    readonly progress: number;
  },
) {
  const cause = at(ctx.now, userRequest(instance.id, how.what, how.capacity));
  const activity = beginActivity(ctx, group, {
    kind: how.kind,
    instanceId: instance.id,
    cause,
    status: how.progress === 30 ? "PreInService" : "InProgress",
    progress: how.progress,
    place: instance,
  });
  changeInstance(ctx, instance, (row) => ({
    ...row,
    lifecycle: how.to,
    activity: activity.order,
    unhealthy: undefined,
  }));
  return showActivity(ctx, activity);
}

/** @throws AwsError `ValidationError` if one is in another state */
export function checkLifecycle(instances: readonly GroupInstance[], wanted: Lifecycle): void {
  const other = instances.find(({ lifecycle }) => lifecycle !== wanted);
  if (other !== undefined) throw errors.ValidationError(`The instance ${other.id} is not in ${wanted}.`);
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_EnterStandby.html */
export const enterStandby: Handler<Sdk, "enterStandby"> = (ctx, input) => {
  const group = findLiveGroup(ctx, input.AutoScalingGroupName);
  const instances = findInstancesIn(ctx, group, input.InstanceIds ?? []);
  checkLifecycle(instances, "InService");
  const { name, min, max, desired } = group;
  const count = instances.length;
  const lowered = input.ShouldDecrementDesiredCapacity
    ? decrement(
        group,
        count,
        `AutoScalingGroup ${name} has min-size=${min}, max-size=${max}, and desired-size=${desired}. To place into standby ${count} ${count === 1 ? "instance" : "instances"}, please update the AutoScalingGroup sizes appropriately.`,
      )
    : group;
  putGroup(ctx, lowered);
  const Activities = instances.map((instance, n) => {
    const capacity = lowered === group ? undefined : ([desired - n, desired - n - 1] as const);
    const how = {
      kind: "enter-standby",
      to: "EnteringStandby",
      what: "moved to standby",
      capacity,
      progress: 50,
    } as const;
    return beginMove(ctx, lowered, instance, how);
  });
  return { Activities };
};

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ExitStandby.html */
export const exitStandby: Handler<Sdk, "exitStandby"> = (ctx, input) => {
  const group = findLiveGroup(ctx, input.AutoScalingGroupName);
  const instances = findInstancesIn(ctx, group, input.InstanceIds ?? []);
  checkLifecycle(instances, "Standby");
  const dead = instances.find(isDead);
  if (dead !== undefined) throw errors.ValidationError(`The instance ${dead.id} is not in running state.`);
  const { name, min, max, desired } = group;
  if (desired + instances.length > max)
    throw errors.ValidationError(
      `AutoScalingGroup ${name} has min-size=${min}, max-size=${max}, and desired-size=${desired}. To place into service ${instances.length} ${instances.length === 1 ? "instance" : "instances"}, please update the AutoScalingGroup sizes appropriately.`,
    );
  putGroup(ctx, { ...group, desired: desired + instances.length });
  const Activities = instances.map((instance, n) =>
    beginMove(ctx, group, instance, {
      kind: "exit-standby",
      to: "Pending:Proceed",
      what: "moved out of standby",
      capacity: [desired + n, desired + n + 1],
      progress: 30,
    }),
  );
  return { Activities };
};
