import type { AutoScalingGroup, Filter, MixedInstancesPolicy } from "@aws-sdk/client-auto-scaling";
import type { Context } from "../../../kernel/context.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { zonesOf } from "../model/group.ts";
import type { Group, LaunchSource, TemplateRef } from "../model/group.ts";
import type { GroupInstance, LaunchedFrom } from "../model/instance.ts";
import type { Sdk } from "../sdk.ts";
import { instancesOf, lookUpGroup, tables } from "../store.ts";
import { showTag } from "./tags.ts";

export const showTemplate = ({ id, name, version }: TemplateRef) => ({
  LaunchTemplateId: id,
  LaunchTemplateName: name,
  Version: version,
});

/** What a group launches from, as answers show it. */
export function showSource(source: LaunchSource): {
  LaunchTemplate?: ReturnType<typeof showTemplate>;
  LaunchConfigurationName?: string;
  MixedInstancesPolicy?: MixedInstancesPolicy;
} {
  switch (source.kind) {
    case "template":
      return { LaunchTemplate: showTemplate(source.template) };
    case "configuration":
      return { LaunchConfigurationName: source.name };
    case "mixed":
      return {
        MixedInstancesPolicy: {
          LaunchTemplate: {
            LaunchTemplateSpecification: showTemplate(source.template),
            Overrides: source.types.map((InstanceType) => ({ InstanceType })),
          },
          InstancesDistribution: {
            OnDemandAllocationStrategy: "prioritized",
            OnDemandBaseCapacity: 0,
            OnDemandPercentageAboveBaseCapacity: 100,
            SpotAllocationStrategy: "lowest-price",
            SpotInstancePools: 2,
          },
        },
      };
    default:
      return source satisfies never;
  }
}

function showOrigin(from: LaunchedFrom) {
  switch (from.kind) {
    case "template":
      return { LaunchTemplate: showTemplate(from.template) };
    case "configuration":
      return { LaunchConfigurationName: from.name };
    case "unknown":
      return {};
    default:
      return from satisfies never;
  }
}

function showInstance(instance: GroupInstance) {
  return {
    InstanceId: instance.id,
    InstanceType: instance.type,
    AvailabilityZone: instance.zone,
    HealthStatus: instance.unhealthy === undefined ? "Healthy" : "Unhealthy",
    ImageId: instance.imageId,
    ProtectedFromScaleIn: instance.protected,
    ...showOrigin(instance.from),
  };
}

function show(ctx: Context, group: Group, withInstances: boolean): AutoScalingGroup {
  const { targetGroups, suspended } = group;
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    ...showSource(group.source),
    MinSize: group.min,
    MaxSize: group.max,
    DesiredCapacity: group.desired,
    DefaultCooldown: group.cooldownSeconds,
    AvailabilityZones: [...zonesOf(group)],
    LoadBalancerNames: [],
    TargetGroupARNs: [...targetGroups],
    TrafficSources: targetGroups.map((Identifier) => ({ Identifier, Type: "elbv2" })),
    HealthCheckType: group.checksElb ? "ELB" : "EC2",
    HealthCheckGracePeriod: group.graceSeconds,
    ...(withInstances && {
      Instances: instancesOf(ctx, group.name).map((one) => ({ ...showInstance(one), LifecycleState: one.lifecycle })),
    }),
    CreatedTime: new Date(group.createdAt),
    SuspendedProcesses: Object.entries(suspended).map(([ProcessName, SuspensionReason]) => ({
      ProcessName,
      SuspensionReason,
    })),
    ...(group.inSubnets && { VPCZoneIdentifier: group.places.map(({ subnet }) => subnet).join(",") }),
    EnabledMetrics: group.metrics.map((Metric) => ({ Metric, Granularity: "1Minute" })),
    Status: group.deleting ? "Delete in progress" : undefined,
    Tags: group.tags.map((tag) => showTag(group, tag)),
    TerminationPolicies: [...group.terminationPolicies],
    NewInstancesProtectedFromScaleIn: group.protectsNew,
    ServiceLinkedRoleARN: group.serviceLinkedRole,
    MaxInstanceLifetime: group.maxLifetimeSeconds,
    CapacityRebalance: false,
    Context: group.context,
    DefaultInstanceWarmup: group.warmupSeconds,
    DeletionProtection: (group.deletionProtection ?? "none") as "none",
    InstanceMaintenancePolicy:
      group.maintenance === undefined
        ? undefined
        : {
            MinHealthyPercentage: group.maintenance.minHealthy,
            MaxHealthyPercentage: group.maintenance.maxHealthy,
          },
    AvailabilityZoneDistribution: { CapacityDistributionStrategy: "balanced-best-effort" },
  };
}

function matches(group: Group, { Name = "", Values = [] }: Filter): boolean {
  const { tags } = group;
  if (Name === "tag-key") return tags.some(({ key }) => Values.includes(key));
  if (Name === "tag-value") return tags.some(({ value }) => Values.includes(value));
  if (Name.startsWith("tag:")) {
    const name = Name.slice("tag:".length);
    return tags.some(({ key, value }) => key === name && Values.includes(value));
  }
  throw errors.ValidationError(
    `Filter type ${Name} is not correct. Allowed Filter types are: [tag-key, tag-value, tag:<key>]`,
  );
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html */
export const describeAutoScalingGroups: Handler<Sdk, "describeAutoScalingGroups"> = (ctx, input) => {
  const { AutoScalingGroupNames: names = [], Filters: filters = [], IncludeInstances: withInstances = true } = input;
  const all = names.length === 0 ? [...ctx.table(tables.groups).values()] : named(ctx, names);
  const wanted = all.filter((group) => filters.every((filter) => matches(group, filter)));
  const { items, next } = pageOfList(wanted, input.NextToken, input.MaxRecords ?? 50, errors.InvalidNextToken);
  return { AutoScalingGroups: items.map((group) => show(ctx, group, withInstances)), NextToken: next };
};

/** Names that are not there are left out, as in AWS. */
function named(ctx: Context, names: readonly string[]): Group[] {
  return names.flatMap((name) => {
    const group = lookUpGroup(ctx, name);
    return group === undefined ? [] : [group];
  });
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingInstances.html */
export const describeAutoScalingInstances: Handler<Sdk, "describeAutoScalingInstances"> = (ctx, input) => {
  const { InstanceIds: ids = [] } = input;
  const all = [...ctx.table(tables.instances).values()].filter(({ id }) => ids.length === 0 || ids.includes(id));
  const { items, next } = pageOfList(all, input.NextToken, input.MaxRecords ?? 50, errors.InvalidNextToken);
  const shown = items.map((instance) => ({
    ...showInstance(instance),
    AutoScalingGroupName: instance.group,
    LifecycleState: instance.lifecycle,
    HealthStatus: instance.unhealthy === undefined ? "HEALTHY" : "UNHEALTHY",
  }));
  return { AutoScalingInstances: shown, NextToken: next };
};
