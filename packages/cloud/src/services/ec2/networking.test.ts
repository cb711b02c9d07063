import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DeleteSecurityGroupCommand,
  DeleteVpcCommand,
  DescribeAvailabilityZonesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeTagsCommand,
  DescribeVpcsCommand,
  EC2Client,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";

let cloud: TestCloud;
let ec2: EC2Client;
beforeAll(async () => {
  cloud = await startTestCloud();
  ec2 = cloud.client(EC2Client, { region: "eu-west-1" });
});
afterAll(() => cloud.stop());

const makeVpc = async (CidrBlock: string) => (await ec2.send(new CreateVpcCommand({ CidrBlock }))).Vpc?.VpcId ?? "";
const makeSubnet = (VpcId: string, CidrBlock: string) => ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock }));

describe("the default VPC", () => {
  it("is there in every region, with a public subnet in each zone", async () => {
    const { Vpcs = [] } = await ec2.send(
      new DescribeVpcsCommand({ Filters: [{ Name: "is-default", Values: ["true"] }] }),
    );
    expect(Vpcs).toMatchObject([{ CidrBlock: "172.31.0.0/16", State: "available" }]);
    const { Subnets = [] } = await ec2.send(
      new DescribeSubnetsCommand({ Filters: [{ Name: "vpc-id", Values: [Vpcs[0]?.VpcId ?? ""] }] }),
    );
    expect(
      Subnets.map(({ AvailabilityZone, CidrBlock, MapPublicIpOnLaunch }) => [
        AvailabilityZone,
        CidrBlock,
        MapPublicIpOnLaunch,
      ]).toSorted(),
    ).toEqual([
      ["eu-west-1a", "172.31.0.0/20", true],
      ["eu-west-1b", "172.31.16.0/20", true],
      ["eu-west-1c", "172.31.32.0/20", true],
    ]);
    const { AvailabilityZones = [] } = await ec2.send(new DescribeAvailabilityZonesCommand({}));
    expect(AvailabilityZones.map(({ ZoneId }) => ZoneId)).toEqual(["euw1-az1", "euw1-az2", "euw1-az3"]);
  });
});

describe("VPCs and subnets", () => {
  it.each([
    ["10.0.0.0/8", "InvalidVpc.Range", "The CIDR '10.0.0.0/8' is invalid."],
    ["ten", "InvalidParameterValue", "Value (ten) for parameter cidrBlock is invalid. This is not a valid CIDR block."],
  ])("refuse the block %s", async (block, name, message) => {
    await expect(makeVpc(block)).rejects.toMatchObject({ name, message });
  });

  it("refuse subnets that lie elsewhere or over others", async () => {
    const vpc = await makeVpc("10.0.0.0/16");
    await makeSubnet(vpc, "10.0.0.0/24");
    await expect(makeSubnet(vpc, "10.1.0.0/24")).rejects.toMatchObject({ name: "InvalidSubnet.Range" });
    await expect(makeSubnet(vpc, "10.0.0.128/25")).rejects.toMatchObject({
      name: "InvalidSubnet.Conflict",
      message: "The CIDR '10.0.0.128/25' conflicts with another subnet",
    });
    await expect(ec2.send(new DeleteVpcCommand({ VpcId: vpc }))).rejects.toMatchObject({
      name: "DependencyViolation",
      message: `The vpc '${vpc}' has dependencies and cannot be deleted.`,
    });
  });

  it("are not made by a dry run", async () => {
    await expect(ec2.send(new CreateVpcCommand({ CidrBlock: "10.9.0.0/16", DryRun: true }))).rejects.toMatchObject({
      name: "DryRunOperation",
    });
    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: "cidr", Values: ["10.9.*"] }] }));
    expect(Vpcs).toEqual([]);
  });

  it("take what they were born with along when they are deleted", async () => {
    const VpcId = await makeVpc("10.5.0.0/16");
    await ec2.send(new DeleteVpcCommand({ VpcId }));
    const Filters = [{ Name: "vpc-id", Values: [VpcId] }];
    expect((await ec2.send(new DescribeSecurityGroupsCommand({ Filters }))).SecurityGroups).toEqual([]);
    await expect(ec2.send(new DescribeVpcsCommand({ VpcIds: [VpcId] }))).rejects.toMatchObject({
      name: "InvalidVpcID.NotFound",
      message: `The vpc ID '${VpcId}' does not exist`,
    });
  });
});

describe("security groups", () => {
  it("keep rules, refuse them twice, and lose them again", async () => {
    const { GroupId = "" } = await ec2.send(new CreateSecurityGroupCommand({ GroupName: "web", Description: "web" }));
    const http = { IpProtocol: "tcp", FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: "0.0.0.0/0" }] };
    const allow = () => ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [http] }));
    await allow();
    await expect(allow()).rejects.toMatchObject({
      name: "InvalidPermission.Duplicate",
      message: 'the specified rule "peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW" already exists',
    });
    const read = async () =>
      (await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }))).SecurityGroups?.[0];
    expect(await read()).toMatchObject({
      IpPermissions: [http],
      IpPermissionsEgress: [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }],
    });
    await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: [http] }));
    await ec2.send(
      new RevokeSecurityGroupEgressCommand({
        GroupId,
        IpPermissions: [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }],
      }),
    );
    const { IpPermissions = [], IpPermissionsEgress = [] } = (await read()) ?? {};
    expect([...IpPermissions, ...IpPermissionsEgress]).toEqual([]);
    await expect(
      ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: [http] })),
    ).rejects.toMatchObject({ name: "InvalidPermission.NotFound" });
  });

  it("stay while another group lets them in", async () => {
    const make = async (GroupName: string) =>
      (await ec2.send(new CreateSecurityGroupCommand({ GroupName, Description: "x" }))).GroupId ?? "";
    const [balancer, service] = [await make("balancer"), await make("service")];
    const fromBalancer = { IpProtocol: "tcp", FromPort: 8080, ToPort: 8080, UserIdGroupPairs: [{ GroupId: balancer }] };
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: service, IpPermissions: [fromBalancer] }));
    const remove = (GroupId: string) => ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
    await expect(remove(balancer)).rejects.toMatchObject({
      name: "DependencyViolation",
      message: `resource ${balancer} has a dependent object`,
    });
    await remove(service);
    await remove(balancer);
  });
});

describe("tags", () => {
  it("are given to anything, found by filters and listed", async () => {
    const VpcId = await makeVpc("10.7.0.0/16");
    await ec2.send(new CreateTagsCommand({ Resources: [VpcId], Tags: [{ Key: "team", Value: "blue" }] }));
    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: "tag:team", Values: ["b*"] }] }));
    expect(Vpcs).toMatchObject([{ VpcId, Tags: [{ Key: "team", Value: "blue" }] }]);
    const { Tags } = await ec2.send(new DescribeTagsCommand({ Filters: [{ Name: "tag:team", Values: ["blue"] }] }));
    expect(Tags).toMatchObject([{ ResourceId: VpcId, ResourceType: "vpc" }]);
    await expect(
      ec2.send(new CreateTagsCommand({ Resources: ["vpc-00000000000000000"], Tags: [{ Key: "a", Value: "b" }] })),
    ).rejects.toMatchObject({ name: "InvalidVpcID.NotFound" });
  });
});
