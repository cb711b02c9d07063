import type { Tag, VpcEndpointType } from "@aws-sdk/client-ec2";
import { errors } from "../errors.ts";
import { hasChanged, tagged } from "./resource-kit.ts";

interface VpcProperties {
  readonly CidrBlock?: string;
  readonly EnableDnsHostnames?: boolean;
  readonly EnableDnsSupport?: boolean;
  readonly InstanceTenancy?: "default" | "dedicated";
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpc.html */
export const vpc = tagged<VpcProperties>({
  type: "vpc",
  prefix: "vpc",
  gone: "InvalidVpcID.NotFound",
  properties: ["CidrBlock", "EnableDnsHostnames", "EnableDnsSupport", "InstanceTenancy", "Tags"],
  required: ["CidrBlock"],
  replacedBy: ["CidrBlock", "InstanceTenancy"],
  async make(ctx, { CidrBlock, InstanceTenancy }, TagSpecifications) {
    return (await ctx.call.ec2.createVpc({ CidrBlock, InstanceTenancy, TagSpecifications })).Vpc?.VpcId;
  },
  async settle(ctx, VpcId, properties) {
    await ctx.call.ec2.modifyVpcAttribute({
      VpcId,
      EnableDnsSupport: { Value: properties.EnableDnsSupport ?? true },
      EnableDnsHostnames: { Value: properties.EnableDnsHostnames ?? false },
    });
  },
  async attributes(ctx, VpcId) {
    const Filters = [{ Name: "vpc-id", Values: [VpcId] }];
    const { Vpcs: [row] = [] } = await ctx.call.ec2.describeVpcs({ VpcIds: [VpcId] });
    const { SecurityGroups: [group] = [] } = await ctx.call.ec2.describeSecurityGroups({
      Filters: [...Filters, { Name: "group-name", Values: ["default"] }],
    });
    const { NetworkAcls: [acl] = [] } = await ctx.call.ec2.describeNetworkAcls({
      Filters: [...Filters, { Name: "default", Values: ["true"] }],
    });
    return {
      VpcId,
      CidrBlock: row?.CidrBlock,
      CidrBlockAssociations: (row?.CidrBlockAssociationSet ?? []).map(({ AssociationId }) => AssociationId),
      DefaultNetworkAcl: acl?.NetworkAclId,
      DefaultSecurityGroup: group?.GroupId,
      Ipv6CidrBlocks: [],
    };
  },
  remove: (ctx, VpcId) => ctx.call.ec2.deleteVpc({ VpcId }),
});

interface SubnetProperties {
  readonly VpcId: string;
  readonly CidrBlock?: string;
  readonly AvailabilityZone?: string;
  readonly AvailabilityZoneId?: string;
  readonly MapPublicIpOnLaunch?: boolean;
  readonly AssignIpv6AddressOnCreation?: boolean;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-subnet.html */
export const subnet = tagged<SubnetProperties>({
  type: "subnet",
  prefix: "subnet",
  gone: "InvalidSubnetID.NotFound",
  properties: [
    "VpcId",
    "CidrBlock",
    "AvailabilityZone",
    "AvailabilityZoneId",
    "MapPublicIpOnLaunch",
    "AssignIpv6AddressOnCreation",
    "Tags",
  ],
  required: ["VpcId"],
  replacedBy: ["VpcId", "CidrBlock", "AvailabilityZone", "AvailabilityZoneId"],
  async make(ctx, { VpcId, CidrBlock, AvailabilityZone, AvailabilityZoneId }, TagSpecifications) {
    const place = { AvailabilityZone, AvailabilityZoneId };
    const { Subnet: made } = await ctx.call.ec2.createSubnet({ VpcId, CidrBlock, ...place, TagSpecifications });
    return made?.SubnetId;
  },
  async settle(ctx, SubnetId, { MapPublicIpOnLaunch = false, AssignIpv6AddressOnCreation = false }) {
    await ctx.call.ec2.modifySubnetAttribute({ SubnetId, MapPublicIpOnLaunch: { Value: MapPublicIpOnLaunch } });
    if (AssignIpv6AddressOnCreation)
      await ctx.call.ec2.modifySubnetAttribute({ SubnetId, AssignIpv6AddressOnCreation: { Value: true } });
  },
  async attributes(ctx, SubnetId) {
    const { Subnets: [row] = [] } = await ctx.call.ec2.describeSubnets({ SubnetIds: [SubnetId] });
    const { NetworkAcls: [acl] = [] } = await ctx.call.ec2.describeNetworkAcls({
      Filters: [{ Name: "association.subnet-id", Values: [SubnetId] }],
    });
    const { AvailabilityZone, AvailabilityZoneId, CidrBlock, VpcId } = row ?? {};
    const association = acl?.Associations?.find((one) => one.SubnetId === SubnetId);
    return {
      SubnetId,
      AvailabilityZone,
      AvailabilityZoneId,
      CidrBlock,
      VpcId,
      NetworkAclAssociationId: association?.NetworkAclAssociationId,
      Ipv6CidrBlocks: [],
    };
  },
  remove: (ctx, SubnetId) => ctx.call.ec2.deleteSubnet({ SubnetId }),
});

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-routetable.html */
export const routeTable = tagged<{ readonly VpcId: string }>({
  type: "route-table",
  prefix: "rtb",
  gone: "InvalidRouteTableID.NotFound",
  properties: ["VpcId", "Tags"],
  required: ["VpcId"],
  replacedBy: ["VpcId"],
  async make(ctx, { VpcId }, TagSpecifications) {
    return (await ctx.call.ec2.createRouteTable({ VpcId, TagSpecifications })).RouteTable?.RouteTableId;
  },
  attributes: (_ctx, RouteTableId) => ({ RouteTableId }),
  remove: (ctx, RouteTableId) => ctx.call.ec2.deleteRouteTable({ RouteTableId }),
});

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-internetgateway.html */
export const internetGateway = tagged<object>({
  type: "internet-gateway",
  prefix: "igw",
  gone: "InvalidInternetGatewayID.NotFound",
  properties: ["Tags"],
  async make(ctx, _properties, TagSpecifications) {
    const { InternetGateway: made } = await ctx.call.ec2.createInternetGateway({ TagSpecifications });
    return made?.InternetGatewayId;
  },
  attributes: (_ctx, InternetGatewayId) => ({ InternetGatewayId }),
  remove: (ctx, InternetGatewayId) => ctx.call.ec2.deleteInternetGateway({ InternetGatewayId }),
});

interface NatGatewayProperties {
  readonly SubnetId?: string;
  readonly AllocationId?: string;
  readonly ConnectivityType?: "public" | "private";
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-natgateway.html */
export const natGateway = tagged<NatGatewayProperties>({
  type: "natgateway",
  prefix: "nat",
  gone: "NatGatewayNotFound",
  properties: ["SubnetId", "AllocationId", "ConnectivityType", "Tags"],
  required: ["SubnetId"],
  replacedBy: ["SubnetId", "AllocationId", "ConnectivityType"],
  async make(ctx, { SubnetId, AllocationId, ConnectivityType }, TagSpecifications) {
    const asked = { SubnetId, AllocationId, ConnectivityType, TagSpecifications };
    return (await ctx.call.ec2.createNatGateway(asked)).NatGateway?.NatGatewayId;
  },
  attributes: (_ctx, NatGatewayId) => ({ NatGatewayId }),
  remove: (ctx, NatGatewayId) => ctx.call.ec2.deleteNatGateway({ NatGatewayId }),
});

interface VpcEndpointProperties {
  readonly VpcId: string;
  readonly ServiceName: string;
  readonly VpcEndpointType?: VpcEndpointType;
  readonly PolicyDocument?: object | string;
  readonly PrivateDnsEnabled?: boolean;
  readonly RouteTableIds?: string[];
  readonly SecurityGroupIds?: string[];
  readonly SubnetIds?: string[];
}

const textOf = (document: object | string | undefined) =>
  document === undefined || typeof document === "string" ? document : JSON.stringify(document);
const added = (now: readonly string[] = [], before: readonly string[] = []) => now.filter((id) => !before.includes(id));

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcendpoint.html */
export const vpcEndpoint = tagged<VpcEndpointProperties>({
  type: "vpc-endpoint",
  prefix: "vpce",
  gone: "InvalidVpcEndpointId.NotFound",
  properties: [
    "VpcId",
    "ServiceName",
    "VpcEndpointType",
    "PolicyDocument",
    "PrivateDnsEnabled",
    "RouteTableIds",
    "SecurityGroupIds",
    "SubnetIds",
    "Tags",
  ],
  required: ["VpcId", "ServiceName"],
  replacedBy: ["VpcId", "ServiceName", "VpcEndpointType"],
  async make(ctx, { PolicyDocument, ...properties }, TagSpecifications) {
    const { VpcId, ServiceName, VpcEndpointType, PrivateDnsEnabled } = properties;
    const { RouteTableIds, SecurityGroupIds, SubnetIds } = properties;
    const { VpcEndpoint: made } = await ctx.call.ec2.createVpcEndpoint({
      VpcId,
      ServiceName,
      VpcEndpointType,
      PrivateDnsEnabled,
      RouteTableIds,
      SecurityGroupIds,
      SubnetIds,
      PolicyDocument: textOf(PolicyDocument),
      TagSpecifications,
    });
    return made?.VpcEndpointId;
  },
  async settle(ctx, VpcEndpointId, now, before) {
    if (before === undefined) return;
    const PolicyDocument = textOf(now.PolicyDocument);
    await ctx.call.ec2.modifyVpcEndpoint({
      VpcEndpointId,
      ...(hasChanged("PolicyDocument", now, before) &&
        (PolicyDocument === undefined ? { ResetPolicy: true } : { PolicyDocument })),
      PrivateDnsEnabled: now.PrivateDnsEnabled,
      AddRouteTableIds: added(now.RouteTableIds, before.RouteTableIds),
      RemoveRouteTableIds: added(before.RouteTableIds, now.RouteTableIds),
      AddSubnetIds: added(now.SubnetIds, before.SubnetIds),
      RemoveSubnetIds: added(before.SubnetIds, now.SubnetIds),
      AddSecurityGroupIds: added(now.SecurityGroupIds, before.SecurityGroupIds),
      RemoveSecurityGroupIds: added(before.SecurityGroupIds, now.SecurityGroupIds),
    });
  },
  async attributes(ctx, id) {
    const { VpcEndpoints: [row] = [] } = await ctx.call.ec2.describeVpcEndpoints({ VpcEndpointIds: [id] });
    return {
      Id: id,
      CreationTimestamp: row?.CreationTimestamp?.toISOString(),
      DnsEntries: [],
      NetworkInterfaceIds: row?.NetworkInterfaceIds ?? [],
    };
  },
  remove: (ctx, id) => ctx.call.ec2.deleteVpcEndpoints({ VpcEndpointIds: [id] }),
});

interface FlowLogProperties {
  readonly ResourceId: string;
  readonly ResourceType: "VPC" | "Subnet" | "NetworkInterface";
  readonly TrafficType?: "ACCEPT" | "REJECT" | "ALL";
  readonly DeliverLogsPermissionArn?: string;
  readonly LogDestination?: string;
  readonly LogDestinationType?: "cloud-watch-logs" | "s3";
  readonly LogFormat?: string;
  readonly LogGroupName?: string;
  readonly MaxAggregationInterval?: number;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-flowlog.html */
export const flowLog = tagged<FlowLogProperties & { readonly Tags?: Tag[] }>({
  type: "vpc-flow-log",
  prefix: "fl",
  gone: "InvalidFlowLogId.NotFound",
  properties: [
    "ResourceId",
    "ResourceType",
    "TrafficType",
    "DeliverLogsPermissionArn",
    "LogDestination",
    "LogDestinationType",
    "LogFormat",
    "LogGroupName",
    "MaxAggregationInterval",
    "Tags",
  ],
  required: ["ResourceId", "ResourceType"],
  replacedBy: [
    "ResourceId",
    "ResourceType",
    "TrafficType",
    "DeliverLogsPermissionArn",
    "LogDestination",
    "LogDestinationType",
    "LogFormat",
    "LogGroupName",
    "MaxAggregationInterval",
  ],
  async make(ctx, given, TagSpecifications) {
    const { ResourceId, Tags: _, ...properties } = given;
    const { FlowLogIds: [id] = [] } = await ctx.call.ec2.createFlowLogs({
      ...properties,
      ResourceIds: [ResourceId],
      TagSpecifications,
    });
    if (id === undefined) throw errors.InvalidParameterValue("The flow log could not be made.");
    return id;
  },
  attributes: (_ctx, Id) => ({ Id }),
  remove: (ctx, id) => ctx.call.ec2.deleteFlowLogs({ FlowLogIds: [id] }),
});
