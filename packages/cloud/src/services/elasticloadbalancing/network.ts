import type { SubnetMapping } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Context } from "../../kernel/context.ts";
import { isAwsError } from "../../kernel/errors.ts";
import { errors } from "./errors.ts";
import type { LoadBalancer } from "./model.ts";

/** The subnets that a request names, one way or the other. @throws AwsError `ValidationError` */
export function subnetIdsOf(input: {
  readonly Subnets?: readonly string[] | undefined;
  readonly SubnetMappings?: readonly SubnetMapping[] | undefined;
}): readonly string[] {
  const { Subnets: subnets = [], SubnetMappings: mappings = [] } = input;
  if (subnets.length > 0 && mappings.length > 0)
    throw errors.ValidationError("You must specify either subnets or subnet mappings, but not both");
  for (const { SubnetId: id, ...more } of mappings) {
    if (id === undefined) throw errors.ValidationError("A subnet ID must be specified in each subnet mapping");
    if (Object.values(more).some((value) => value !== undefined))
      throw errors.ValidationError(
        "You cannot specify addresses in the subnet mappings of an application load balancer",
      );
  }
  return subnets.length > 0 ? subnets : mappings.flatMap(({ SubnetId }) => SubnetId ?? []);
}

/**
 * Zones and VPC of a load balancer's subnets.
 *
 * @throws AwsError `SubnetNotFound`, `ValidationError`, `InvalidConfigurationRequest`
 */
export async function findSubnets(
  ctx: Context,
  ids: readonly string[],
): Promise<Pick<LoadBalancer, "zones" | "vpcId">> {
  const tooFew = "At least two subnets in two different Availability Zones must be specified";
  if (ids.length === 0) throw errors.ValidationError(tooFew);
  const subnets = await describeSubnets(ctx, ids);
  const vpcs = new Set(subnets.map(({ VpcId }) => VpcId ?? ""));
  const [vpcId = ""] = vpcs;
  if (vpcs.size > 1) throw errors.InvalidConfigurationRequest("All subnets must belong to the same VPC");
  const zones = subnets.map(({ AvailabilityZone: zone = "", SubnetId: subnetId = "" }) => ({ zone, subnetId }));
  const names = new Set(zones.map(({ zone }) => zone));
  if (names.size < zones.length) {
    throw errors.InvalidConfigurationRequest(
      "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
    );
  }
  if (names.size < 2) throw errors.ValidationError(tooFew);
  return { vpcId, zones: zones.toSorted((a, b) => (a.zone < b.zone ? -1 : 1)) };
}

async function describeSubnets(ctx: Context, ids: readonly string[]) {
  try {
    return (await ctx.call.ec2.describeSubnets({ SubnetIds: [...ids] })).Subnets ?? [];
  } catch (error) {
    if (isAwsError(error)) throw errors.SubnetNotFound(error.message);
    throw error;
  }
}

/**
 * The security groups that are asked for, or the VPC's default one.
 *
 * @throws AwsError `InvalidSecurityGroup`, `InvalidConfigurationRequest`
 */
export async function findSecurityGroups(
  ctx: Context,
  vpcId: string,
  ids: readonly string[] | undefined,
): Promise<readonly string[]> {
  if (ids === undefined || ids.length === 0) {
    const { SecurityGroups: groups = [] } = await ctx.call.ec2.describeSecurityGroups({
      Filters: [
        { Name: "vpc-id", Values: [vpcId] },
        { Name: "group-name", Values: ["default"] },
      ],
    });
    return groups.flatMap(({ GroupId }) => GroupId ?? []);
  }
  try {
    const { SecurityGroups: groups = [] } = await ctx.call.ec2.describeSecurityGroups({ GroupIds: [...ids] });
    const elsewhere = groups.find((group) => group.VpcId !== vpcId);
    if (elsewhere !== undefined)
      throw errors.InvalidConfigurationRequest(
        `The security group '${elsewhere.GroupId}' is not in the VPC '${vpcId}' of the load balancer`,
      );
    return [...new Set(ids)];
  } catch (error) {
    if (isAwsError(error, "InvalidGroup.NotFound", "InvalidGroupId.Malformed"))
      throw errors.InvalidSecurityGroup(error.message);
    throw error;
  }
}
