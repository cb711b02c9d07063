import type { Millis } from "@trysail/core";
import { table } from "../../store/table.ts";
import type { InstanceRow } from "./instances/model.ts";
import type {
  AddressRow,
  FlowLogRow,
  ImageRow,
  InternetGatewayRow,
  KeyPairRow,
  LaunchTemplateRow,
  LaunchTemplateVersionRow,
  NatGatewayRow,
  NetworkAclRow,
  RouteTableRow,
  SecurityGroupRow,
  SecurityGroupRuleRow,
  SubnetRow,
  VpcEndpointRow,
  VpcRow,
} from "./model.ts";

/** A role's session that an instance has, kept until it is renewed. */
export interface RoleSession {
  readonly role: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly issuedAt: Millis;
  readonly expiresAt: Millis;
}

export const tables = {
  addresses: table<string, AddressRow>("addresses"),
  /** What a request with a client token has made, so that repeating it makes nothing. */
  clientTokens: table<[operation: string, token: string], { readonly fingerprint: string; readonly made: string }>(
    "client-tokens",
  ),
  flowLogs: table<string, FlowLogRow>("flow-logs"),
  images: table<string, ImageRow>("images"),
  /** Archives that images are made of, by blob. */
  imageBlobs: table<string, true>("image-blobs", "partition"),
  instances: table<string, InstanceRow>("instances"),
  internetGateways: table<string, InternetGatewayRow>("internet-gateways"),
  keyPairs: table<string, KeyPairRow>("key-pairs"),
  launchTemplates: table<string, LaunchTemplateRow>("launch-templates"),
  launchTemplateVersions: table<[template: string, version: number], LaunchTemplateVersionRow>(
    "launch-template-versions",
  ),
  natGateways: table<string, NatGatewayRow>("nat-gateways"),
  networkAcls: table<string, NetworkAclRow>("network-acls"),
  /** Whether the account has been given its default VPC in the region, which it may have deleted since. */
  prepared: table<"default-vpc", true>("prepared"),
  reservations: table<[reservation: string, instance: string], true>("reservations"),
  roleSessions: table<string, RoleSession>("role-sessions"),
  routeTables: table<string, RouteTableRow>("route-tables"),
  securityGroups: table<string, SecurityGroupRow>("security-groups"),
  securityGroupRules: table<string, SecurityGroupRuleRow>("security-group-rules"),
  subnets: table<string, SubnetRow>("subnets"),
  tags: table<[resource: string, key: string], string>("tags"),
  vpcEndpoints: table<string, VpcEndpointRow>("vpc-endpoints"),
  vpcs: table<string, VpcRow>("vpcs"),
};
