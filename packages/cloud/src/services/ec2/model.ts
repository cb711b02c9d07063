import type {
  Address,
  FlowLog,
  Image,
  InternetGateway,
  KeyPairInfo,
  LaunchTemplate,
  NatGateway,
  NetworkAcl,
  ResponseLaunchTemplateData,
  RouteTable,
  RouteTableAssociation,
  SecurityGroupRule,
  Subnet,
  Vpc,
  VpcEndpoint,
} from "@aws-sdk/client-ec2";
import type { Millis } from "@trysail/core";
import type { BlobId } from "../../store/blobs.ts";

/** A shape of AWS's of which some members are always there. Rows are kept in the shapes that are shown, without tags. */
type With<T, K extends keyof T> = Omit<T, K | "Tags"> & { readonly [P in K]-?: NonNullable<T[P]> };

export interface VpcRow extends With<Vpc, "VpcId" | "CidrBlock" | "IsDefault"> {
  readonly enableDnsSupport: boolean;
  readonly enableDnsHostnames: boolean;
}

export type SubnetRow = With<
  Subnet,
  "SubnetId" | "VpcId" | "CidrBlock" | "AvailabilityZone" | "DefaultForAz" | "MapPublicIpOnLaunch"
>;

export type RouteTableRow = Omit<With<RouteTable, "RouteTableId" | "VpcId" | "Routes">, "Associations"> & {
  readonly Associations: readonly With<RouteTableAssociation, "RouteTableAssociationId" | "Main">[];
};

export type InternetGatewayRow = With<InternetGateway, "InternetGatewayId" | "Attachments">;

export type AddressRow = With<Address, "AllocationId" | "PublicIp">;

export type NatGatewayRow = With<
  NatGateway,
  "NatGatewayId" | "SubnetId" | "VpcId" | "State" | "NatGatewayAddresses"
> & {
  /** When a deleted one is forgotten. */
  readonly forgetAt?: Millis;
};

/** Its rules are rows of their own: what it shows of them is made of those. */
export interface SecurityGroupRow {
  readonly GroupId: string;
  readonly GroupName: string;
  readonly Description: string;
  readonly VpcId: string;
  readonly OwnerId: string;
  readonly SecurityGroupArn: string;
  readonly ruleIds: readonly string[];
}

export type SecurityGroupRuleRow = With<
  SecurityGroupRule,
  "SecurityGroupRuleId" | "GroupId" | "IsEgress" | "IpProtocol"
>;

export type NetworkAclRow = With<NetworkAcl, "NetworkAclId" | "VpcId" | "IsDefault" | "Associations" | "Entries">;

export type VpcEndpointRow = With<VpcEndpoint, "VpcEndpointId" | "VpcId" | "ServiceName" | "VpcEndpointType">;

export type FlowLogRow = With<FlowLog, "FlowLogId" | "ResourceId">;

export type KeyPairRow = With<
  KeyPairInfo,
  "KeyPairId" | "KeyName" | "KeyType" | "KeyFingerprint" | "PublicKey" | "CreateTime"
>;

export type LaunchTemplateRow = With<
  LaunchTemplate,
  | "LaunchTemplateId"
  | "LaunchTemplateName"
  | "CreateTime"
  | "CreatedBy"
  | "DefaultVersionNumber"
  | "LatestVersionNumber"
> & {
  /** The newest number that was given: those of deleted versions are not given again. */
  readonly lastNumber: number;
};

/** One version of a launch template. Versions never change. */
export interface LaunchTemplateVersionRow {
  readonly number: number;
  readonly description: string | undefined;
  readonly createdAt: Millis;
  readonly createdBy: string;
  readonly data: ResponseLaunchTemplateData;
}

/** An image of the account's own. */
export interface ImageRow extends With<
  Image,
  "ImageId" | "Name" | "Architecture" | "State" | "CreationDate" | "OwnerId"
> {
  /** The disk that instances begin with. */
  readonly archive: { readonly blob: BlobId; readonly format: "zip" | "tar.gz" };
}
