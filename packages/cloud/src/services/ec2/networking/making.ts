import type { Tag } from "@aws-sdk/client-ec2";
import { partitionOf } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { kinds } from "../kinds.ts";
import type { SecurityGroupRow, SubnetRow, VpcRow } from "../model.ts";
import { newId } from "../resources-of-kind.ts";
import { tables } from "../store.ts";
import { putTags } from "../tags.ts";
import { zoneIdOf } from "../zones.ts";
import type { Block } from "./cidr.ts";
import { formatBlock, sizeOf } from "./cidr.ts";

/** Addresses of a subnet that AWS keeps for itself. @see https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html */
const keptAddresses = 5;

/** Makes a VPC and what each is born with: a main route table, a default security group, a default network ACL. */
export function makeVpc(
  ctx: Context,
  block: Block,
  options: { readonly isDefault: boolean; readonly tags: readonly Tag[] },
) {
  const VpcId = newId(ctx, kinds.vpc);
  const CidrBlock = formatBlock(block);
  const row: VpcRow = {
    VpcId,
    CidrBlock,
    CidrBlockAssociationSet: [
      { AssociationId: newId(ctx, { prefix: "vpc-cidr-assoc" }), CidrBlock, CidrBlockState: { State: "associated" } },
    ],
    Ipv6CidrBlockAssociationSet: [],
    DhcpOptionsId: "default",
    InstanceTenancy: "default",
    IsDefault: options.isDefault,
    OwnerId: ctx.account,
    State: "available",
    enableDnsSupport: true,
    enableDnsHostnames: options.isDefault,
  };
  ctx.table(tables.vpcs).put(VpcId, row);
  putTags(ctx, VpcId, options.tags);
  makeRouteTable(ctx, row, { isMain: true });
  makeSecurityGroup(ctx, { GroupName: "default", Description: "default VPC security group", VpcId, isDefault: true });
  makeDefaultNetworkAcl(ctx, VpcId);
  return row;
}

export function makeRouteTable(
  ctx: Context,
  { VpcId, CidrBlock }: VpcRow,
  { isMain }: { readonly isMain: boolean },
): string {
  const RouteTableId = newId(ctx, kinds.routeTable);
  ctx.table(tables.routeTables).put(RouteTableId, {
    RouteTableId,
    VpcId,
    OwnerId: ctx.account,
    PropagatingVgws: [],
    Routes: [{ DestinationCidrBlock: CidrBlock, GatewayId: "local", Origin: "CreateRouteTable", State: "active" }],
    Associations: isMain
      ? [
          {
            Main: true,
            RouteTableAssociationId: newId(ctx, { prefix: "rtbassoc" }),
            RouteTableId,
            AssociationState: { State: "associated" },
          },
        ]
      : [],
  });
  return RouteTableId;
}

/** A security group lets everything out; a VPC's default one also lets its own members in. */
export function makeSecurityGroup(
  ctx: Context,
  given: Pick<SecurityGroupRow, "GroupName" | "Description" | "VpcId"> & { readonly isDefault?: boolean },
): string {
  const { GroupName, Description, VpcId, isDefault = false } = given;
  const GroupId = newId(ctx, kinds.securityGroup);
  const rules = [
    { IsEgress: true, CidrIpv4: "0.0.0.0/0" },
    ...(isDefault ? [{ IsEgress: false, ReferencedGroupInfo: { GroupId, UserId: ctx.account } }] : []),
  ].map((rule) => ({
    ...rule,
    SecurityGroupRuleId: newId(ctx, kinds.securityGroupRule),
    GroupId,
    GroupOwnerId: ctx.account,
    IpProtocol: "-1",
    FromPort: -1,
    ToPort: -1,
  }));
  for (const rule of rules) ctx.table(tables.securityGroupRules).put(rule.SecurityGroupRuleId, rule);
  ctx.table(tables.securityGroups).put(GroupId, {
    GroupId,
    GroupName,
    Description,
    VpcId,
    OwnerId: ctx.account,
    SecurityGroupArn: arnOf(ctx, "security-group", GroupId),
    ruleIds: rules.map(({ SecurityGroupRuleId }) => SecurityGroupRuleId),
  });
  return GroupId;
}

function makeDefaultNetworkAcl(ctx: Context, VpcId: string): void {
  const NetworkAclId = newId(ctx, kinds.networkAcl);
  const entries = [true, false].flatMap((Egress) =>
    (["allow", "deny"] as const).map((RuleAction) => ({
      CidrBlock: "0.0.0.0/0",
      Egress,
      Protocol: "-1",
      RuleAction,
      RuleNumber: RuleAction === "allow" ? 100 : 32_767,
    })),
  );
  ctx.table(tables.networkAcls).put(NetworkAclId, {
    NetworkAclId,
    VpcId,
    IsDefault: true,
    OwnerId: ctx.account,
    Associations: [],
    Entries: entries,
  });
}

/** Makes a subnet, which its VPC's default network ACL governs. */
export function makeSubnet(
  ctx: Context,
  given: { readonly VpcId: string; readonly block: Block; readonly zone: string; readonly isDefault: boolean },
): SubnetRow {
  const { VpcId, block, zone, isDefault } = given;
  const SubnetId = newId(ctx, kinds.subnet);
  const row: SubnetRow = {
    SubnetId,
    VpcId,
    CidrBlock: formatBlock(block),
    AvailabilityZone: zone,
    AvailabilityZoneId: zoneIdOf(zone),
    AvailableIpAddressCount: sizeOf(block) - keptAddresses,
    AssignIpv6AddressOnCreation: false,
    DefaultForAz: isDefault,
    EnableDns64: false,
    Ipv6CidrBlockAssociationSet: [],
    Ipv6Native: false,
    MapCustomerOwnedIpOnLaunch: false,
    MapPublicIpOnLaunch: isDefault,
    OwnerId: ctx.account,
    PrivateDnsNameOptionsOnLaunch: {
      HostnameType: "ip-name",
      EnableResourceNameDnsARecord: false,
      EnableResourceNameDnsAAAARecord: false,
    },
    State: "available",
    SubnetArn: arnOf(ctx, "subnet", SubnetId),
  };
  ctx.table(tables.subnets).put(SubnetId, row);
  const acls = ctx.table(tables.networkAcls);
  const acl = [...acls.values()].find((one) => one.VpcId === VpcId && one.IsDefault);
  if (acl !== undefined) {
    const association = {
      NetworkAclAssociationId: newId(ctx, { prefix: "aclassoc" }),
      NetworkAclId: acl.NetworkAclId,
      SubnetId,
    };
    acls.put(acl.NetworkAclId, { ...acl, Associations: [...acl.Associations, association] });
  }
  return row;
}

export function arnOf(ctx: Context, type: string, id: string): string {
  return `arn:${partitionOf(ctx.region)}:ec2:${ctx.region}:${ctx.account}:${type}/${id}`;
}

/** AWS says "available" of an internet gateway, which its own model does not list. */
export function attachmentTo(VpcId: string) {
  return { State: "available" as "attached", VpcId };
}
