import type { ResourceType } from "@aws-sdk/client-ec2";
import type { AwsError } from "../../kernel/errors.ts";
import type { TableDef } from "../../store/table.ts";
import { errors } from "./errors.ts";
import type { FilterPaths } from "./filters.ts";
import { tables } from "./store.ts";

/** What is the same for all resources of a kind: how their ids look, and what is said of one that is not there. */
export interface Kind<V = unknown> {
  readonly type: ResourceType;
  readonly table: TableDef<string, V>;
  /** What ids begin with, before the hyphen. */
  readonly prefix: string;
  readonly notFound: (ids: string) => AwsError;
  /** Where AWS tells ids that cannot be from those that are not there. */
  readonly malformed?: (id: string) => AwsError;
  /** By a resource as it is shown. Tags can be asked for everywhere. */
  readonly filters: FilterPaths;
}

const kind = <V>(given: Kind<V>): Kind<V> => given;

const doesNotExist = (name: string, ids: string) =>
  ids.includes(",") ? `The ${name} IDs '${ids}' do not exist` : `The ${name} ID '${ids}' does not exist`;

/**
 * The kinds of resources, in EC2's words.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
export const kinds = {
  vpc: kind({
    type: "vpc",
    table: tables.vpcs,
    prefix: "vpc",
    notFound: (ids) => errors["InvalidVpcID.NotFound"](doesNotExist("vpc", ids)),
    filters: {
      cidr: "CidrBlock",
      "cidr-block-association.cidr-block": "CidrBlockAssociationSet.CidrBlock",
      "cidr-block-association.association-id": "CidrBlockAssociationSet.AssociationId",
      "cidr-block-association.state": "CidrBlockAssociationSet.CidrBlockState.State",
      "dhcp-options-id": "DhcpOptionsId",
      "is-default": "IsDefault",
      isDefault: "IsDefault",
      "owner-id": "OwnerId",
      state: "State",
      "vpc-id": "VpcId",
    },
  }),
  subnet: kind({
    type: "subnet",
    table: tables.subnets,
    prefix: "subnet",
    notFound: (ids) => errors["InvalidSubnetID.NotFound"](doesNotExist("subnet", ids)),
    filters: {
      "availability-zone": "AvailabilityZone",
      availabilityZone: "AvailabilityZone",
      "availability-zone-id": "AvailabilityZoneId",
      "available-ip-address-count": "AvailableIpAddressCount",
      cidr: "CidrBlock",
      "cidr-block": "CidrBlock",
      cidrBlock: "CidrBlock",
      "default-for-az": "DefaultForAz",
      defaultForAz: "DefaultForAz",
      "map-public-ip-on-launch": "MapPublicIpOnLaunch",
      "owner-id": "OwnerId",
      state: "State",
      "subnet-arn": "SubnetArn",
      "subnet-id": "SubnetId",
      "vpc-id": "VpcId",
    },
  }),
  routeTable: kind({
    type: "route-table",
    table: tables.routeTables,
    prefix: "rtb",
    notFound: (ids) => errors["InvalidRouteTableID.NotFound"](doesNotExist("routeTable", ids)),
    filters: {
      "association.gateway-id": "Associations.GatewayId",
      "association.main": "Associations.Main",
      "association.route-table-association-id": "Associations.RouteTableAssociationId",
      "association.route-table-id": "Associations.RouteTableId",
      "association.subnet-id": "Associations.SubnetId",
      "owner-id": "OwnerId",
      "route-table-id": "RouteTableId",
      "route.destination-cidr-block": "Routes.DestinationCidrBlock",
      "route.destination-ipv6-cidr-block": "Routes.DestinationIpv6CidrBlock",
      "route.destination-prefix-list-id": "Routes.DestinationPrefixListId",
      "route.gateway-id": "Routes.GatewayId",
      "route.instance-id": "Routes.InstanceId",
      "route.nat-gateway-id": "Routes.NatGatewayId",
      "route.origin": "Routes.Origin",
      "route.state": "Routes.State",
      "vpc-id": "VpcId",
    },
  }),
  internetGateway: kind({
    type: "internet-gateway",
    table: tables.internetGateways,
    prefix: "igw",
    notFound: (ids) => errors["InvalidInternetGatewayID.NotFound"](doesNotExist("internetGateway", ids)),
    filters: {
      "attachment.state": "Attachments.State",
      "attachment.vpc-id": "Attachments.VpcId",
      "internet-gateway-id": "InternetGatewayId",
      "owner-id": "OwnerId",
    },
  }),
  address: kind({
    type: "elastic-ip",
    table: tables.addresses,
    prefix: "eipalloc",
    notFound: (ids) => errors["InvalidAllocationID.NotFound"](doesNotExist("allocation", ids)),
    filters: {
      "allocation-id": "AllocationId",
      "association-id": "AssociationId",
      "instance-id": "InstanceId",
      "network-border-group": "NetworkBorderGroup",
      "network-interface-id": "NetworkInterfaceId",
      "private-ip-address": "PrivateIpAddress",
      "public-ip": "PublicIp",
    },
  }),
  natGateway: kind({
    type: "natgateway",
    table: tables.natGateways,
    prefix: "nat",
    notFound: (ids) => errors.NatGatewayNotFound(`NatGateway ${ids} was not found`),
    filters: { "nat-gateway-id": "NatGatewayId", state: "State", "subnet-id": "SubnetId", "vpc-id": "VpcId" },
  }),
  securityGroup: kind({
    type: "security-group",
    table: tables.securityGroups,
    prefix: "sg",
    notFound: (ids) => errors["InvalidGroup.NotFound"](`The security group '${ids}' does not exist`),
    malformed: (id) => errors["InvalidGroupId.Malformed"](`Invalid id: "${id}" (expecting "sg-...")`),
    filters: {
      description: "Description",
      "egress.ip-permission.cidr": "IpPermissionsEgress.IpRanges.CidrIp",
      "egress.ip-permission.from-port": "IpPermissionsEgress.FromPort",
      "egress.ip-permission.group-id": "IpPermissionsEgress.UserIdGroupPairs.GroupId",
      "egress.ip-permission.protocol": "IpPermissionsEgress.IpProtocol",
      "egress.ip-permission.to-port": "IpPermissionsEgress.ToPort",
      "group-id": "GroupId",
      "group-name": "GroupName",
      "ip-permission.cidr": "IpPermissions.IpRanges.CidrIp",
      "ip-permission.from-port": "IpPermissions.FromPort",
      "ip-permission.group-id": "IpPermissions.UserIdGroupPairs.GroupId",
      "ip-permission.protocol": "IpPermissions.IpProtocol",
      "ip-permission.to-port": "IpPermissions.ToPort",
      "owner-id": "OwnerId",
      "vpc-id": "VpcId",
    },
  }),
  securityGroupRule: kind({
    type: "security-group-rule",
    table: tables.securityGroupRules,
    prefix: "sgr",
    notFound: (ids) =>
      errors["InvalidSecurityGroupRuleId.NotFound"](`The security group rule ID '${ids}' does not exist`),
    filters: { "group-id": "GroupId", "security-group-rule-id": "SecurityGroupRuleId" },
  }),
  networkAcl: kind({
    type: "network-acl",
    table: tables.networkAcls,
    prefix: "acl",
    notFound: (ids) => errors["InvalidNetworkAclID.NotFound"](doesNotExist("networkAcl", ids)),
    filters: {
      "association.association-id": "Associations.NetworkAclAssociationId",
      "association.network-acl-id": "Associations.NetworkAclId",
      "association.subnet-id": "Associations.SubnetId",
      default: "IsDefault",
      "network-acl-id": "NetworkAclId",
      "owner-id": "OwnerId",
      "vpc-id": "VpcId",
    },
  }),
  vpcEndpoint: kind({
    type: "vpc-endpoint",
    table: tables.vpcEndpoints,
    prefix: "vpce",
    notFound: (ids) => errors["InvalidVpcEndpointId.NotFound"](`The Vpc Endpoint Id '${ids}' does not exist`),
    filters: {
      "service-name": "ServiceName",
      "vpc-endpoint-id": "VpcEndpointId",
      "vpc-endpoint-state": "State",
      "vpc-endpoint-type": "VpcEndpointType",
      "vpc-id": "VpcId",
    },
  }),
  flowLog: kind({
    type: "vpc-flow-log",
    table: tables.flowLogs,
    prefix: "fl",
    notFound: (ids) => errors["InvalidFlowLogId.NotFound"](`The flow log ID '${ids}' does not exist`),
    filters: {
      "deliver-log-status": "DeliverLogsStatus",
      "flow-log-id": "FlowLogId",
      "log-destination-type": "LogDestinationType",
      "log-group-name": "LogGroupName",
      "resource-id": "ResourceId",
      "traffic-type": "TrafficType",
    },
  }),
  keyPair: kind({
    type: "key-pair",
    table: tables.keyPairs,
    prefix: "key",
    notFound: (ids) => errors["InvalidKeyPair.NotFound"](`The key pair '${ids}' does not exist`),
    filters: { fingerprint: "KeyFingerprint", "key-name": "KeyName", "key-pair-id": "KeyPairId" },
  }),
  launchTemplate: kind({
    type: "launch-template",
    table: tables.launchTemplates,
    prefix: "lt",
    notFound: (ids) =>
      errors["InvalidLaunchTemplateId.NotFound"](
        `The specified launch template, with template ID ${ids}, does not exist.`,
      ),
    malformed: (id) => errors["InvalidLaunchTemplateId.Malformed"](`Invalid id: "${id}" (expecting "lt-...")`),
    filters: { "create-time": "CreateTime", "launch-template-name": "LaunchTemplateName" },
  }),
  image: kind({
    type: "image",
    table: tables.images,
    prefix: "ami",
    notFound: (ids) =>
      errors["InvalidAMIID.NotFound"](
        ids.includes(",") ? `The image ids '[${ids}]' do not exist` : `The image id '[${ids}]' does not exist`,
      ),
    malformed: (id) => errors["InvalidAMIID.Malformed"](`Invalid id: "${id}" (expecting "ami-...")`),
    filters: {
      architecture: "Architecture",
      "creation-date": "CreationDate",
      description: "Description",
      "ena-support": "EnaSupport",
      hypervisor: "Hypervisor",
      "image-id": "ImageId",
      "image-type": "ImageType",
      "is-public": "Public",
      name: "Name",
      "owner-alias": "ImageOwnerAlias",
      "owner-id": "OwnerId",
      platform: "Platform",
      "root-device-name": "RootDeviceName",
      "root-device-type": "RootDeviceType",
      state: "State",
      "virtualization-type": "VirtualizationType",
    },
  }),
  instance: kind({
    type: "instance",
    table: tables.instances,
    prefix: "i",
    notFound: (ids) => errors["InvalidInstanceID.NotFound"](doesNotExist("instance", ids)),
    malformed: (id) =>
      errors["InvalidInstanceID.Malformed"](
        id.startsWith("i-") ? `Invalid id: "${id}"` : `Invalid id: "${id}" (expecting "i-...")`,
      ),
    filters: {
      architecture: "Architecture",
      "availability-zone": "Placement.AvailabilityZone",
      "availability-zone-id": "Placement.AvailabilityZoneId",
      "block-device-mapping.device-name": "BlockDeviceMappings.DeviceName",
      "block-device-mapping.volume-id": "BlockDeviceMappings.Ebs.VolumeId",
      "client-token": "ClientToken",
      "dns-name": "PublicDnsName",
      hypervisor: "Hypervisor",
      "iam-instance-profile.arn": "IamInstanceProfile.Arn",
      "iam-instance-profile.id": "IamInstanceProfile.Id",
      "image-id": "ImageId",
      "instance-id": "InstanceId",
      "instance-state-code": "State.Code",
      "instance-state-name": "State.Name",
      "instance-type": "InstanceType",
      "instance.group-id": "SecurityGroups.GroupId",
      "instance.group-name": "SecurityGroups.GroupName",
      "ip-address": "PublicIpAddress",
      "key-name": "KeyName",
      "launch-index": "AmiLaunchIndex",
      "launch-time": "LaunchTime",
      "metadata-options.http-endpoint": "MetadataOptions.HttpEndpoint",
      "metadata-options.http-tokens": "MetadataOptions.HttpTokens",
      "metadata-options.instance-metadata-tags": "MetadataOptions.InstanceMetadataTags",
      "metadata-options.state": "MetadataOptions.State",
      "monitoring-state": "Monitoring.State",
      "network-interface.addresses.private-ip-address": "NetworkInterfaces.PrivateIpAddress",
      "network-interface.group-id": "NetworkInterfaces.Groups.GroupId",
      "network-interface.mac-address": "NetworkInterfaces.MacAddress",
      "network-interface.network-interface-id": "NetworkInterfaces.NetworkInterfaceId",
      "network-interface.subnet-id": "NetworkInterfaces.SubnetId",
      "network-interface.vpc-id": "NetworkInterfaces.VpcId",
      "private-dns-name": "PrivateDnsName",
      "private-ip-address": "PrivateIpAddress",
      reason: "StateTransitionReason",
      "root-device-name": "RootDeviceName",
      "root-device-type": "RootDeviceType",
      "source-dest-check": "SourceDestCheck",
      "state-reason-code": "StateReason.Code",
      "subnet-id": "SubnetId",
      tenancy: "Placement.Tenancy",
      "virtualization-type": "VirtualizationType",
      "vpc-id": "VpcId",
      // Of the reservation: see how instances are described.
      "owner-id": "OwnerId",
      "reservation-id": "ReservationId",
      "requester-id": "RequesterId",
    },
  }),
} as const;

/** The kind of resource that an id is of; undefined where it is of none of ours. */
export function kindOfId(id: string): Kind | undefined {
  const prefix = id.slice(0, id.indexOf("-"));
  return (Object.values(kinds) as Kind[]).find((one) => one.prefix === prefix);
}

/** An id of AWS's form: the prefix and seventeen hexadecimal digits (or eight, as long ago). */
export function isWellFormed({ prefix }: Pick<Kind, "prefix">, id: string): boolean {
  return id.startsWith(`${prefix}-`) && /^([0-9a-f]{8}|[0-9a-f]{17})$/.test(id.slice(prefix.length + 1));
}
