import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Properties, ResourceType } from "../../../kernel/resource.ts";
import type { Input } from "../../../kernel/sdk-types.ts";
import { dimension } from "../model.ts";
import type { Sdk } from "../sdk.ts";

const numbers: ReadonlySet<string> = new Set([
  "Cooldown",
  "MetricIntervalLowerBound",
  "MetricIntervalUpperBound",
  "MinAdjustmentMagnitude",
  "ScaleInCooldown",
  "ScaleOutCooldown",
  "ScalingAdjustment",
  "TargetValue",
]);

/** A template may write numbers and truths as texts. */
function typed(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => typed(item, name));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, own]) => [key, typed(own, key)]));
  if (numbers.has(name)) return Number(value);
  return name === "DisableScaleIn" ? value === true || value === "true" : value;
}

async function put(ctx: Context, properties: Properties) {
  const { PolicyName, PolicyType, ScalingTargetId, ...rest } = properties as Properties & {
    readonly PolicyName: string;
    readonly ScalingTargetId?: string;
  };
  const ResourceId = ScalingTargetId?.split("|")[0] ?? String(rest["ResourceId"]);
  const { PolicyARN: arn = "" } = await ctx.call["application-autoscaling"].putScalingPolicy({
    PolicyName,
    PolicyType: PolicyType as "StepScaling",
    ServiceNamespace: "ecs",
    ScalableDimension: dimension,
    ResourceId,
    ...(typed({
      StepScalingPolicyConfiguration: rest["StepScalingPolicyConfiguration"],
      TargetTrackingScalingPolicyConfiguration: rest["TargetTrackingScalingPolicyConfiguration"],
      PredictiveScalingPolicyConfiguration: rest["PredictiveScalingPolicyConfiguration"],
    }) as Pick<
      Input<Sdk, "putScalingPolicy">,
      "StepScalingPolicyConfiguration" | "TargetTrackingScalingPolicyConfiguration"
    >),
  });
  return { status: "done", id: arn, attributes: { Arn: arn } } as const;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-applicationautoscaling-scalingpolicy.html */
export const scalingPolicy: ResourceType = {
  properties: [
    "PolicyName",
    "PolicyType",
    "PredictiveScalingPolicyConfiguration",
    "ResourceId",
    "ScalableDimension",
    "ScalingTargetId",
    "ServiceNamespace",
    "StepScalingPolicyConfiguration",
    "TargetTrackingScalingPolicyConfiguration",
  ],
  required: ["PolicyName", "PolicyType"],
  replacedBy: ["PolicyName", "ResourceId", "ScalableDimension", "ScalingTargetId", "ServiceNamespace"],
  create: (ctx, properties) => put(ctx, properties),
  update: (ctx, _, properties) => put(ctx, properties),

  async remove(ctx, id) {
    const [, ResourceId = "", PolicyName = ""] = /:resource\/ecs\/(.+):policyName\/(.+)$/.exec(id) ?? [];
    try {
      await ctx.call["application-autoscaling"].deleteScalingPolicy({
        ServiceNamespace: "ecs",
        ScalableDimension: dimension,
        ResourceId,
        PolicyName,
      });
    } catch (error) {
      if (!isAwsError(error, "ObjectNotFoundException")) throw error;
    }
    return { status: "done" };
  },
};
