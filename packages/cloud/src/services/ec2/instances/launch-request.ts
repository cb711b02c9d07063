import type { RunInstancesRequest } from "@aws-sdk/client-ec2";
import type { Context } from "../../../kernel/context.ts";
import { errors, invalidValue, refuse } from "../errors.ts";
import { instanceTypes } from "../instance-types.ts";
import type { InstanceType } from "../instance-types.ts";
import { templateVersion } from "../launch-templates.ts";

/** What an instance is launched with: what the request says, on top of what its launch template says. */
export type LaunchRequest = Omit<RunInstancesRequest, "LaunchTemplate" | "MinCount" | "MaxCount">;

/** What is of no use without hardware of Amazon's, or would be ignored. */
const refused = [
  "AdditionalInfo",
  "CpuOptions",
  "ElasticGpuSpecification",
  "ElasticInferenceAccelerators",
  "EnablePrimaryIpv6",
  "InstanceMarketOptions",
  "Ipv6AddressCount",
  "Ipv6Addresses",
  "KernelId",
  "LicenseSpecifications",
  "Operator",
  "PrivateIpAddress",
  "RamdiskId",
  "SecondaryInterfaces",
] as const satisfies readonly (keyof LaunchRequest)[];

const refusedOfPlacement = [
  "Affinity",
  "GroupId",
  "GroupName",
  "HostId",
  "HostResourceGroupArn",
  "PartitionNumber",
  "SpreadDomain",
] as const;

const refusedOfInterface = [
  "AssociateCarrierIpAddress",
  "ConnectionTrackingSpecification",
  "EnaSrdSpecification",
  "Ipv4PrefixCount",
  "Ipv4Prefixes",
  "Ipv6AddressCount",
  "Ipv6Addresses",
  "Ipv6PrefixCount",
  "Ipv6Prefixes",
  "NetworkInterfaceId",
  "PrimaryIpv6",
  "PrivateIpAddress",
  "PrivateIpAddresses",
  "SecondaryPrivateIpAddressCount",
] as const;

/**
 * A request to launch with its launch template under it. Tags of both are given; of anything else, the request's own
 * counts.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/launch-templates.html
 */
export function withTemplate(ctx: Context, input: RunInstancesRequest): LaunchRequest {
  const { LaunchTemplate: named, MinCount: _, MaxCount: __, ...request } = input;
  if (named === undefined) return request;
  const { data } = templateVersion(ctx, named);
  const own = Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined)) as LaunchRequest;
  // The shapes differ in name only, but for what is refused below.
  const { InstanceRequirements, ElasticGpuSpecifications: ___, RamDiskId: RamdiskId, ...template } = data;
  if (InstanceRequirements !== undefined && own.InstanceType === undefined)
    throw errors.UnsupportedOperation(
      "InstanceRequirements: Trysail does not choose instance types by what is required of them. Name a type.",
    );
  return {
    ...(template as LaunchRequest),
    ...(RamdiskId !== undefined && { RamdiskId }),
    ...own,
    TagSpecifications: [...(template.TagSpecifications ?? []), ...(own.TagSpecifications ?? [])],
  };
}

/** Refuses what Trysail's instances cannot be. @throws AwsError `UnsupportedOperation` */
export function checkRequest(request: LaunchRequest): void {
  refuse(request, refused, "Trysail's instances are processes of this machine: leave it out.");
  const refuseIf = (holds: boolean, what: string) => {
    if (holds) throw errors.UnsupportedOperation(`${what}: Trysail's instances are processes of this machine.`);
  };
  const { Placement = {}, NetworkInterfaces = [] } = request;
  refuseIf(request.HibernationOptions?.Configured === true, "HibernationOptions");
  refuseIf(request.EnclaveOptions?.Enabled === true, "EnclaveOptions");
  refuseIf(
    request.CapacityReservationSpecification?.CapacityReservationTarget !== undefined,
    "CapacityReservationTarget",
  );
  refuseIf(Placement.Tenancy !== undefined && Placement.Tenancy !== "default", "Placement.Tenancy");
  for (const name of refusedOfPlacement)
    refuseIf(Placement[name] !== undefined && Placement[name] !== "", `Placement.${name}`);
  const { HostnameType, ...names } = request.PrivateDnsNameOptions ?? {};
  refuseIf(HostnameType === "resource-name" || Object.values(names).includes(true), "PrivateDnsNameOptions");
  const { BandwidthWeighting = "default" } = request.NetworkPerformanceOptions ?? {};
  refuseIf(BandwidthWeighting !== "default", "NetworkPerformanceOptions.BandwidthWeighting");
  refuseIf(NetworkInterfaces.length > 1, "More than one network interface");
  for (const one of NetworkInterfaces) {
    refuse(one, refusedOfInterface, "Trysail's instances have one address, which is found for them: leave it out.");
    refuseIf((one.InterfaceType ?? "interface") !== "interface", "NetworkInterfaces.InterfaceType");
  }
  for (const { Ebs: { SnapshotId: id } = {} } of request.BlockDeviceMappings ?? [])
    if (id !== undefined) throw errors["InvalidSnapshot.NotFound"](`The snapshot '${id}' does not exist.`);
}

/** @throws AwsError `InvalidParameterValue` for a type that AWS or Trysail does not have */
export function typeOf({ InstanceType: name = "m1.small" }: LaunchRequest): InstanceType {
  const type = instanceTypes.get(name);
  if (type === undefined)
    throw errors.InvalidParameterValue(
      `Invalid value '${name}' for InstanceType. Trysail knows those that DescribeInstanceTypes lists.`,
    );
  return type;
}

/** AWS's limit, before base64. @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html */
const userDataBytes = 16_384;

/** @throws AwsError `InvalidUserData.Malformed`, `InvalidParameterValue` */
export function checkUserData(encoded: string | undefined): string | undefined {
  if (encoded === undefined || encoded === "") return undefined;
  const compact = encoded.replaceAll(/\s/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact))
    throw errors["InvalidUserData.Malformed"]("Invalid BASE64 encoding of user data.");
  if (Buffer.from(compact, "base64").length > userDataBytes)
    throw errors.InvalidParameterValue(`User data is limited to ${userDataBytes} bytes`);
  return compact;
}

/** How many instances are launched: as many as asked for, since there is always room. */
export function countOf({ MinCount: min, MaxCount: max }: Pick<RunInstancesRequest, "MinCount" | "MaxCount">): number {
  if (min === undefined || max === undefined)
    throw errors.MissingParameter("The request must contain the parameter MinCount and MaxCount");
  if (min < 1) throw invalidValue(min, "minCount", "Must be a positive integer.");
  if (max < min)
    throw errors.InvalidParameterValue(
      `Invalid value '${max}' for maxCount. The maximum must be at least the minimum of ${min}.`,
    );
  if (max > 1000) throw invalidValue(max, "maxCount", "At most 1000 instances can be launched at once.");
  return max;
}
