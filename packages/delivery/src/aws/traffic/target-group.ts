import {
  CreateTargetGroupCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ModifyTargetGroupAttributesCommand,
  type ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { TrysailError } from "@trysail/core";

/**
 * A target group with another one's settings, health check, attributes and tags.
 *
 * @param existing - its ARN, if it was made already: whether it got its attributes is not known
 * @returns its ARN
 */
export async function copyOf(
  loadBalancing: ElasticLoadBalancingV2Client,
  source: string,
  name: string,
  tags: Readonly<Record<string, string>>,
  existing: string | undefined,
): Promise<string> {
  const arn = existing ?? (await create(loadBalancing, source, name, tags));
  const { Attributes = [] } = await loadBalancing.send(
    new DescribeTargetGroupAttributesCommand({ TargetGroupArn: source }),
  );
  if (Attributes.length > 0)
    await loadBalancing.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: arn, Attributes }));
  return arn;
}

async function create(
  loadBalancing: ElasticLoadBalancingV2Client,
  source: string,
  name: string,
  tags: Readonly<Record<string, string>>,
): Promise<string> {
  const { TargetGroups: [like] = [] } = await loadBalancing.send(
    new DescribeTargetGroupsCommand({ TargetGroupArns: [source] }),
  );
  if (like === undefined)
    throw new TrysailError("no-target-group", `There is no target group ${source}.`, { fault: "user" });
  const { TagDescriptions: [told] = [] } = await loadBalancing.send(
    new DescribeTagsCommand({ ResourceArns: [source] }),
  );
  // Those of AWS itself, such as CloudFormation's, cannot be given.
  const copied = (told?.Tags ?? []).filter(({ Key = "" }) => !Key.startsWith("aws:") && !(Key in tags));
  const { TargetGroups: [made] = [] } = await loadBalancing.send(
    new CreateTargetGroupCommand({
      Name: name,
      Protocol: like.Protocol,
      ProtocolVersion: like.ProtocolVersion,
      Port: like.Port,
      VpcId: like.VpcId,
      TargetType: like.TargetType,
      IpAddressType: like.IpAddressType,
      HealthCheckProtocol: like.HealthCheckProtocol,
      HealthCheckPort: like.HealthCheckPort,
      HealthCheckEnabled: like.HealthCheckEnabled,
      HealthCheckPath: like.HealthCheckPath,
      HealthCheckIntervalSeconds: like.HealthCheckIntervalSeconds,
      HealthCheckTimeoutSeconds: like.HealthCheckTimeoutSeconds,
      HealthyThresholdCount: like.HealthyThresholdCount,
      UnhealthyThresholdCount: like.UnhealthyThresholdCount,
      Matcher: like.Matcher,
      Tags: [...Object.entries(tags).map(([Key, Value]) => ({ Key, Value })), ...copied],
    }),
  );
  const arn = made?.TargetGroupArn;
  if (arn === undefined)
    throw new TrysailError(
      "answer-without-name",
      "Elastic Load Balancing tells no ARN of the target group that it made.",
    );
  return arn;
}
