import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { isMadeFor } from "../../../kernel/resource.ts";
import type { Outcome, ResourceIdentity, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";
import { creationOf, groupProperties, settingsOf, tagsOf, withoutSameSizes } from "./group-properties.ts";
import type { GroupProperties } from "./group-properties.ts";
import { changeNotifications } from "./notifications.ts";
import { beginRolling, roll } from "./roll.ts";
import type { RollingMemory } from "./roll.ts";
import { rollingPolicyOf } from "./rolling-update.ts";
import { creationSignals, describeGroup, stabilityOf } from "./stabilise.ts";

/** Properties whose change instances only get by being replaced. */
const ofInstances = [
  "AvailabilityZones",
  "LaunchConfigurationName",
  "LaunchTemplate",
  "MixedInstancesPolicy",
  "VPCZoneIdentifier",
];

const lookAgainMs = 30_000;

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-autoscaling-autoscalinggroup.html */
export const autoScalingGroup: ResourceType = {
  properties: groupProperties,
  required: ["MaxSize", "MinSize"],
  replacedBy: ["AutoScalingGroupName", "InstanceId"],
  policies: ["CreationPolicy", "UpdatePolicy"],
  replacedByPolicy({ UpdatePolicy: policy }, changed) {
    const { WillReplace: replaces } = (policy?.["AutoScalingReplacingUpdate"] ?? {}) as { WillReplace?: unknown };
    return String(replaces) === "true" && changed.some((name) => ofInstances.includes(name));
  },
  wokenBy: ({ source, detailType }) => source === "aws.autoscaling" && detailType.startsWith("EC2 Instance "),

  async create(ctx, properties: GroupProperties, request) {
    const name = properties.AutoScalingGroupName ?? request.generatedName();
    const startedAt = await make(ctx, name, properties, request);
    const signals = creationSignals(request, startedAt, ctx.now);
    const stability = signals.is === "stable" ? await stabilityOf(ctx, name, startedAt) : signals;
    switch (stability.is) {
      case "changing":
        return { status: "waiting", until: stability.until };
      case "failed":
        return { status: "failed", reason: stability.reason };
      case "stable":
        return identity(ctx, name);
      default:
        return stability satisfies never;
    }
  },

  async update(ctx, id, properties: GroupProperties, previous: GroupProperties, request) {
    const policy = rollingPolicyOf(request.policies.UpdatePolicy);
    const memory = request.memory as RollingMemory | "updated" | undefined;
    if (memory === undefined) {
      await change(ctx, id, properties, previous, request);
      request.remember("updated");
    }
    const rolls = policy !== undefined && ofInstances.some((name) => differs(properties[name], previous[name]));
    if (!rolls) return identity(ctx, id);
    const rolling =
      memory === undefined || memory === "updated" ? await beginRolling(ctx.as({}), id, policy, request) : memory;
    if (rolling === undefined) return identity(ctx, id);
    const outcome = await roll(ctx, id, policy, rolling, request);
    return outcome.status === "done" ? identity(ctx, id) : outcome;
  },

  async remove(ctx, id) {
    const group = await describeGroup(ctx, id);
    if (group === undefined) return { status: "done" };
    if ((group.Instances ?? []).length === 0) {
      try {
        await ctx.call.autoscaling.deleteAutoScalingGroup({ AutoScalingGroupName: id });
        return { status: "done" };
      } catch (error) {
        if (!isAwsError(error, "ScalingActivityInProgress", "ResourceInUse")) throw error;
      }
    }
    if (group.MaxSize !== 0)
      await empty(
        ctx,
        id,
        (group.Instances ?? []).map(({ InstanceId = "" }) => InstanceId),
      );
    return { status: "waiting", until: ctx.now + lookAgainMs };
  },
};

/** Makes the group, unless an earlier attempt has. @returns when it was made */
async function make(
  ctx: Context,
  name: string,
  properties: GroupProperties,
  request: ResourceRequest,
): Promise<number> {
  const existing = await describeGroup(ctx, name);
  if (existing?.CreatedTime !== undefined && isMadeFor(request, existing.Tags ?? [])) {
    await changeNotifications(ctx, name, properties);
    await collectMetrics(ctx, name, properties);
    return existing.CreatedTime.getTime();
  }
  await ctx.call.autoscaling.createAutoScalingGroup(creationOf(name, properties, request));
  request.made(name);
  await changeNotifications(ctx, name, properties);
  await collectMetrics(ctx, name, properties);
  return ctx.now;
}

async function collectMetrics(ctx: Context, name: string, { MetricsCollection = [] }: GroupProperties): Promise<void> {
  for (const { Granularity, Metrics } of MetricsCollection)
    await ctx.call.autoscaling.enableMetricsCollection({
      AutoScalingGroupName: name,
      Granularity,
      ...(Metrics !== undefined && { Metrics: [...Metrics] }),
    });
}

const differs = (a: unknown, b: unknown) => JSON.stringify(a) !== JSON.stringify(b);

/** What a template leaves out again goes back to its default, as in a group that is made anew. */
const defaults: GroupProperties = {
  Cooldown: 300,
  DefaultInstanceWarmup: -1,
  HealthCheckGracePeriod: 0,
  HealthCheckType: "EC2",
  InstanceMaintenancePolicy: { MinHealthyPercentage: -1, MaxHealthyPercentage: -1 },
  MaxInstanceLifetime: 0,
  NewInstancesProtectedFromScaleIn: false,
  TerminationPolicies: ["Default"],
};

async function change(
  ctx: Context,
  name: string,
  properties: GroupProperties,
  previous: GroupProperties,
  request: ResourceRequest,
): Promise<void> {
  const dropped = Object.entries(defaults).filter(
    ([key]) => properties[key] === undefined && previous[key] !== undefined,
  );
  const wanted = { ...Object.fromEntries(dropped), ...withoutSameSizes(properties, previous, request) };
  await ctx.call.autoscaling.updateAutoScalingGroup({ ...settingsOf(wanted), AutoScalingGroupName: name });
  await changeTargets(ctx, name, properties);
  await changeTags(ctx, name, properties, previous, request);
  await changeHooks(ctx, name, properties, previous);
  await changeNotifications(ctx, name, properties, previous);
  if (differs(properties.MetricsCollection, previous.MetricsCollection)) {
    await ctx.call.autoscaling.disableMetricsCollection({ AutoScalingGroupName: name });
    await collectMetrics(ctx, name, properties);
  }
}

async function changeTargets(ctx: Context, name: string, properties: GroupProperties): Promise<void> {
  const sources = (properties.TrafficSources ?? []).map(({ Identifier }) => Identifier);
  const wanted = [...new Set([...(properties.TargetGroupARNs ?? []), ...sources])];
  const before = (await describeGroup(ctx, name))?.TargetGroupARNs ?? [];
  const gone = before.filter((arn) => !wanted.includes(arn));
  const added = wanted.filter((arn) => !before.includes(arn));
  if (added.length > 0)
    await ctx.call.autoscaling.attachLoadBalancerTargetGroups({ AutoScalingGroupName: name, TargetGroupARNs: added });
  if (gone.length > 0)
    await ctx.call.autoscaling.detachLoadBalancerTargetGroups({ AutoScalingGroupName: name, TargetGroupARNs: gone });
}

async function changeTags(
  ctx: Context,
  name: string,
  properties: GroupProperties,
  previous: GroupProperties,
  request: ResourceRequest,
): Promise<void> {
  const Tags = tagsOf(name, properties, request);
  const gone = (previous.Tags ?? []).filter(({ Key }) => !Tags.some((tag) => tag.Key === Key));
  if (gone.length > 0)
    await ctx.call.autoscaling.deleteTags({
      Tags: gone.map(({ Key }) => ({ Key, ResourceId: name, ResourceType: "auto-scaling-group" })),
    });
  await ctx.call.autoscaling.createOrUpdateTags({ Tags });
}

async function changeHooks(
  ctx: Context,
  name: string,
  { LifecycleHookSpecificationList: hooks = [] }: GroupProperties,
  { LifecycleHookSpecificationList: before = [] }: GroupProperties,
): Promise<void> {
  // Each time that a hook is put, its topic is tried out.
  const changed = hooks.filter((hook) => before.every((one) => differs(one, hook)));
  for (const hook of changed)
    await ctx.call.autoscaling.putLifecycleHook({ NotificationTargetARN: "", ...hook, AutoScalingGroupName: name });
  const gone = before.filter((hook) => !hooks.some((one) => one.LifecycleHookName === hook.LifecycleHookName));
  for (const { LifecycleHookName } of gone)
    await ctx.call.autoscaling.deleteLifecycleHook({ AutoScalingGroupName: name, LifecycleHookName });
}

/** Lets all instances go, as scaling in does: they drain, and their hooks are waited for. */
async function empty(ctx: Context, name: string, InstanceIds: readonly string[]): Promise<void> {
  const AutoScalingGroupName = name;
  for (const id of InstanceIds) {
    try {
      await ctx.call.autoscaling.setInstanceProtection({
        AutoScalingGroupName,
        InstanceIds: [id],
        ProtectedFromScaleIn: false,
      });
    } catch (error) {
      // One that comes or goes at the moment cannot be told.
      if (!isAwsError(error)) throw error;
    }
  }
  await ctx.call.autoscaling.resumeProcesses({ AutoScalingGroupName });
  await ctx.call.autoscaling.updateAutoScalingGroup({
    AutoScalingGroupName,
    MinSize: 0,
    MaxSize: 0,
    DesiredCapacity: 0,
    NewInstancesProtectedFromScaleIn: false,
  });
}

async function identity(ctx: Context, id: string): Promise<Outcome<ResourceIdentity>> {
  const group = await describeGroup(ctx, id);
  return { status: "done", id, attributes: { AutoScalingGroupARN: group?.AutoScalingGroupARN ?? "" } };
}
