import { DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";
import { stackKit } from "../cloudformation/stack.test-kit.ts";

let cloud: TestCloud;
let elb: ElasticLoadBalancingV2Client;
let network: { readonly VpcId: string | undefined; readonly Subnets: readonly (string | undefined)[] };
beforeAll(async () => {
  cloud = await startTestCloud();
  elb = cloud.client(ElasticLoadBalancingV2Client);
  const { Subnets = [] } = await cloud.client(EC2Client).send(new DescribeSubnetsCommand({}));
  network = { VpcId: Subnets[0]?.VpcId, Subnets: Subnets.map(({ SubnetId }) => SubnetId) };
});
afterAll(() => cloud.stop());

/** As the CDK writes an ApplicationLoadBalancer with a listener, a target group and a rule. */
const template = ({
  priority = 10,
  path = "/health",
  idle,
  tags = [],
}: {
  priority?: number;
  path?: string;
  idle?: string;
  tags?: readonly { readonly Key: string; readonly Value: string }[];
}) => ({
  Resources: {
    Balancer: {
      Type: "AWS::ElasticLoadBalancingV2::LoadBalancer",
      Properties: {
        LoadBalancerAttributes: [
          { Key: "deletion_protection.enabled", Value: "false" },
          ...(idle === undefined ? [] : [{ Key: "idle_timeout.timeout_seconds", Value: idle }]),
        ],
        Scheme: "internet-facing",
        Subnets: network.Subnets,
        Type: "application",
      },
    },
    Group: {
      Type: "AWS::ElasticLoadBalancingV2::TargetGroup",
      Properties: {
        HealthCheckPath: path,
        HealthCheckIntervalSeconds: "10",
        Port: 80,
        Protocol: "HTTP",
        TargetGroupAttributes: [{ Key: "stickiness.enabled", Value: "false" }],
        TargetType: "ip",
        Targets: [{ Id: "127.0.0.1", Port: "65000" }],
        VpcId: network.VpcId,
      },
    },
    Listener: {
      Type: "AWS::ElasticLoadBalancingV2::Listener",
      Properties: {
        DefaultActions: [{ TargetGroupArn: { Ref: "Group" }, Type: "forward" }],
        LoadBalancerArn: { Ref: "Balancer" },
        Port: 80,
        Protocol: "HTTP",
        Tags: tags,
      },
    },
    Rule: {
      Type: "AWS::ElasticLoadBalancingV2::ListenerRule",
      Properties: {
        Actions: [
          {
            FixedResponseConfig: { ContentType: "text/plain", MessageBody: "hi", StatusCode: "200" },
            Type: "fixed-response",
          },
        ],
        Conditions: [{ Field: "path-pattern", PathPatternConfig: { Values: ["/hi"] } }],
        ListenerArn: { Ref: "Listener" },
        Priority: priority,
        Tags: tags,
      },
    },
  },
  Outputs: {
    Dns: { Value: { "Fn::GetAtt": ["Balancer", "DNSName"] } },
    FullName: { Value: { "Fn::GetAtt": ["Balancer", "LoadBalancerFullName"] } },
    GroupName: { Value: { "Fn::GetAtt": ["Group", "TargetGroupFullName"] } },
    Rule: { Value: { "Fn::GetAtt": ["Rule", "RuleArn"] } },
  },
});

describe("a stack with a load balancer", () => {
  it("serves, is changed in place, and goes whole", async () => {
    const stacks = stackKit(cloud);
    const made = await stacks.deploy(template({ idle: "30" }));
    expect(made.reasons).toEqual([]);
    const { Dns = "", FullName, GroupName, Rule = "" } = made.outputs;
    expect(FullName).toMatch(/^app\/test-Balancer-[A-Z0-9]+\/[0-9a-f]{16}$/);
    expect(GroupName).toMatch(/^targetgroup\/test-Group-[A-Z0-9]+\/[0-9a-f]{16}$/);
    await cloud.idle();
    expect(await (await fetch(`http://${Dns}/hi`)).text()).toBe("hi");

    const changed = await stacks.deploy(template({ priority: 20, path: "/ready" }));
    expect(changed.status).toBe("UPDATE_COMPLETE");
    expect(changed.resources).toEqual(made.resources);
    const { Rules } = await elb.send(new DescribeRulesCommand({ RuleArns: [Rule] }));
    expect(Rules?.[0]?.Priority).toBe("20");
    const groups = await elb.send(
      new DescribeTargetGroupsCommand({ TargetGroupArns: [made.resources["Group"] ?? ""] }),
    );
    expect(groups.TargetGroups?.[0]).toMatchObject({ HealthCheckPath: "/ready", HealthCheckIntervalSeconds: 10 });

    expect(await stacks.remove()).toBe("DELETE_COMPLETE");
    const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({}));
    expect(LoadBalancers).toEqual([]);
    await expect(
      elb.send(new DescribeListenersCommand({ ListenerArns: [made.resources["Listener"] ?? ""] })),
    ).rejects.toMatchObject({ name: "ListenerNotFoundException" });
  });

  it("gives listeners and rules the template's tags, changes them, and takes those away that it has no more", async () => {
    const stacks = stackKit(cloud);
    const one = await stacks.deploy(
      template({
        tags: [
          { Key: "team", Value: "a" },
          { Key: "old", Value: "yes" },
        ],
      }),
    );
    const arns = [one.resources["Listener"] ?? "", one.resources["Rule"] ?? ""];
    const own = async () => {
      const { TagDescriptions = [] } = await elb.send(new DescribeTagsCommand({ ResourceArns: arns }));
      return TagDescriptions.map(({ Tags = [] }) =>
        Object.fromEntries(Tags.flatMap(({ Key = "", Value }) => (Key.startsWith("aws:") ? [] : [[Key, Value]]))),
      );
    };
    expect(await own()).toEqual(arns.map(() => ({ team: "a", old: "yes" })));
    const two = await stacks.deploy(template({ tags: [{ Key: "team", Value: "b" }] }));
    expect(two.status).toBe("UPDATE_COMPLETE");
    expect(await own()).toEqual(arns.map(() => ({ team: "b" })));
    expect(await stacks.remove()).toBe("DELETE_COMPLETE");
  });
});
