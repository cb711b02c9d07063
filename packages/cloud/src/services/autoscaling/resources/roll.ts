import type { AutoScalingGroup, Instance, LaunchTemplateSpecification } from "@aws-sdk/client-auto-scaling";
import type { Context } from "../../../kernel/context.ts";
import type { Outcome, ResourceRequest } from "../../../kernel/resource.ts";
import { resolveTemplate } from "../apply/launch-template.ts";
import { capacityDuring, planRollingUpdate } from "./rolling-update.ts";
import type { RollingPolicy, RollingView } from "./rolling-update.ts";
import { describeGroup } from "./stabilise.ts";

/** What a rolling update remembers of the time before it. */
export interface RollingMemory {
  readonly old: readonly string[];
  readonly sizes: { readonly min: number; readonly desired: number };
  readonly capacity: number;
  /** Whether the group has been made ready for it. */
  readonly prepared: boolean;
}

/** Whether an instance was launched from something else than its group launches from now. */
async function obsoleteIn(ctx: Context, group: AutoScalingGroup): Promise<(instance: Instance) => boolean> {
  const zones = group.AvailabilityZones ?? [];
  const isAway = ({ AvailabilityZone: zone }: Instance) => !zones.includes(zone ?? "");
  const { LaunchConfigurationName: configuration } = group;
  if (configuration !== undefined)
    return (instance) => isAway(instance) || instance.LaunchConfigurationName !== configuration;
  const named = group.LaunchTemplate ?? group.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification ?? {};
  const {
    LaunchTemplateId: id = "",
    LaunchTemplateName: name = "",
    Version: version = "$Default",
  }: LaunchTemplateSpecification = named;
  const current = await resolveTemplate(ctx, { id, name, version });
  return (instance) =>
    isAway(instance) ||
    instance.LaunchTemplate?.LaunchTemplateId !== current.id ||
    instance.LaunchTemplate.Version !== current.version;
}

const isThere = ({ LifecycleState: state }: Instance) => state === "InService" || state?.startsWith("Pending") === true;

/** Begins a rolling update of a group that has been given its new configuration. @returns undefined if none is needed */
export async function beginRolling(
  ctx: Context,
  name: string,
  policy: RollingPolicy,
  request: ResourceRequest,
): Promise<RollingMemory | undefined> {
  const group = await describeGroup(ctx, name);
  if (group === undefined) return undefined;
  const { MinSize: min = 0, MaxSize: max = 0, DesiredCapacity: desired = 0, Instances: instances = [] } = group;
  const isObsolete = await obsoleteIn(ctx, group);
  const old = instances.filter((instance) => isThere(instance) && isObsolete(instance));
  if (old.length === 0) return undefined;
  if (policy.minInService >= max)
    throw new Error("MinInstancesInService must be less than the autoscaling group's MaxSize");
  const capacity = capacityDuring(policy, { desired, max });
  const memory = {
    old: old.map(({ InstanceId = "" }) => InstanceId),
    sizes: { min, desired },
    capacity,
    prepared: false,
  };
  const signals = policy.waitsForSignals
    ? ` Waiting on resource signals with a timeout of PT${policy.pauseMs / 1000}S when new instances are added to the autoscaling group.`
    : "";
  request.tell(
    `Rolling update initiated. Terminating ${old.length} obsolete instance(s) in batches of ${policy.batch}, while keeping at least ${policy.minInService} instance(s) in service.${signals}`,
  );
  request.remember(memory);
  return memory;
}

/** Lets the group have the instances that may be missed, and none of the processes that would disturb. */
async function prepare(
  ctx: Context,
  name: string,
  policy: RollingPolicy,
  memory: RollingMemory,
  request: ResourceRequest,
): Promise<void> {
  const { capacity, sizes } = memory;
  if (policy.suspends.length > 0)
    await ctx.call.autoscaling.suspendProcesses({ AutoScalingGroupName: name, ScalingProcesses: [...policy.suspends] });
  if (capacity !== sizes.desired) {
    request.tell(`Temporarily setting autoscaling group MinSize and DesiredCapacity to ${capacity}.`);
    await ctx.call.autoscaling.updateAutoScalingGroup({
      AutoScalingGroupName: name,
      MinSize: capacity,
      DesiredCapacity: capacity,
    });
  }
  request.remember({ ...memory, prepared: true });
}

/** Goes on with a rolling update. */
export async function roll(
  ctx: Context,
  name: string,
  policy: RollingPolicy,
  memory: RollingMemory,
  request: ResourceRequest,
): Promise<Outcome> {
  if (!memory.prepared) await prepare(ctx, name, policy, memory, request);
  for (;;) {
    const turn = ctx.as({});
    const step = planRollingUpdate(policy, await observe(turn, name, memory, request), turn.now);
    switch (step.do) {
      case "wait":
        return { status: "waiting", until: step.until };
      case "fail":
        await restore(turn, name, policy, memory);
        return { status: "failed", reason: step.reason };
      case "finish":
        await restore(turn, name, policy, memory);
        return { status: "done" };
      case "terminate":
        request.tell(
          `Terminating instance(s) [${step.ids.join(",")}]; replacing with ${step.ids.length} new instance(s).`,
        );
        for (const InstanceId of step.ids)
          await turn.call.autoscaling.terminateInstanceInAutoScalingGroup({
            InstanceId,
            ShouldDecrementDesiredCapacity: false,
          });
        break;
      default:
        return step satisfies never;
    }
  }
}

/** Gives the group its sizes back, and what was suspended goes on. */
async function restore(
  ctx: Context,
  name: string,
  policy: RollingPolicy,
  { sizes, capacity }: RollingMemory,
): Promise<void> {
  if (capacity !== sizes.desired)
    await ctx.call.autoscaling.updateAutoScalingGroup({
      AutoScalingGroupName: name,
      MinSize: sizes.min,
      DesiredCapacity: sizes.desired,
    });
  if (policy.suspends.length > 0)
    await ctx.call.autoscaling.resumeProcesses({ AutoScalingGroupName: name, ScalingProcesses: [...policy.suspends] });
}

async function observe(
  ctx: Context,
  name: string,
  memory: RollingMemory,
  request: ResourceRequest,
): Promise<RollingView> {
  const group = await describeGroup(ctx, name);
  if (group === undefined) throw new Error(`The Auto Scaling group ${name} is gone.`);
  const present = (group.Instances ?? []).filter(isThere);
  const { Activities = [] } = await ctx.call.autoscaling.describeScalingActivities({ AutoScalingGroupName: name });
  const since = (id: string) => {
    const launched = Activities.find(({ Description }) => Description === `Launching a new EC2 instance: ${id}`);
    return (launched?.EndTime ?? launched?.StartTime)?.getTime() ?? ctx.now;
  };
  const shown = present.map(({ InstanceId: id = "", LifecycleState: state }) => ({
    id,
    inService: state === "InService",
  }));
  return {
    old: shown.filter(({ id }) => memory.old.includes(id)),
    fresh: shown.filter(({ id }) => !memory.old.includes(id)).map((one) => ({ ...one, since: since(one.id) })),
    capacity: memory.capacity,
    signals: request.signals(),
  };
}
