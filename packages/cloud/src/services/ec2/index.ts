import { defineService } from "../../kernel/service.ts";
import { inOneTransaction } from "./handling.ts";
import { namesBlob } from "./images/archive.ts";
import { instances } from "./instances/controller.ts";
import { measuring } from "./instances/measuring.ts";
import { metadata } from "./metadata/route.ts";
import { forgetting } from "./networking/forgetting.ts";
import * as accountAttributes from "./operations/account-attributes.ts";
import * as addresses from "./operations/addresses.ts";
import * as changeInstances from "./operations/change-instances.ts";
import * as consoleOutput from "./operations/console-output.ts";
import * as describeInstances from "./operations/describe-instances.ts";
import * as flowLogs from "./operations/flow-logs.ts";
import * as images from "./operations/images.ts";
import * as instanceAttributes from "./operations/instance-attributes.ts";
import {
  associateIamInstanceProfile,
  describeIamInstanceProfileAssociations,
  disassociateIamInstanceProfile,
  replaceIamInstanceProfileAssociation,
} from "./operations/instance-profiles.ts";
import * as instanceTypes from "./operations/instance-types.ts";
import * as internetGateways from "./operations/internet-gateways.ts";
import * as keyPairs from "./operations/key-pairs.ts";
import * as launchTemplates from "./operations/launch-templates.ts";
import * as natGateways from "./operations/nat-gateways.ts";
import * as networkParts from "./operations/network-parts.ts";
import * as regions from "./operations/regions.ts";
import * as routeTables from "./operations/route-tables.ts";
import * as runInstances from "./operations/run-instances.ts";
import * as securityGroupRules from "./operations/security-group-rules.ts";
import * as securityGroups from "./operations/security-groups.ts";
import * as subnets from "./operations/subnets.ts";
import * as tags from "./operations/tags.ts";
import * as vpcEndpoints from "./operations/vpc-endpoints.ts";
import * as vpcs from "./operations/vpcs.ts";
import { route, subnetRouteTableAssociation, vpcGatewayAttachment } from "./resources/connections.ts";
import { eip } from "./resources/eip.ts";
import { instance } from "./resources/instance.ts";
import { keyPair } from "./resources/key-pair.ts";
import { launchTemplate } from "./resources/launch-template.ts";
import { securityGroup, securityGroupEgress, securityGroupIngress } from "./resources/security-group.ts";
import { flowLog, internetGateway, natGateway, routeTable, subnet, vpc, vpcEndpoint } from "./resources/vpc.ts";
import type { Sdk } from "./sdk.ts";
import { tables } from "./store.ts";

const { describeImages, ...changeImages } = images;
const { describeLaunchTemplateVersions, ...changeLaunchTemplates } = launchTemplates;

export const ec2 = defineService<Sdk>({
  id: "ec2",
  scope: "regional",
  tables,
  operations: {
    ...inOneTransaction({
      ...accountAttributes,
      ...addresses,
      ...changeInstances,
      ...describeInstances,
      ...flowLogs,
      ...instanceAttributes,
      ...instanceTypes,
      ...internetGateways,
      ...keyPairs,
      ...changeLaunchTemplates,
      ...natGateways,
      ...networkParts,
      ...regions,
      ...routeTables,
      ...securityGroupRules,
      ...securityGroups,
      ...subnets,
      ...tags,
      ...vpcEndpoints,
      ...vpcs,
      describeIamInstanceProfileAssociations,
      describeImages,
      disassociateIamInstanceProfile,
    }),
    // These wait for something outside of the tables, and see to dry runs themselves.
    ...changeImages,
    ...consoleOutput,
    ...runInstances,
    associateIamInstanceProfile,
    describeLaunchTemplateVersions,
    replaceIamInstanceProfileAssociation,
  },
  controllers: [forgetting, instances, measuring],
  resources: {
    "AWS::EC2::EIP": eip,
    "AWS::EC2::FlowLog": flowLog,
    "AWS::EC2::Instance": instance,
    "AWS::EC2::InternetGateway": internetGateway,
    "AWS::EC2::KeyPair": keyPair,
    "AWS::EC2::LaunchTemplate": launchTemplate,
    "AWS::EC2::NatGateway": natGateway,
    "AWS::EC2::Route": route,
    "AWS::EC2::RouteTable": routeTable,
    "AWS::EC2::SecurityGroup": securityGroup,
    "AWS::EC2::SecurityGroupEgress": securityGroupEgress,
    "AWS::EC2::SecurityGroupIngress": securityGroupIngress,
    "AWS::EC2::Subnet": subnet,
    "AWS::EC2::SubnetRouteTableAssociation": subnetRouteTableAssociation,
    "AWS::EC2::VPC": vpc,
    "AWS::EC2::VPCEndpoint": vpcEndpoint,
    "AWS::EC2::VPCGatewayAttachment": vpcGatewayAttachment,
  },
  routes: [metadata],
  namesBlob,
});
