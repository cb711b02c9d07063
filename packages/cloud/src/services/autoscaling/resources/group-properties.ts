import type {
  CreateAutoScalingGroupCommandInput,
  UpdateAutoScalingGroupCommandInput,
} from "@aws-sdk/client-auto-scaling";
import type { Properties, ResourceRequest } from "../../../kernel/resource.ts";
import type { Input } from "../../../kernel/sdk-types.ts";
import type { Sdk } from "../sdk.ts";

interface GroupTag {
  readonly Key: string;
  readonly Value: string;
  readonly PropagateAtLaunch?: boolean | string;
}

/** The properties of a group, with numbers and booleans that may be texts. */
export interface GroupProperties extends Properties {
  readonly AutoScalingGroupName?: string;
  readonly Tags?: readonly GroupTag[];
  readonly TargetGroupARNs?: readonly string[];
  readonly TrafficSources?: readonly { readonly Identifier: string; readonly Type: string }[];
  readonly MetricsCollection?: readonly { readonly Granularity: string; readonly Metrics?: readonly string[] }[];
  readonly NotificationConfigurations?: readonly {
    readonly TopicARN: string | readonly string[];
    readonly NotificationTypes?: readonly string[];
  }[];
  readonly LifecycleHookSpecificationList?: readonly { readonly LifecycleHookName: string }[];
}

const numbers = [
  "DefaultInstanceWarmup",
  "DesiredCapacity",
  "HealthCheckGracePeriod",
  "MaxInstanceLifetime",
  "MaxSize",
  "MinSize",
] as const;
const booleans = ["CapacityRebalance", "NewInstancesProtectedFromScaleIn", "SkipZonalShiftValidation"] as const;
const plain = [
  "AvailabilityZoneDistribution",
  "AvailabilityZoneIds",
  "AvailabilityZoneImpairmentPolicy",
  "AvailabilityZones",
  "CapacityReservationSpecification",
  "Context",
  "DeletionProtection",
  "DesiredCapacityType",
  "HealthCheckType",
  "InstanceId",
  "InstanceMaintenancePolicy",
  "LaunchConfigurationName",
  "LaunchTemplate",
  "MixedInstancesPolicy",
  "PlacementGroup",
  "ServiceLinkedRoleARN",
  "TerminationPolicies",
] as const;

export const groupProperties = [
  ...numbers,
  ...booleans,
  ...plain,
  "AutoScalingGroupName",
  "Cooldown",
  "LifecycleHookSpecificationList",
  "LoadBalancerNames",
  "MetricsCollection",
  "NotificationConfigurations",
  "Tags",
  "TargetGroupARNs",
  "TrafficSources",
  "VPCZoneIdentifier",
];

/** The properties that are part of creating a group and of updating it. */
export function settingsOf(
  properties: GroupProperties,
): Omit<UpdateAutoScalingGroupCommandInput, "AutoScalingGroupName"> {
  const { Cooldown, VPCZoneIdentifier: subnets } = properties;
  const given = (names: readonly string[], read: (value: unknown) => unknown) =>
    names.flatMap((name) => (properties[name] === undefined ? [] : [[name, read(properties[name])]]));
  return Object.fromEntries([
    ...given(numbers, Number),
    ...given(booleans, (value) => value === true || value === "true"),
    ...given(plain, (value) => value),
    ...(Cooldown === undefined ? [] : [["DefaultCooldown", Number(Cooldown)]]),
    ...(Array.isArray(subnets) ? [["VPCZoneIdentifier", subnets.join(",")]] : []),
  ]) as Omit<UpdateAutoScalingGroupCommandInput, "AutoScalingGroupName">;
}

export function creationOf(
  name: string,
  properties: GroupProperties,
  request: ResourceRequest,
): Input<Sdk, "createAutoScalingGroup"> {
  const { TargetGroupARNs: targetGroups, TrafficSources: sources, LifecycleHookSpecificationList: hooks } = properties;
  return {
    ...settingsOf(properties),
    AutoScalingGroupName: name,
    MinSize: Number(properties["MinSize"]),
    MaxSize: Number(properties["MaxSize"]),
    LoadBalancerNames: properties["LoadBalancerNames"] as string[] | undefined,
    ...(targetGroups !== undefined && { TargetGroupARNs: [...targetGroups] }),
    ...(sources !== undefined && { TrafficSources: [...sources] }),
    ...(hooks !== undefined && {
      LifecycleHookSpecificationList: hooks as CreateAutoScalingGroupCommandInput["LifecycleHookSpecificationList"],
    }),
    Tags: tagsOf(name, properties, request),
  };
}

/** The tags of the stack, which instances get too, under those of the group. */
export function tagsOf(name: string, { Tags: own = [] }: GroupProperties, { tags }: Pick<ResourceRequest, "tags">) {
  const all = [...tags.map((tag) => ({ ...tag, PropagateAtLaunch: true })), ...own];
  return all.map(({ Key, Value, PropagateAtLaunch: propagate }) => ({
    ResourceId: name,
    ResourceType: "auto-scaling-group",
    Key,
    Value,
    PropagateAtLaunch: propagate === true || propagate === "true",
  }));
}

/** The sizes that an update leaves as they are, where the template has not changed them and its policy says so. */
export function withoutSameSizes(
  properties: GroupProperties,
  previous: GroupProperties,
  { policies }: Pick<ResourceRequest, "policies">,
): GroupProperties {
  const policy = policies.UpdatePolicy?.["AutoScalingScheduledAction"] as Properties | undefined;
  const ignores = policy?.["IgnoreUnmodifiedGroupSizeProperties"];
  if (ignores !== true && ignores !== "true") return properties;
  const isSame = (name: string) =>
    ["MinSize", "MaxSize", "DesiredCapacity"].includes(name) && String(properties[name]) === String(previous[name]);
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !isSame(name)));
}
