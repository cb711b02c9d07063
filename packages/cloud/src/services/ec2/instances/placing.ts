import type { Context } from "../../../kernel/context.ts";
import { errors, invalidValue } from "../errors.ts";
import { kinds } from "../kinds.ts";
import type { SubnetRow } from "../model.ts";
import { defaultVpc } from "../networking/default-vpc.ts";
import { groupNamed } from "../networking/security-groups.ts";
import { find, findAll } from "../resources-of-kind.ts";
import { tables } from "../store.ts";
import { zoneOfId, zonesOf } from "../zones.ts";
import type { LaunchRequest } from "./launch-request.ts";

/** The subnet that an instance is launched into: the one asked for, or the default one of the zone. */
export function subnetFor(ctx: Context, { SubnetId, NetworkInterfaces, Placement = {} }: LaunchRequest): SubnetRow {
  const asked = SubnetId ?? NetworkInterfaces?.[0]?.SubnetId;
  const { AvailabilityZone, AvailabilityZoneId } = Placement;
  const zone =
    AvailabilityZone ?? (AvailabilityZoneId === undefined ? undefined : zoneOfId(ctx.region, AvailabilityZoneId));
  if (zone !== undefined && !zonesOf(ctx.region).includes(zone))
    throw errors.InvalidParameterValue(`Invalid availability zone: [${zone}]`);
  if (asked !== undefined) {
    const subnet = find(ctx, kinds.subnet, asked);
    if (zone !== undefined && subnet.AvailabilityZone !== zone)
      throw errors.InvalidParameterValue(`The availability zone '${zone}' is not the one of the subnet '${asked}'.`);
    return subnet;
  }
  const vpc = defaultVpc(ctx);
  if (vpc === undefined)
    throw errors.VPCIdNotSpecified(
      "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.",
    );
  const subnets = [...ctx.table(tables.subnets).values()]
    .filter(({ VpcId, DefaultForAz }) => VpcId === vpc.VpcId && DefaultForAz)
    .toSorted((a, b) => a.AvailabilityZone.localeCompare(b.AvailabilityZone));
  const subnet = subnets.find(({ AvailabilityZone: own }) => zone === undefined || own === zone);
  if (subnet !== undefined) return subnet;
  throw errors.MissingInput(
    zone === undefined
      ? `No subnets found for the default VPC '${vpc.VpcId}'. Please specify a subnet.`
      : `No default subnet for availability zone: '${zone}'.`,
  );
}

/** The security groups that an instance is given: those asked for, or its VPC's default one. */
export function groupsFor(ctx: Context, request: LaunchRequest, { VpcId, SubnetId }: SubnetRow): readonly string[] {
  const { SecurityGroupIds = [], SecurityGroups = [], NetworkInterfaces } = request;
  const named = SecurityGroups.map((name) => {
    const group = groupNamed(ctx, VpcId, name);
    if (group === undefined)
      throw errors["InvalidGroup.NotFound"](`The security group '${name}' does not exist in VPC '${VpcId}'`);
    return group.GroupId;
  });
  const ids = [...new Set([...SecurityGroupIds, ...named, ...(NetworkInterfaces?.[0]?.Groups ?? [])])];
  if (ids.length === 0) {
    const group = groupNamed(ctx, VpcId, "default");
    return group === undefined ? [] : [group.GroupId];
  }
  const foreign = findAll(ctx, kinds.securityGroup, ids).find((group) => group.VpcId !== VpcId);
  if (foreign !== undefined)
    throw errors.InvalidParameter(
      `Security group ${foreign.GroupId} and subnet ${SubnetId} belong to different networks.`,
    );
  return ids;
}

/** @throws AwsError `InvalidKeyPair.NotFound` */
export function keyFor(ctx: Context, { KeyName }: LaunchRequest): string | undefined {
  if (KeyName === undefined || KeyName === "") return undefined;
  const key = [...ctx.table(tables.keyPairs).values()].find((row) => row.KeyName === KeyName);
  if (key === undefined) throw kinds.keyPair.notFound(KeyName);
  return KeyName;
}

/** The most tags in the metadata, the shortest hop: what is asked for, checked. */
export function checkHopLimit(hops: number | undefined): void {
  if (hops !== undefined && (hops < 1 || hops > 64))
    throw invalidValue(hops, "HttpPutResponseHopLimit", "The value must be between 1 and 64.");
}
