import type { CreateAutoScalingGroupCommandInput, MixedInstancesPolicy } from "@aws-sdk/client-auto-scaling";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { findConfiguration } from "../apply/launch-configuration.ts";
import { findTemplate } from "../apply/launch-template.ts";
import { errors, refuse } from "../errors.ts";
import type { Group, LaunchSource, Place } from "../model/group.ts";
import { terminationPolicies } from "../plan/termination-policy.ts";

/** What creating and updating a group have in common. */
type Requested = Omit<Partial<CreateAutoScalingGroupCommandInput>, "TargetGroupARNs" | "TrafficSources" | "Tags">;

/** Parameters that Trysail could only keep and not honour. */
const refused: readonly (keyof Requested)[] = [
  "AvailabilityZoneIds",
  "AvailabilityZoneImpairmentPolicy",
  "CapacityReservationSpecification",
  "InstanceId",
  "InstanceLifecyclePolicy",
  "LoadBalancerNames",
  "Operator",
  "PlacementGroup",
];

/** @throws AwsError `NotImplemented` if the request asks for what Trysail does not do */
export function refuseUnknown(input: Requested): void {
  const asked = refused.find((name) => {
    const value = input[name];
    return value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0);
  });
  if (asked !== undefined) throw refuse(`${asked} of Auto Scaling groups`);
  if (input.CapacityRebalance === true)
    throw refuse("CapacityRebalance of Auto Scaling groups: there are no Spot Instances");
  if ((input.DesiredCapacityType ?? "units") !== "units")
    throw refuse(`DesiredCapacityType ${input.DesiredCapacityType}`);
  const strategy = input.AvailabilityZoneDistribution?.CapacityDistributionStrategy ?? "balanced-best-effort";
  if (strategy !== "balanced-best-effort") throw refuse(`CapacityDistributionStrategy ${strategy}`);
}

/** What a request wants instances to be launched from; undefined if it says nothing of it. */
export async function readSource(ctx: Context, input: Requested): Promise<LaunchSource | undefined> {
  const { LaunchTemplate, MixedInstancesPolicy: mixed, LaunchConfigurationName: configuration } = input;
  const given = [LaunchTemplate, mixed, configuration].filter((one) => one !== undefined).length;
  if (given > 1)
    throw errors.ValidationError(
      "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.",
    );
  if (LaunchTemplate !== undefined) return { kind: "template", template: await findTemplate(ctx, LaunchTemplate) };
  if (mixed !== undefined) return readMixed(ctx, mixed);
  if (configuration === undefined) return undefined;
  return { kind: "configuration", name: findConfiguration(ctx, configuration).name };
}

/** A mixed instances policy whose instances are all on demand and count the same. */
export async function readMixed(ctx: Context, policy: MixedInstancesPolicy): Promise<LaunchSource> {
  const { LaunchTemplate, InstancesDistribution: distribution = {} } = policy;
  if ((distribution.OnDemandPercentageAboveBaseCapacity ?? 100) !== 100)
    throw refuse("Spot Instances: OnDemandPercentageAboveBaseCapacity must be 100");
  const overrides = LaunchTemplate?.Overrides ?? [];
  const strategy = distribution.OnDemandAllocationStrategy ?? "lowest-price";
  if (strategy !== "prioritized" && overrides.length > 1)
    throw refuse(`OnDemandAllocationStrategy ${strategy}: instance types have no price. Use prioritized`);
  for (const override of overrides) {
    const asked = (
      ["WeightedCapacity", "LaunchTemplateSpecification", "InstanceRequirements", "ImageId"] as const
    ).find((name) => override[name] !== undefined);
    if (asked !== undefined) throw refuse(`${asked} in overrides of a mixed instances policy`);
  }
  const template = await findTemplate(ctx, LaunchTemplate?.LaunchTemplateSpecification ?? {});
  return {
    kind: "mixed",
    template,
    types: overrides.flatMap(({ InstanceType: type }) => (type === undefined ? [] : [type])),
  };
}

/** Where a request wants instances; undefined if it says nothing of it. */
export async function readPlaces(
  ctx: Context,
  input: Requested,
): Promise<{ readonly places: readonly Place[]; readonly inSubnets: boolean } | undefined> {
  const { VPCZoneIdentifier: list, AvailabilityZones: zones = [] } = input;
  const subnets = (list ?? "")
    .split(",")
    .map((id) => id.trim())
    .filter((id) => id !== "");
  if (subnets.length === 0) {
    if (zones.length === 0) return undefined;
    await checkZones(ctx, zones);
    return { places: zones.map((zone) => ({ zone, subnet: undefined })), inSubnets: false };
  }
  const { Subnets = [] } = await describeSubnets(ctx, subnets);
  const places = subnets.map((subnet): Place => {
    const zone = Subnets.find(({ SubnetId }) => SubnetId === subnet)?.AvailabilityZone;
    if (zone === undefined) throw errors.ValidationError(`The subnet ID '${subnet}' does not exist`);
    return { zone, subnet };
  });
  const other = zones.find((zone) => !places.some((place) => place.zone === zone));
  if (other !== undefined)
    throw errors.ValidationError(
      "The availability zones of the specified subnets and the Auto Scaling group do not match",
    );
  return { places, inSubnets: true };
}

async function describeSubnets(ctx: Context, SubnetIds: string[]) {
  try {
    return await ctx.call.ec2.describeSubnets({ SubnetIds });
  } catch (error) {
    if (isAwsError(error, "InvalidSubnetID.NotFound")) throw errors.ValidationError(error.message);
    throw error;
  }
}

async function checkZones(ctx: Context, zones: readonly string[]): Promise<void> {
  const { AvailabilityZones = [] } = await ctx.call.ec2.describeAvailabilityZones({});
  const missing = zones.filter((zone) => !AvailabilityZones.some(({ ZoneName }) => ZoneName === zone));
  if (missing.length > 0) throw errors.ValidationError(`Invalid availability zones: [${missing.join(", ")}]`);
}

/** The settings of a group that a request gives, on top of those that it has. */
export function readSettings(input: Requested, onto: Group): Group {
  const policies = input.TerminationPolicies;
  const unknown = policies?.find((policy) => !(terminationPolicies as readonly string[]).includes(policy));
  if (unknown !== undefined) throw refuse(`the termination policy ${unknown}`);
  const checks = input.HealthCheckType?.split(",").map((type) => type.trim());
  const badCheck = checks?.find((type) => type !== "EC2" && type !== "ELB");
  if (badCheck !== undefined) throw refuse(`the health check type ${badCheck}`);
  const lifetime = input.MaxInstanceLifetime;
  if (lifetime !== undefined && lifetime !== 0 && lifetime < 86_400)
    throw errors.ValidationError("Max instance lifetime must be at least 86400 seconds.");
  return {
    ...onto,
    ...readMaintenance(input, onto),
    checksElb: checks === undefined ? onto.checksElb : checks.includes("ELB"),
    graceSeconds: input.HealthCheckGracePeriod ?? onto.graceSeconds,
    cooldownSeconds: input.DefaultCooldown ?? onto.cooldownSeconds,
    warmupSeconds:
      input.DefaultInstanceWarmup === undefined
        ? onto.warmupSeconds
        : input.DefaultInstanceWarmup === -1
          ? undefined
          : input.DefaultInstanceWarmup,
    terminationPolicies: policies === undefined || policies.length === 0 ? onto.terminationPolicies : policies,
    protectsNew: input.NewInstancesProtectedFromScaleIn ?? onto.protectsNew,
    maxLifetimeSeconds: lifetime === undefined ? onto.maxLifetimeSeconds : lifetime === 0 ? undefined : lifetime,
    serviceLinkedRole: input.ServiceLinkedRoleARN ?? onto.serviceLinkedRole,
    context: input.Context ?? onto.context,
    deletionProtection: input.DeletionProtection ?? onto.deletionProtection,
  };
}

function readMaintenance({ InstanceMaintenancePolicy: policy }: Requested, onto: Group): Pick<Group, "maintenance"> {
  if (policy === undefined) return { maintenance: onto.maintenance };
  const { MinHealthyPercentage: minHealthy = -1, MaxHealthyPercentage: maxHealthy = -1 } = policy;
  if (minHealthy === -1 && maxHealthy === -1) return { maintenance: undefined };
  checkHealthyPercentages(minHealthy, maxHealthy);
  return { maintenance: { minHealthy, maxHealthy } };
}

/** @throws AwsError `ValidationError` if they do not go together */
export function checkHealthyPercentages(minHealthy: number, maxHealthy: number): void {
  if (minHealthy < 0 || minHealthy > 100)
    throw errors.ValidationError("MinHealthyPercentage must be between 0 and 100.");
  if (maxHealthy < 100 || maxHealthy > 200)
    throw errors.ValidationError("MaxHealthyPercentage must be between 100 and 200.");
  if (maxHealthy - minHealthy > 100)
    throw errors.ValidationError(
      "The difference between MaxHealthyPercentage and MinHealthyPercentage cannot be greater than 100.",
    );
}

/** @throws AwsError `ValidationError` if the sizes do not go together */
export function checkSizes(min: number, max: number, desired: number): void {
  if (min < 0 || max < 0) throw errors.ValidationError("Sizes of an Auto Scaling group cannot be negative.");
  if (max < min) throw errors.ValidationError(`Max bound, ${max}, must be greater than or equal to min bound, ${min}`);
  if (desired < min || desired > max)
    throw errors.ValidationError(
      `Desired capacity:${desired} must be between the specified min size:${min} and max size:${max}`,
    );
}
