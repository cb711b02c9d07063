import type { TargetDescription } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Context } from "../../../kernel/context.ts";
import type { Properties, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";
import type { Input } from "../../../kernel/sdk-types.ts";
import { targetGroupAttributes } from "../attributes.ts";
import { errors } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { attributeChanges, fullNameOf, membersOf, tagsFor, updateTags, wasMadeFor } from "./properties.ts";

const healthCheck = [
  "HealthCheckEnabled",
  "HealthCheckIntervalSeconds",
  "HealthCheckPath",
  "HealthCheckPort",
  "HealthCheckProtocol",
  "HealthCheckTimeoutSeconds",
  "HealthyThresholdCount",
  "Matcher",
  "UnhealthyThresholdCount",
];
const fixed = ["IpAddressType", "Port", "Protocol", "ProtocolVersion", "TargetControlPort", "TargetType", "VpcId"];

type CreateInput = Input<Sdk, "createTargetGroup">;

function inputOf(name: string, properties: Properties, request: ResourceRequest): CreateInput {
  const given = Object.fromEntries([...fixed, ...healthCheck].map((key) => [key, properties[key]]));
  return { ...(membersOf(given) as Partial<CreateInput>), Name: name, Tags: tagsFor(request, properties) };
}

async function identity(ctx: Context, arn: string) {
  const { TargetGroups: found = [] } = await ctx.call.elasticloadbalancing.describeTargetGroups({
    TargetGroupArns: [arn],
  });
  return {
    status: "done",
    id: arn,
    attributes: {
      LoadBalancerArns: found[0]?.LoadBalancerArns ?? [],
      TargetGroupArn: arn,
      TargetGroupFullName: `targetgroup/${fullNameOf(arn, "targetgroup")}`,
      TargetGroupName: found[0]?.TargetGroupName,
    },
  } as const;
}

async function setAttributes(ctx: Context, arn: string, properties: Properties, previous: Properties): Promise<void> {
  const name = "TargetGroupAttributes";
  const defaults = targetGroupAttributes(properties["TargetType"] === "lambda" ? "lambda" : "instance");
  const Attributes = attributeChanges(properties[name], previous[name], defaults);
  if (Attributes.length > 0)
    await ctx.call.elasticloadbalancing.modifyTargetGroupAttributes({ TargetGroupArn: arn, Attributes });
}

function targetsIn(properties: Properties): TargetDescription[] {
  return membersOf(properties["Targets"] ?? []) as TargetDescription[];
}

async function setTargets(ctx: Context, arn: string, properties: Properties, previous: Properties): Promise<void> {
  const [now, before] = [targetsIn(properties), targetsIn(previous)];
  const without = (these: TargetDescription[], others: TargetDescription[]) =>
    these.filter((one) => !others.some((other) => other.Id === one.Id && other.Port === one.Port));
  const [added, gone] = [without(now, before), without(before, now)];
  const { elasticloadbalancing: elb } = ctx.call;
  if (added.length > 0) await elb.registerTargets({ TargetGroupArn: arn, Targets: added });
  if (gone.length > 0) await elb.deregisterTargets({ TargetGroupArn: arn, Targets: gone });
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-targetgroup.html */
export const targetGroup: ResourceType = {
  properties: [...fixed, ...healthCheck, "Name", "Tags", "TargetGroupAttributes", "Targets"],
  replacedBy: ["Name", ...fixed],

  async create(ctx, properties, request) {
    const given = properties["Name"];
    const name = typeof given === "string" ? given : request.generatedName({ maxLength: 32 });
    const { TargetGroups: made = [] } = await ctx.call.elasticloadbalancing.createTargetGroup(
      inputOf(name, properties, request),
    );
    const arn = made[0]?.TargetGroupArn ?? "";
    // One with the same settings is given back as it is, whoever made it.
    if (!(await wasMadeFor(ctx, arn, request)))
      throw errors.DuplicateTargetGroupName(`A target group with the same name '${name}' exists`);
    request.made(arn);
    await setAttributes(ctx, arn, properties, {});
    await setTargets(ctx, arn, properties, {});
    return identity(ctx, arn);
  },

  async update(ctx, id, properties, previous, request) {
    const { Name: _, Tags: __, ...input } = inputOf("", properties, request);
    const { HealthCheckEnabled, HealthCheckIntervalSeconds, HealthCheckPath, HealthCheckPort } = input;
    const { HealthCheckProtocol, HealthCheckTimeoutSeconds, HealthyThresholdCount, UnhealthyThresholdCount } = input;
    await ctx.call.elasticloadbalancing.modifyTargetGroup({
      TargetGroupArn: id,
      HealthCheckEnabled,
      HealthCheckIntervalSeconds,
      HealthCheckPath,
      HealthCheckPort,
      HealthCheckProtocol,
      HealthCheckTimeoutSeconds,
      HealthyThresholdCount,
      UnhealthyThresholdCount,
      Matcher: input.Matcher,
    });
    await setAttributes(ctx, id, properties, previous);
    await setTargets(ctx, id, properties, previous);
    await updateTags(ctx, id, properties, previous, request);
    return identity(ctx, id);
  },

  async remove(ctx, id) {
    await ctx.call.elasticloadbalancing.deleteTargetGroup({ TargetGroupArn: id });
    return { status: "done" };
  },
};
