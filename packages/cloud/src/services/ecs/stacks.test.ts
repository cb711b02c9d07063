import { systemClock } from "@trysail/core";
import { DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { DescribeServicesCommand, ECSClient, ListTasksCommand } from "@aws-sdk/client-ecs";
import { DescribeTargetHealthCommand, ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";
import { stackKit } from "../cloudformation/stack.test-kit.ts";

let cloud: TestCloud;
let network: { readonly VpcId: string | undefined; readonly Subnets: readonly (string | undefined)[] };
beforeAll(async () => {
  // Targets are checked by worker processes, in real time.
  cloud = await startTestCloud({ clock: systemClock() });
  const { Subnets = [] } = await cloud.client(EC2Client).send(new DescribeSubnetsCommand({}));
  network = { VpcId: Subnets[0]?.VpcId, Subnets: Subnets.map(({ SubnetId }) => SubnetId) };
});
afterAll(() => cloud.stop());

const server = (text: string) =>
  `require("node:http").createServer((_, response) => response.end(${JSON.stringify(text)})).listen(8080)`;

/** As the CDK writes an ApplicationLoadBalancedFargateService. */
const template = (script: string) => ({
  Resources: {
    Cluster: { Type: "AWS::ECS::Cluster" },
    Role: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: {
          Version: "2012-10-17",
          Statement: [{ Action: "sts:AssumeRole", Effect: "Allow", Principal: { Service: "ecs-tasks.amazonaws.com" } }],
        },
      },
    },
    Logs: { Type: "AWS::Logs::LogGroup" },
    Definition: {
      Type: "AWS::ECS::TaskDefinition",
      Properties: {
        ContainerDefinitions: [
          {
            Command: ["node", "-e", script],
            Essential: true,
            Image: "node:22",
            LogConfiguration: {
              LogDriver: "awslogs",
              Options: {
                "awslogs-group": { Ref: "Logs" },
                "awslogs-region": { Ref: "AWS::Region" },
                "awslogs-stream-prefix": "web",
              },
            },
            Name: "web",
            PortMappings: [{ ContainerPort: 8080, Protocol: "tcp" }],
          },
        ],
        Cpu: "256",
        ExecutionRoleArn: { "Fn::GetAtt": ["Role", "Arn"] },
        Family: "web",
        Memory: "512",
        NetworkMode: "awsvpc",
        RequiresCompatibilities: ["FARGATE"],
        TaskRoleArn: { "Fn::GetAtt": ["Role", "Arn"] },
      },
    },
    Balancer: {
      Type: "AWS::ElasticLoadBalancingV2::LoadBalancer",
      Properties: { Scheme: "internet-facing", Subnets: network.Subnets, Type: "application" },
    },
    Group: {
      Type: "AWS::ElasticLoadBalancingV2::TargetGroup",
      Properties: {
        HealthCheckIntervalSeconds: 5,
        HealthCheckTimeoutSeconds: 2,
        HealthyThresholdCount: 2,
        Port: 80,
        Protocol: "HTTP",
        TargetType: "ip",
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
      },
    },
    Service: {
      Type: "AWS::ECS::Service",
      DependsOn: ["Listener"],
      Properties: {
        Cluster: { Ref: "Cluster" },
        DeploymentConfiguration: {
          DeploymentCircuitBreaker: { Enable: true, Rollback: true },
          MaximumPercent: 200,
          MinimumHealthyPercent: 100,
        },
        DesiredCount: 1,
        EnableECSManagedTags: false,
        HealthCheckGracePeriodSeconds: 60,
        LaunchType: "FARGATE",
        LoadBalancers: [{ ContainerName: "web", ContainerPort: 8080, TargetGroupArn: { Ref: "Group" } }],
        NetworkConfiguration: { AwsvpcConfiguration: { AssignPublicIp: "ENABLED", Subnets: network.Subnets } },
        TaskDefinition: { Ref: "Definition" },
      },
    },
  },
  Outputs: {
    Cluster: { Value: { Ref: "Cluster" } },
    Service: { Value: { "Fn::GetAtt": ["Service", "Name"] } },
    Group: { Value: { Ref: "Group" } },
    Dns: { Value: { "Fn::GetAtt": ["Balancer", "DNSName"] } },
  },
});

describe("a stack with a service behind a load balancer", () => {
  it("is made when requests reach the service, changes without a failed request, and leaves no task", async () => {
    const stacks = stackKit(cloud);
    const ecs = cloud.client(ECSClient);
    const elb = cloud.client(ElasticLoadBalancingV2Client);
    const made = await stacks.deploy(template(server("one")));
    expect(made).toMatchObject({ status: "CREATE_COMPLETE", reasons: [] });
    const { Cluster: cluster = "", Service: service = "", Group: group, Dns: dns } = made.outputs;
    const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: group }));
    expect(TargetHealthDescriptions).toMatchObject([{ TargetHealth: { State: "healthy" } }]);
    const ask = async () => (await fetch(`http://${dns}/`)).text();
    expect(await ask()).toBe("one");

    const answers = new Set<string>();
    const asking = new AbortController();
    const load = (async () => {
      while (!asking.signal.aborted) answers.add(await ask());
    })();
    expect(await stacks.deploy(template(server("two")))).toMatchObject({ status: "UPDATE_COMPLETE" });
    expect(await ask()).toBe("two");
    asking.abort();
    await load;
    expect([...answers].toSorted()).toEqual(["one", "two"]);
    const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }));
    expect(services[0]?.deployments).toMatchObject([{ rolloutState: "COMPLETED", runningCount: 1 }]);

    expect(await stacks.remove()).toBe("DELETE_COMPLETE");
    await expect(ecs.send(new ListTasksCommand({ cluster }))).rejects.toMatchObject({
      name: "ClusterNotFoundException",
    });
  });
});
