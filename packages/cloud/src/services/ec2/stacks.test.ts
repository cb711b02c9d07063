import { DescribeInstancesCommand, DescribeSecurityGroupsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processTable } from "../../runtime/processes/process-table.ts";
import { treeVariable } from "../../runtime/processes/trees.ts";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";
import { stackKit } from "../cloudformation/stack.test-kit.ts";
import type { StackKit } from "../cloudformation/stack.test-kit.ts";

let cloud: TestCloud;
let stacks: StackKit;
let ec2: EC2Client;
beforeAll(async () => {
  cloud = await startTestCloud();
  stacks = stackKit(cloud);
  ec2 = cloud.client(EC2Client);
});
afterAll(() => cloud.stop());

const resource = (Type: string, Properties: object = {}, more: object = {}) => ({ Type, Properties, ...more });
const ref = (Ref: string) => ({ Ref });
const att = (id: string, name: string) => ({ "Fn::GetAtt": [id, name] });

/** A network as the CDK's Vpc makes it, cut down to one zone, with an instance in it. */
const network = (instanceTags: object[], port: number) => ({
  Parameters: {
    Image: {
      Type: "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
      Default: "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
    },
  },
  Resources: {
    Vpc: resource("AWS::EC2::VPC", { CidrBlock: "10.0.0.0/16", EnableDnsHostnames: true, EnableDnsSupport: true }),
    Public: resource("AWS::EC2::Subnet", {
      VpcId: ref("Vpc"),
      CidrBlock: "10.0.0.0/18",
      AvailabilityZone: { "Fn::Select": [0, { "Fn::GetAZs": "" }] },
      MapPublicIpOnLaunch: true,
    }),
    Routes: resource("AWS::EC2::RouteTable", { VpcId: ref("Vpc") }),
    Association: resource("AWS::EC2::SubnetRouteTableAssociation", {
      RouteTableId: ref("Routes"),
      SubnetId: ref("Public"),
    }),
    Gateway: resource("AWS::EC2::InternetGateway"),
    Attachment: resource("AWS::EC2::VPCGatewayAttachment", {
      VpcId: ref("Vpc"),
      InternetGatewayId: ref("Gateway"),
    }),
    Default: resource(
      "AWS::EC2::Route",
      { RouteTableId: ref("Routes"), DestinationCidrBlock: "0.0.0.0/0", GatewayId: ref("Gateway") },
      { DependsOn: ["Attachment"] },
    ),
    Address: resource("AWS::EC2::EIP", { Domain: "vpc" }),
    Nat: resource(
      "AWS::EC2::NatGateway",
      { SubnetId: ref("Public"), AllocationId: att("Address", "AllocationId") },
      { DependsOn: ["Default", "Association"] },
    ),
    Endpoint: resource("AWS::EC2::VPCEndpoint", {
      VpcId: ref("Vpc"),
      ServiceName: { "Fn::Sub": "com.amazonaws.${AWS::Region}.s3" },
      VpcEndpointType: "Gateway",
      RouteTableIds: [ref("Routes")],
    }),
    Flow: resource("AWS::EC2::FlowLog", {
      ResourceId: ref("Vpc"),
      ResourceType: "VPC",
      TrafficType: "ALL",
      LogDestinationType: "s3",
      LogDestination: "arn:aws:s3:::flows",
    }),
    Group: resource("AWS::EC2::SecurityGroup", {
      GroupDescription: "web",
      VpcId: ref("Vpc"),
      SecurityGroupEgress: [{ IpProtocol: "-1", CidrIp: "0.0.0.0/0", Description: "Allow all outbound" }],
      SecurityGroupIngress: [{ IpProtocol: "tcp", FromPort: port, ToPort: port, CidrIp: "0.0.0.0/0" }],
    }),
    FromItself: resource("AWS::EC2::SecurityGroupIngress", {
      GroupId: att("Group", "GroupId"),
      IpProtocol: "tcp",
      FromPort: 9000,
      ToPort: 9000,
      SourceSecurityGroupId: att("Group", "GroupId"),
    }),
    Template: resource("AWS::EC2::LaunchTemplate", {
      LaunchTemplateData: { ImageId: ref("Image"), InstanceType: "t3.micro", UserData: { "Fn::Base64": "echo hi" } },
    }),
    Key: resource("AWS::EC2::KeyPair", { KeyName: "operators", KeyType: "ed25519" }),
    Server: resource("AWS::EC2::Instance", {
      LaunchTemplate: { LaunchTemplateId: ref("Template"), Version: att("Template", "LatestVersionNumber") },
      KeyName: ref("Key"),
      SubnetId: ref("Public"),
      SecurityGroupIds: [att("Group", "GroupId")],
      Tags: instanceTags,
    }),
  },
  Outputs: {
    Address: { Value: ref("Address") },
    PrivateIp: { Value: att("Server", "PrivateIp") },
    DefaultGroup: { Value: att("Vpc", "DefaultSecurityGroup") },
  },
});

describe("EC2 in a stack", () => {
  it("is made, changed in place and removed again", async () => {
    const made = await stacks.deploy(network([{ Key: "stage", Value: "blue" }], 80));
    expect(made.reasons).toEqual([]);
    expect(made.status).toBe("CREATE_COMPLETE");
    const { Server = "", Group = "" } = made.resources;
    const read = async () =>
      (await ec2.send(new DescribeInstancesCommand({ InstanceIds: [Server] }))).Reservations?.[0]?.Instances?.[0];
    expect(await read()).toMatchObject({
      State: { Name: "running" },
      KeyName: "operators",
      PrivateIpAddress: made.outputs["PrivateIp"],
      SecurityGroups: [{ GroupId: Group }],
    });
    expect(made.outputs["Address"]).toMatch(/^198\.1[89]\./);

    const changed = await stacks.deploy(network([{ Key: "stage", Value: "green" }], 443));
    expect(changed.reasons).toEqual([]);
    expect(changed.resources["Server"]).toBe(Server);
    expect((await read())?.Tags).toContainEqual({ Key: "stage", Value: "green" });
    const { SecurityGroups: [group] = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [Group] }));
    expect(group?.IpPermissions?.map(({ FromPort }) => FromPort).toSorted()).toEqual([443, 9000]);

    expect(await stacks.remove()).toBe("DELETE_COMPLETE");
    expect((await read())?.State?.Name).toBe("terminated");
    const { SecurityGroups } = await ec2.send(
      new DescribeSecurityGroupsCommand({ Filters: [{ Name: "group-id", Values: [Group] }] }),
    );
    expect(SecurityGroups).toEqual([]);
  });

  it("leaves no process behind where the stack fails after an instance has started", async () => {
    /** The trees of instances that run, as the system tells of them. */
    const trees = async () => {
      const seen = await processTable(process.platform)(await treeVariable(cloud.dataFolder));
      return new Set(seen.flatMap(({ mark }) => (mark?.startsWith("workload/") ? [mark] : [])));
    };
    const template = {
      Parameters: network([], 80).Parameters,
      Resources: {
        Server: resource("AWS::EC2::Instance", {
          ImageId: ref("Image"),
          InstanceType: "t3.micro",
          UserData: { "Fn::Base64": "#!/bin/sh\nsleep 100000 & exec sleep 100000" },
        }),
      },
    };
    expect((await stacks.deploy(template, { name: "good" })).status).toBe("CREATE_COMPLETE");
    const before = await trees();
    expect(before.size).toBe(1);
    const Broken = resource(
      "AWS::EC2::Instance",
      { ImageId: "ami-0123456789abcdef0", InstanceType: "t3.micro" },
      { DependsOn: "Server" },
    );
    const failed = await stacks.deploy(
      { ...template, Resources: { ...template.Resources, Broken } },
      { name: "failing" },
    );
    expect(failed.status).toBe("ROLLBACK_COMPLETE");
    await cloud.idle();
    expect(await trees()).toEqual(before);
  });
});
