import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Properties, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";
import { isStateChange, lookAgainMs, unlessGone } from "./resource-kit.ts";

// Types that connect two resources, and have no tags by which an interrupted attempt could be known: they look whether
// what they are to make is there.

interface AssociationProperties extends Properties {
  readonly RouteTableId: string;
  readonly SubnetId: string;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-subnetroutetableassociation.html */
export const subnetRouteTableAssociation: ResourceType = {
  properties: ["RouteTableId", "SubnetId"],
  required: ["RouteTableId", "SubnetId"],
  replacedBy: ["SubnetId"],

  async create(ctx, { RouteTableId, SubnetId }: AssociationProperties & Properties) {
    let id: string | undefined;
    try {
      ({ AssociationId: id } = await ctx.call.ec2.associateRouteTable({ RouteTableId, SubnetId }));
    } catch (error) {
      if (!isAwsError(error, "Resource.AlreadyAssociated")) throw error;
      const { RouteTables: [table] = [] } = await ctx.call.ec2.describeRouteTables({ RouteTableIds: [RouteTableId] });
      id = table?.Associations?.find((one) => one.SubnetId === SubnetId)?.RouteTableAssociationId;
      if (id === undefined) throw error;
    }
    return { status: "done", id: id ?? "", attributes: { Id: id } };
  },

  async update(ctx, AssociationId, { RouteTableId }: AssociationProperties & Properties) {
    const { NewAssociationId = "" } = await ctx.call.ec2.replaceRouteTableAssociation({ AssociationId, RouteTableId });
    return { status: "done", id: NewAssociationId, attributes: { Id: NewAssociationId } };
  },

  async remove(ctx, AssociationId) {
    await unlessGone("InvalidAssociationID.NotFound", () => ctx.call.ec2.disassociateRouteTable({ AssociationId }));
    return { status: "done" };
  },
};

interface RouteProperties extends Properties {
  readonly RouteTableId: string;
  readonly DestinationCidrBlock?: string;
  readonly DestinationIpv6CidrBlock?: string;
  readonly DestinationPrefixListId?: string;
  readonly GatewayId?: string;
  readonly InstanceId?: string;
  readonly NatGatewayId?: string;
  readonly NetworkInterfaceId?: string;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-route.html */
export const route: ResourceType = {
  properties: [
    "RouteTableId",
    "DestinationCidrBlock",
    "DestinationIpv6CidrBlock",
    "DestinationPrefixListId",
    "GatewayId",
    "InstanceId",
    "NatGatewayId",
    "NetworkInterfaceId",
  ],
  required: ["RouteTableId"],
  replacedBy: ["RouteTableId", "DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"],

  async create(ctx, properties: RouteProperties & Properties) {
    try {
      await ctx.call.ec2.createRoute(properties);
    } catch (error) {
      // The same route, of an attempt that was cut short; any other one to there is somebody else's.
      if (!isAwsError(error, "RouteAlreadyExists") || !(await isThere(ctx, properties))) throw error;
    }
    return { status: "done", id: idOf(properties), attributes: { CidrBlock: properties.DestinationCidrBlock } };
  },

  async update(ctx, id, properties: RouteProperties & Properties) {
    await ctx.call.ec2.replaceRoute(properties);
    return { status: "done", id, attributes: { CidrBlock: properties.DestinationCidrBlock } };
  },

  async remove(ctx, _id, properties: RouteProperties & Properties) {
    const { RouteTableId, DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId } = properties;
    const destination = { DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId };
    await unlessGone(["InvalidRoute.NotFound", "InvalidRouteTableID.NotFound"], () =>
      ctx.call.ec2.deleteRoute({ RouteTableId, ...destination }),
    );
    return { status: "done" };
  },
};

const idOf = (route: RouteProperties) =>
  `${route.RouteTableId}|${route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock ?? route.DestinationPrefixListId ?? ""}`;

async function isThere(ctx: Context, wanted: RouteProperties): Promise<boolean> {
  const { RouteTables: [table] = [] } = await ctx.call.ec2.describeRouteTables({
    RouteTableIds: [wanted.RouteTableId],
  });
  const members = [
    "DestinationCidrBlock",
    "DestinationIpv6CidrBlock",
    "GatewayId",
    "InstanceId",
    "NatGatewayId",
  ] as const;
  return (table?.Routes ?? []).some((one) => members.every((member) => one[member] === wanted[member]));
}

interface AttachmentProperties extends Properties {
  readonly VpcId: string;
  readonly InternetGatewayId?: string;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcgatewayattachment.html */
export const vpcGatewayAttachment: ResourceType = {
  properties: ["VpcId", "InternetGatewayId"],
  required: ["VpcId", "InternetGatewayId"],
  replacedBy: ["VpcId", "InternetGatewayId"],

  async create(ctx, { VpcId, InternetGatewayId = "" }: AttachmentProperties & Properties) {
    try {
      await ctx.call.ec2.attachInternetGateway({ VpcId, InternetGatewayId });
    } catch (error) {
      if (!isAwsError(error, "Resource.AlreadyAssociated")) throw error;
      const { InternetGateways: [gateway] = [] } = await ctx.call.ec2.describeInternetGateways({
        InternetGatewayIds: [InternetGatewayId],
      });
      if (gateway?.Attachments?.some((one) => one.VpcId === VpcId) !== true) throw error;
    }
    return { status: "done", id: `IGW|${VpcId}`, attributes: { AttachmentType: "IGW" } };
  },

  wokenBy: isStateChange,

  async remove(ctx, _id, { VpcId, InternetGatewayId = "" }: AttachmentProperties & Properties, request) {
    try {
      await unlessGone(["Gateway.NotAttached", "InvalidInternetGatewayID.NotFound", "InvalidVpcID.NotFound"], () =>
        ctx.call.ec2.detachInternetGateway({ VpcId, InternetGatewayId }),
      );
    } catch (error) {
      if (!isAwsError(error, "DependencyViolation") || !(await loseInstances(ctx, VpcId, request))) throw error;
      return { status: "waiting", until: ctx.now + lookAgainMs };
    }
    return { status: "done" };
  },
};

/** Whether instances of the same stack are still in the VPC: they are being removed at the same time. */
async function loseInstances(ctx: Context, VpcId: string, { stackId }: ResourceRequest): Promise<boolean> {
  const { Reservations = [] } = await ctx.call.ec2.describeInstances({
    Filters: [
      { Name: "vpc-id", Values: [VpcId] },
      { Name: "tag:aws:cloudformation:stack-id", Values: [stackId] },
    ],
  });
  return Reservations.length > 0;
}
