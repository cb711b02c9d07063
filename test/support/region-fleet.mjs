import { CreateLaunchTemplateCommand, DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";

const amazonLinux = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";

/**
 * A region's part of a fleet, as the `Fleet` construct makes it: a launch template, a balancer, and the parameter that tells
 * of them.
 *
 * @param {{ endpoint: string, region: string, credentials: { accessKeyId: string, secretAccessKey: string } }} config
 * @param {{ name: string, script: string, traffic: "attachment" | "weight", capacity: import("@trysail/delivery").Capacity, image?: string }} about -
 *   `script` is the user data; the `image` is the newest Amazon Linux if none is named
 * @returns {Promise<string>} the balancer's URL
 */
export async function makeFleet(config, { name, script, traffic, capacity, image }) {
  const ec2 = new EC2Client(config);
  const elb = new ElasticLoadBalancingV2Client(config);
  const ssm = new SSMClient(config);
  const ImageId = image ?? (await ssm.send(new GetParameterCommand({ Name: amazonLinux }))).Parameter?.Value;
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const subnets = Subnets.map(({ SubnetId = "" }) => SubnetId);
  const { LaunchTemplate } = await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: name,
      LaunchTemplateData: {
        ImageId,
        InstanceType: "t3.micro",
        UserData: Buffer.from(script).toString("base64"),
      },
    }),
  );
  const { LoadBalancers: [balancer] = [] } = await elb.send(
    new CreateLoadBalancerCommand({ Name: name, Subnets: subnets }),
  );
  const { TargetGroups: [targetGroup] = [] } = await elb.send(
    new CreateTargetGroupCommand({
      Name: name,
      Protocol: "HTTP",
      Port: 8080,
      VpcId: balancer?.VpcId,
      HealthCheckIntervalSeconds: 5,
      // AWS refuses its own default, 5: it must be smaller than the interval.
      HealthCheckTimeoutSeconds: 4,
      HealthyThresholdCount: 2,
    }),
  );
  const arn = targetGroup?.TargetGroupArn ?? "";
  await elb.send(
    new ModifyTargetGroupAttributesCommand({
      TargetGroupArn: arn,
      Attributes: [{ Key: "deregistration_delay.timeout_seconds", Value: "5" }],
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
  /** @type {import("@trysail/delivery").Fleet} */
  const fleet = {
    version: 1,
    capacity,
    compute: {
      kind: "auto-scaling",
      launchTemplate: { id: LaunchTemplate?.LaunchTemplateId ?? "", version: "1" },
      subnets,
      healthCheckGraceSeconds: 60,
    },
    traffic:
      traffic === "attachment"
        ? { kind: traffic, targetGroups: [arn] }
        : { kind: traffic, listener: listener?.ListenerArn ?? "", targetGroup: arn },
  };
  await ssm.send(
    new PutParameterCommand({ Name: `/trysail/fleets/${name}`, Type: "String", Value: JSON.stringify(fleet) }),
  );
  for (const client of [ec2, elb, ssm]) client.destroy();
  return `http://${balancer?.DNSName?.replace(/:\d+$/, "")}:8080`;
}
