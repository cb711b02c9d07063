import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors, invalidValue, refuse, required } from "../errors.ts";
import { kinds } from "../kinds.ts";
import type { SubnetRow } from "../model.ts";
import { contains, overlaps, parseBlock } from "../networking/cidr.ts";
import { makeSubnet } from "../networking/making.ts";
import { removeWithTags } from "../networking/removing.ts";
import { describeKind, find, withTags } from "../resources-of-kind.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { checkSpecifications, putTags, specifiedTags } from "../tags.ts";
import { zoneOfId, zonesOf } from "../zones.ts";

const show = (ctx: Context, row: SubnetRow) => withTags(ctx, row.SubnetId, row);

function zoneFor(ctx: Context, name: string | undefined, id: string | undefined): string {
  const zone = name ?? (id === undefined ? zonesOf(ctx.region)[0] : zoneOfId(ctx.region, id));
  if (zone !== undefined && zonesOf(ctx.region).includes(zone)) return zone;
  throw invalidValue(
    name ?? id,
    "availabilityZone",
    `Subnets can currently only be created in the following availability zones: ${zonesOf(ctx.region).join(", ")}.`,
  );
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html */
export const createSubnet: Handler<Sdk, "createSubnet"> = (ctx, input) => {
  refuse(
    input,
    ["Ipv6CidrBlock", "Ipv6Native", "Ipv4IpamPoolId", "Ipv6IpamPoolId", "OutpostArn"],
    "Trysail's subnets have IPv4 addresses of your own choice only.",
  );
  const vpc = find(ctx, kinds.vpc, input.VpcId);
  const text = required(input.CidrBlock, "cidrBlock");
  const block = parseBlock(text);
  if (block === undefined) throw invalidValue(text, "cidrBlock", "This is not a valid CIDR block.");
  const ofVpc = (vpc.CidrBlockAssociationSet ?? []).map(({ CidrBlock = "" }) => parseBlock(CidrBlock));
  const fits = ofVpc.some((outer) => outer !== undefined && contains(outer, block));
  if (!fits || block.bits < 16 || block.bits > 28)
    throw errors["InvalidSubnet.Range"](`The CIDR '${text}' is invalid.`);
  for (const other of ctx.table(tables.subnets).values()) {
    const taken = parseBlock(other.CidrBlock);
    if (other.VpcId === vpc.VpcId && taken !== undefined && overlaps(taken, block))
      throw errors["InvalidSubnet.Conflict"](`The CIDR '${text}' conflicts with another subnet`);
  }
  checkSpecifications(input.TagSpecifications, "subnet");
  const zone = zoneFor(ctx, input.AvailabilityZone, input.AvailabilityZoneId);
  const subnet = makeSubnet(ctx, { VpcId: vpc.VpcId, block, zone, isDefault: false });
  putTags(ctx, subnet.SubnetId, specifiedTags(input.TagSpecifications, "subnet"));
  return { Subnet: show(ctx, subnet) };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html */
export const describeSubnets: Handler<Sdk, "describeSubnets"> = (ctx, input) => {
  const { items, next } = describeKind(ctx, kinds.subnet, input.SubnetIds, input, (row) => show(ctx, row));
  return { Subnets: items, NextToken: next };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySubnetAttribute.html */
export const modifySubnetAttribute: Handler<Sdk, "modifySubnetAttribute"> = (ctx, input) => {
  refuse(
    input,
    [
      "AssignIpv6AddressOnCreation",
      "EnableDns64",
      "EnableLniAtDeviceIndex",
      "EnableResourceNameDnsAAAARecordOnLaunch",
      "EnableResourceNameDnsARecordOnLaunch",
      "MapCustomerOwnedIpOnLaunch",
      "PrivateDnsHostnameTypeOnLaunch",
    ],
    "Trysail's subnets cannot be so.",
  );
  const row = find(ctx, kinds.subnet, input.SubnetId);
  ctx.table(tables.subnets).put(row.SubnetId, {
    ...row,
    MapPublicIpOnLaunch: input.MapPublicIpOnLaunch?.Value ?? row.MapPublicIpOnLaunch,
  });
  return {};
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSubnet.html */
export const deleteSubnet: Handler<Sdk, "deleteSubnet"> = (ctx, input) => {
  const { SubnetId } = find(ctx, kinds.subnet, input.SubnetId);
  const isUsed =
    [...ctx.table(tables.instances).values()].some((row) => row.subnetId === SubnetId && row.state !== "terminated") ||
    [...ctx.table(tables.natGateways).values()].some((row) => row.SubnetId === SubnetId && row.State !== "deleted") ||
    [...ctx.table(tables.vpcEndpoints).values()].some(({ SubnetIds = [] }) => SubnetIds.includes(SubnetId));
  if (isUsed) throw errors.DependencyViolation(`The subnet '${SubnetId}' has dependencies and cannot be deleted.`);
  const routeTables = ctx.table(tables.routeTables);
  const isOfSubnet = (one: { readonly SubnetId?: string | undefined }) => one.SubnetId === SubnetId;
  const associated = [...routeTables.values()].filter((table) => table.Associations.some(isOfSubnet));
  for (const table of associated) {
    routeTables.put(table.RouteTableId, {
      ...table,
      Associations: table.Associations.filter((one) => !isOfSubnet(one)),
    });
  }
  const acls = ctx.table(tables.networkAcls);
  const governing = [...acls.values()].filter((acl) => acl.Associations.some(isOfSubnet));
  for (const acl of governing) {
    acls.put(acl.NetworkAclId, { ...acl, Associations: acl.Associations.filter((one) => !isOfSubnet(one)) });
  }
  removeWithTags(ctx, kinds.subnet, SubnetId);
  return {};
};
