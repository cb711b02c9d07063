import type {
  PutLifecycleHookCommandInput,
  PutScalingPolicyCommandInput,
  PutScheduledUpdateGroupActionCommandInput,
} from "@aws-sdk/client-auto-scaling";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Outcome, Properties, ResourceIdentity, ResourceType } from "../../../kernel/resource.ts";
import { textOf } from "./values.ts";

/** A value whose numbers may have been written as texts, as templates may. */
function withNumbers(value: unknown): unknown {
  if (typeof value === "string") return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(withNumbers);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withNumbers(item)]));
}

const given = (properties: Properties, names: readonly string[]) =>
  Object.fromEntries(names.flatMap((name) => (properties[name] === undefined ? [] : [[name, properties[name]]])));

/** What belongs to a group has gone with it. */
async function unlessGone(work: () => Promise<unknown>): Promise<Outcome> {
  try {
    await work();
  } catch (error) {
    if (!isAwsError(error, "ValidationError")) throw error;
  }
  return { status: "done" };
}

const policyNumbers = [
  "Cooldown",
  "EstimatedInstanceWarmup",
  "MinAdjustmentMagnitude",
  "ScalingAdjustment",
  "StepAdjustments",
  "TargetTrackingConfiguration",
];
const policyTexts = ["AdjustmentType", "MetricAggregationType", "PolicyType", "PredictiveScalingConfiguration"];

async function putPolicy(ctx: Context, properties: Properties, PolicyName: string): Promise<Outcome<ResourceIdentity>> {
  const { PolicyARN = "" } = await ctx.call.autoscaling.putScalingPolicy({
    ...given(properties, policyTexts),
    ...(withNumbers(given(properties, policyNumbers)) as Partial<PutScalingPolicyCommandInput>),
    AutoScalingGroupName: textOf(properties["AutoScalingGroupName"]),
    PolicyName,
  });
  return { status: "done", id: PolicyARN, attributes: { Arn: PolicyARN, PolicyName } };
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-autoscaling-scalingpolicy.html */
export const scalingPolicy: ResourceType = {
  properties: [...policyNumbers, ...policyTexts, "AutoScalingGroupName"],
  required: ["AutoScalingGroupName"],
  replacedBy: ["AutoScalingGroupName"],
  create: (ctx, properties, request) => putPolicy(ctx, properties, request.generatedName()),
  update: (ctx, id, properties) => putPolicy(ctx, properties, id.slice(id.indexOf(":policyName/") + 12)),
  remove: (ctx, id) => unlessGone(() => ctx.call.autoscaling.deletePolicy({ PolicyName: id })),
};

async function putAction(ctx: Context, properties: Properties, id: string): Promise<Outcome<ResourceIdentity>> {
  const date = (name: string) => (properties[name] === undefined ? undefined : new Date(textOf(properties[name])));
  await ctx.call.autoscaling.putScheduledUpdateGroupAction({
    ...(withNumbers(
      given(properties, ["DesiredCapacity", "MaxSize", "MinSize"]),
    ) as Partial<PutScheduledUpdateGroupActionCommandInput>),
    ...given(properties, ["Recurrence", "TimeZone"]),
    StartTime: date("StartTime"),
    EndTime: date("EndTime"),
    AutoScalingGroupName: textOf(properties["AutoScalingGroupName"]),
    ScheduledActionName: id,
  });
  return { status: "done", id, attributes: { ScheduledActionName: id } };
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-autoscaling-scheduledaction.html */
export const scheduledAction: ResourceType = {
  properties: [
    "AutoScalingGroupName",
    "DesiredCapacity",
    "EndTime",
    "MaxSize",
    "MinSize",
    "Recurrence",
    "StartTime",
    "TimeZone",
  ],
  required: ["AutoScalingGroupName"],
  replacedBy: ["AutoScalingGroupName"],
  create: (ctx, properties, request) => putAction(ctx, properties, request.generatedName()),
  update: (ctx, id, properties) => putAction(ctx, properties, id),
  remove: (ctx, id, properties) =>
    unlessGone(() =>
      ctx.call.autoscaling.deleteScheduledAction({
        AutoScalingGroupName: textOf(properties["AutoScalingGroupName"]),
        ScheduledActionName: id,
      }),
    ),
};

const hookTexts = ["DefaultResult", "LifecycleTransition", "NotificationMetadata", "NotificationTargetARN", "RoleARN"];

async function putHook(ctx: Context, properties: Properties, id: string): Promise<Outcome<ResourceIdentity>> {
  await ctx.call.autoscaling.putLifecycleHook({
    NotificationTargetARN: "",
    ...given(properties, hookTexts),
    ...(withNumbers(given(properties, ["HeartbeatTimeout"])) as Partial<PutLifecycleHookCommandInput>),
    AutoScalingGroupName: textOf(properties["AutoScalingGroupName"]),
    LifecycleHookName: id,
  });
  return { status: "done", id, attributes: {} };
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-autoscaling-lifecyclehook.html */
export const lifecycleHook: ResourceType = {
  properties: [...hookTexts, "AutoScalingGroupName", "HeartbeatTimeout", "LifecycleHookName"],
  required: ["AutoScalingGroupName", "LifecycleTransition"],
  replacedBy: ["AutoScalingGroupName", "LifecycleHookName"],
  create: (ctx, properties, request) =>
    putHook(ctx, properties, textOf(properties["LifecycleHookName"] ?? request.generatedName())),
  update: (ctx, id, properties) => putHook(ctx, properties, id),
  remove: (ctx, id, properties) =>
    unlessGone(() =>
      ctx.call.autoscaling.deleteLifecycleHook({
        AutoScalingGroupName: textOf(properties["AutoScalingGroupName"]),
        LifecycleHookName: id,
      }),
    ),
};
