import { DescribeSecurityGroupsCommand, DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreateClusterCommand, ECSClient, RegisterTaskDefinitionCommand } from "@aws-sdk/client-ecs";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { Capacity, Fleet } from "@trysail/delivery";

export interface EcsFleetGiven {
  readonly name: string;
  /** ECS's cluster, and what is named after it. */
  readonly cluster: string;
  /** A program of Node that serves at port 8080. */
  readonly program: string;
  readonly capacity: Capacity;
}

/**
 * A region's part of a fleet of ECS, as the `Fleet` construct makes it.
 *
 * @returns the balancer's URL
 */
export async function makeEcsFleet(
  config: ConstructorParameters<typeof ECSClient>[0] & object,
  { name, cluster, program, capacity }: EcsFleetGiven,
): Promise<string> {
  const ec2 = new EC2Client(config);
  const ecs = new ECSClient(config);
  const elb = new ElasticLoadBalancingV2Client(config);
  const ssm = new SSMClient(config);
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const subnets = Subnets.map(({ SubnetId = "" }) => SubnetId);
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupNames: ["default"] }));
  await ecs.send(new CreateClusterCommand({ clusterName: cluster }));
  const { taskDefinition } = await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: cluster,
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
      cpu: "256",
      memory: "512",
      containerDefinitions: [
        {
          name: "app",
          image: "node:22",
          command: ["node", "-e", program],
          environment: [{ name: "TRYSAIL_VERSION", value: "of no rollout" }],
          portMappings: [{ containerPort: 8080 }],
        },
      ],
    }),
  );
  const { LoadBalancers: [balancer] = [] } = await elb.send(
    new CreateLoadBalancerCommand({ Name: cluster, Subnets: subnets }),
  );
  const { TargetGroups: [targetGroup] = [] } = await elb.send(
    new CreateTargetGroupCommand({
      Name: cluster,
      Protocol: "HTTP",
      Port: 8080,
      TargetType: "ip",
      VpcId: balancer?.VpcId,
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 4,
      HealthyThresholdCount: 2,
    }),
  );
  const arn = targetGroup?.TargetGroupArn ?? "";
  await elb.send(
    new ModifyTargetGroupAttributesCommand({
      TargetGroupArn: arn,
      Attributes: [{ Key: "deregistration_delay.timeout_seconds", Value: "1" }],
    }),
  );
  const { Listeners: [listener] = [] } = await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: balancer?.LoadBalancerArn,
      Protocol: "HTTP",
      Port: 8080,
      DefaultActions: [{ Type: "forward", TargetGroupArn: arn }],
    }),
  );
  const fleet: Fleet = {
    version: 1,
    capacity,
    compute: {
      kind: "ecs",
      cluster,
      taskDefinition: taskDefinition?.taskDefinitionArn ?? "",
      container: "app",
      port: 8080,
      subnets,
      securityGroups: SecurityGroups.map(({ GroupId = "" }) => GroupId),
      assignPublicIp: true,
      healthCheckGraceSeconds: 60,
    },
    traffic: { kind: "weight", listener: listener?.ListenerArn ?? "", targetGroup: arn },
  };
  await ssm.send(
    new PutParameterCommand({ Name: `/trysail/fleets/${name}`, Type: "String", Value: JSON.stringify(fleet) }),
  );
  for (const client of [ec2, ecs, elb, ssm]) client.destroy();
  return `http://${balancer?.DNSName?.replace(/:\d+$/, "")}:8080`;
}
