import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Handler } from "../../../kernel/service.ts";
import { beginActivity } from "../activities.ts";
import { stateOf } from "../apply/launch.ts";
import { errors } from "../errors.ts";
import { at } from "../model/causes.ts";
import { zonesOf } from "../model/group.ts";
import type { Group } from "../model/group.ts";
import { isActive } from "../model/instance.ts";
import type { GroupInstance } from "../model/instance.ts";
import type { Sdk } from "../sdk.ts";
import { findInstancesIn, findLiveGroup, lookUpInstance, putGroup, putInstance } from "../store.ts";
import { decrement } from "./instances.ts";
import { beginMove } from "./standby.ts";

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AttachInstances.html */
export const attachInstances: Handler<Sdk, "attachInstances"> = async (ctx, input) => {
  const { AutoScalingGroupName: name, InstanceIds: ids = [] } = input;
  const before = findLiveGroup(ctx, name);
  const rows = await Promise.all(ids.map((id) => readInstance(ctx, before, id)));
  ctx.transaction(() => {
    const group = findLiveGroup(ctx, name);
    const taken = ids.find((id) => lookUpInstance(ctx, id) !== undefined);
    if (taken !== undefined)
      throw errors.ValidationError(
        `Instance ${taken} is already in Auto Scaling group ${lookUpInstance(ctx, taken)?.group}.`,
      );
    const { desired, max } = group;
    if (desired + rows.length > max)
      throw errors.ValidationError(
        `AutoScalingGroup ${name} has min-size=${group.min}, max-size=${max}, and desired-size=${desired}. To attach ${rows.length} more ${rows.length === 1 ? "instance" : "instances"}, please update the AutoScalingGroup sizes appropriately.`,
      );
    putGroup(ctx, { ...group, desired: desired + rows.length });
    rows.forEach((row, n) => {
      const change = [desired + n, desired + n + 1] as const;
      const cause = at(
        ctx.now,
        `an instance was attached in response to a user request, increasing the capacity from ${change[0]} to ${change[1]}`,
      );
      const begun = {
        kind: "attach",
        instanceId: row.id,
        cause,
        status: "PreInService",
        progress: 30,
        place: row,
      } as const;
      putInstance(ctx, { ...row, activity: beginActivity(ctx, group, begun).order });
    });
  });
  return {};
};

async function readInstance(ctx: Context, group: Group, id: string): Promise<GroupInstance> {
  const found = await describe(ctx, id);
  const zone = found?.Placement?.AvailabilityZone ?? "";
  if (found?.InstanceId === undefined) throw errors.ValidationError(`Invalid Instance ID(s): [${id}]`);
  if (stateOf(found) !== "running")
    throw errors.ValidationError(
      `Invalid Instance ID(s): [${id}]. Instances must be in the running state to be attached.`,
    );
  if (!zonesOf(group).includes(zone))
    throw errors.ValidationError(
      `The instance ${id} is in Availability Zone ${zone}, which is not among those of the Auto Scaling group.`,
    );
  return {
    id,
    group: group.name,
    zone,
    subnet: group.inSubnets ? found.SubnetId : undefined,
    type: found.InstanceType ?? "",
    imageId: found.ImageId,
    from: { kind: "unknown" },
    lifecycle: "Pending",
    ec2: "running",
    unhealthy: undefined,
    protected: group.protectsNew,
    launchedAt: found.LaunchTime?.getTime() ?? ctx.now,
    inServiceAt: undefined,
    activity: undefined,
    waits: [],
    targets: {},
    hasServed: false,
    lookAt: 0,
    balances: false,
    atOnce: false,
  };
}

async function describe(ctx: Context, id: string) {
  try {
    const { Reservations: [reservation] = [] } = await ctx.call.ec2.describeInstances({ InstanceIds: [id] });
    return reservation?.Instances?.[0];
  } catch (error) {
    if (isAwsError(error)) return undefined;
    throw error;
  }
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DetachInstances.html */
export const detachInstances: Handler<Sdk, "detachInstances"> = (ctx, input) => {
  const group = findLiveGroup(ctx, input.AutoScalingGroupName);
  const instances = findInstancesIn(ctx, group, input.InstanceIds ?? []);
  const { name, min, max, desired } = group;
  const bad = instances.find(({ lifecycle }) => lifecycle !== "InService" && lifecycle !== "Standby");
  if (bad !== undefined) throw errors.ValidationError(`The instance ${bad.id} is not in InService or Standby.`);
  const counted = instances.filter(isActive).length;
  const lowered =
    input.ShouldDecrementDesiredCapacity && counted > 0
      ? decrement(
          group,
          counted,
          `AutoScalingGroup ${name} has min-size=${min}, max-size=${max}, and desired-size=${desired}. To detach ${counted} ${counted === 1 ? "instance" : "instances"}, please update the AutoScalingGroup sizes appropriately.`,
        )
      : group;
  putGroup(ctx, lowered);
  let from = desired;
  const Activities = instances.map((instance) => {
    const capacity = lowered === group || !isActive(instance) ? undefined : ([from, --from] as const);
    return beginMove(ctx, lowered, instance, {
      kind: "detach",
      to: "Detaching",
      what: "detached",
      capacity,
      progress: 50,
    });
  });
  return { Activities };
};
