import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors, invalidValue, refuse, required } from "../errors.ts";
import { kinds } from "../kinds.ts";
import type { VpcRow } from "../model.ts";
import { formatBlock, parseBlock } from "../networking/cidr.ts";
import { defaultVpc, makeDefaultVpc } from "../networking/default-vpc.ts";
import { makeVpc } from "../networking/making.ts";
import { removeWithTags } from "../networking/removing.ts";
import { describeKind, find, withTags } from "../resources-of-kind.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { checkSpecifications, specifiedTags } from "../tags.ts";

function show(ctx: Context, vpc: VpcRow) {
  const { enableDnsSupport: _, enableDnsHostnames: __, ...row } = vpc;
  return withTags(ctx, row.VpcId, row);
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html */
export const createVpc: Handler<Sdk, "createVpc"> = (ctx, input) => {
  refuse(
    input,
    ["AmazonProvidedIpv6CidrBlock", "Ipv6CidrBlock", "Ipv6IpamPoolId", "Ipv6Pool", "Ipv4IpamPoolId"],
    "Trysail's VPCs have IPv4 addresses of your own choice only.",
  );
  refuse(input, ["VpcEncryptionControl"], "what instances say to each other stays on this machine: leave it out.");
  const text = required(input.CidrBlock, "cidrBlock");
  const block = parseBlock(text);
  if (block === undefined) throw invalidValue(text, "cidrBlock", "This is not a valid CIDR block.");
  if (block.bits < 16 || block.bits > 28) throw errors["InvalidVpc.Range"](`The CIDR '${text}' is invalid.`);
  if (input.InstanceTenancy === "dedicated")
    throw errors.UnsupportedOperation("InstanceTenancy: Trysail has no dedicated hardware.");
  checkSpecifications(input.TagSpecifications, "vpc");
  const vpc = makeVpc(ctx, block, { isDefault: false, tags: specifiedTags(input.TagSpecifications, "vpc") });
  return { Vpc: show(ctx, vpc) };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateDefaultVpc.html */
export const createDefaultVpc: Handler<Sdk, "createDefaultVpc"> = (ctx) => {
  const existing = defaultVpc(ctx);
  if (existing !== undefined)
    throw errors.DefaultVpcAlreadyExists(`A Default VPC already exists for this account in this region.`);
  return { Vpc: show(ctx, makeDefaultVpc(ctx)) };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcs.html */
export const describeVpcs: Handler<Sdk, "describeVpcs"> = (ctx, input) => {
  const { items, next } = describeKind(ctx, kinds.vpc, input.VpcIds, input, (row) => show(ctx, row));
  return { Vpcs: items, NextToken: next };
};

/**
 * What a VPC is born with goes with it; anything else must have gone before.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html
 */
export const deleteVpc: Handler<Sdk, "deleteVpc"> = (ctx, input) => {
  const { VpcId } = find(ctx, kinds.vpc, input.VpcId);
  const inVpc = <V extends { readonly VpcId: string }>(rows: Iterable<V>) =>
    [...rows].filter((row) => row.VpcId === VpcId);
  const groups = inVpc(ctx.table(tables.securityGroups).values());
  const routeTables = inVpc(ctx.table(tables.routeTables).values());
  const isMain = (table: (typeof routeTables)[number]) => table.Associations.some(({ Main }) => Main);
  const dependents = [
    ...inVpc(ctx.table(tables.subnets).values()),
    ...[...ctx.table(tables.internetGateways).values()].filter(({ Attachments }) =>
      Attachments.some((attachment) => attachment.VpcId === VpcId),
    ),
    ...inVpc(ctx.table(tables.natGateways).values()).filter(({ State }) => State !== "deleted"),
    ...inVpc(ctx.table(tables.vpcEndpoints).values()),
    ...groups.filter(({ GroupName }) => GroupName !== "default"),
    ...routeTables.filter((table) => !isMain(table)),
  ];
  if (dependents.length > 0)
    throw errors.DependencyViolation(`The vpc '${VpcId}' has dependencies and cannot be deleted.`);
  for (const { GroupId, ruleIds } of groups) {
    for (const id of ruleIds) removeWithTags(ctx, kinds.securityGroupRule, id);
    removeWithTags(ctx, kinds.securityGroup, GroupId);
  }
  for (const { RouteTableId } of routeTables) removeWithTags(ctx, kinds.routeTable, RouteTableId);
  for (const { NetworkAclId } of inVpc(ctx.table(tables.networkAcls).values()))
    removeWithTags(ctx, kinds.networkAcl, NetworkAclId);
  removeWithTags(ctx, kinds.vpc, VpcId);
  return {};
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcAttribute.html */
export const describeVpcAttribute: Handler<Sdk, "describeVpcAttribute"> = (ctx, input) => {
  const { VpcId, enableDnsSupport, enableDnsHostnames } = find(ctx, kinds.vpc, input.VpcId);
  switch (input.Attribute) {
    case "enableDnsSupport":
      return { VpcId, EnableDnsSupport: { Value: enableDnsSupport } };
    case "enableDnsHostnames":
      return { VpcId, EnableDnsHostnames: { Value: enableDnsHostnames } };
    case "enableNetworkAddressUsageMetrics":
      return { VpcId, EnableNetworkAddressUsageMetrics: { Value: false } };
    default:
      throw invalidValue(input.Attribute, "attribute", "Unknown attribute.");
  }
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcAttribute.html */
export const modifyVpcAttribute: Handler<Sdk, "modifyVpcAttribute"> = (ctx, input) => {
  const row = find(ctx, kinds.vpc, input.VpcId);
  if (input.EnableNetworkAddressUsageMetrics?.Value === true)
    throw errors.UnsupportedOperation("EnableNetworkAddressUsageMetrics: Trysail measures no network addresses.");
  const changed = {
    ...row,
    enableDnsSupport: input.EnableDnsSupport?.Value ?? row.enableDnsSupport,
    enableDnsHostnames: input.EnableDnsHostnames?.Value ?? row.enableDnsHostnames,
  };
  if (changed.enableDnsHostnames && !changed.enableDnsSupport)
    throw errors.InvalidParameterValue("DNS hostnames cannot be enabled while DNS support is disabled.");
  ctx.table(tables.vpcs).put(row.VpcId, changed);
  return {};
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateVpcCidrBlock.html */
export const associateVpcCidrBlock: Handler<Sdk, "associateVpcCidrBlock"> = (ctx, input) => {
  refuse(
    input,
    ["AmazonProvidedIpv6CidrBlock", "Ipv6CidrBlock", "Ipv6IpamPoolId", "Ipv6Pool", "Ipv4IpamPoolId"],
    "Trysail's VPCs have IPv4 addresses of your own choice only.",
  );
  const row = find(ctx, kinds.vpc, input.VpcId);
  const text = required(input.CidrBlock, "cidrBlock");
  const block = parseBlock(text);
  if (block === undefined) throw invalidValue(text, "cidrBlock", "This is not a valid CIDR block.");
  if (block.bits < 16 || block.bits > 28) throw errors["InvalidVpc.Range"](`The CIDR '${text}' is invalid.`);
  const association = {
    AssociationId: `vpc-cidr-assoc-0${ctx.ids.hex(16)}`,
    CidrBlock: formatBlock(block),
    CidrBlockState: { State: "associated" as const },
  };
  ctx.table(tables.vpcs).put(row.VpcId, {
    ...row,
    CidrBlockAssociationSet: [...(row.CidrBlockAssociationSet ?? []), association],
  });
  return { VpcId: row.VpcId, CidrBlockAssociation: association };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateVpcCidrBlock.html */
export const disassociateVpcCidrBlock: Handler<Sdk, "disassociateVpcCidrBlock"> = (ctx, input) => {
  const holds = ({ CidrBlockAssociationSet: set = [] }: VpcRow) =>
    set.find(({ AssociationId }) => AssociationId === input.AssociationId);
  const row = [...ctx.table(tables.vpcs).values()].find((vpc) => holds(vpc) !== undefined);
  const association = row && holds(row);
  if (row === undefined || association === undefined)
    throw errors["InvalidAssociationID.NotFound"](
      `The vpc CIDR block association ID '${input.AssociationId}' does not exist`,
    );
  if (association.CidrBlock === row.CidrBlock)
    throw errors.OperationNotPermitted(
      `The vpc CIDR block with association ID ${input.AssociationId} may not be disassociated. It is the primary IPv4 CIDR block of the VPC`,
    );
  ctx.table(tables.vpcs).put(row.VpcId, {
    ...row,
    CidrBlockAssociationSet: (row.CidrBlockAssociationSet ?? []).filter((one) => one !== association),
  });
  return {
    VpcId: row.VpcId,
    CidrBlockAssociation: { ...association, CidrBlockState: { State: "disassociated" } },
  };
};
