import type { Context } from "../../../kernel/context.ts";
import type { Outcome, Properties, ResourceIdentity, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";
import type { Input } from "../../../kernel/sdk-types.ts";
import type { Sdk } from "../sdk.ts";

const numbers: ReadonlySet<string> = new Set(["DatapointsToAlarm", "EvaluationPeriods", "Period", "Threshold"]);
const truths: ReadonlySet<string> = new Set(["ActionsEnabled", "ReturnData"]);

/** A template may write numbers and truths as texts. */
function typed(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => typed(item, name));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, own]) => [key, typed(own, key)]));
  if (numbers.has(name)) return Number(value);
  return truths.has(name) ? value === true || value === "true" : value;
}

type Made = Outcome<ResourceIdentity>;

const nameIn = (properties: Properties, request: Pick<ResourceRequest, "generatedName">) =>
  (properties["AlarmName"] as string | undefined) ?? request.generatedName();

async function made(ctx: Context, name: string): Promise<Made> {
  const { MetricAlarms = [], CompositeAlarms = [] } = await ctx.call.monitoring.describeAlarms({
    AlarmNames: [name],
    AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
  });
  const Arn = [...MetricAlarms, ...CompositeAlarms][0]?.AlarmArn ?? "";
  return { status: "done", id: name, attributes: { Arn } };
}

async function remove(ctx: Context, id: string): Promise<Outcome> {
  await ctx.call.monitoring.deleteAlarms({ AlarmNames: [id] });
  return { status: "done" };
}

async function putMetric(ctx: Context, properties: Properties, name: string, tags: readonly object[]): Promise<Made> {
  const given = typed({ ...properties, AlarmName: name, Tags: tags });
  await ctx.call.monitoring.putMetricAlarm(given as Input<Sdk, "putMetricAlarm">);
  return made(ctx, name);
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html */
export const metricAlarm: ResourceType = {
  properties: [
    "ActionsEnabled",
    "AlarmActions",
    "AlarmDescription",
    "AlarmName",
    "ComparisonOperator",
    "DatapointsToAlarm",
    "Dimensions",
    "EvaluateLowSampleCountPercentile",
    "EvaluationPeriods",
    "ExtendedStatistic",
    "InsufficientDataActions",
    "MetricName",
    "Metrics",
    "Namespace",
    "OKActions",
    "Period",
    "Statistic",
    "Tags",
    "Threshold",
    "ThresholdMetricId",
    "TreatMissingData",
    "Unit",
  ],
  required: ["ComparisonOperator", "EvaluationPeriods"],
  replacedBy: ["AlarmName"],
  create: (ctx, properties, request) => putMetric(ctx, properties, nameIn(properties, request), request.tags),
  update: (ctx, id, properties, _, request) => putMetric(ctx, properties, id, request.tags),
  remove,
};

async function putComposite(
  ctx: Context,
  properties: Properties,
  name: string,
  tags: readonly object[],
): Promise<Made> {
  const given = typed({ ...properties, AlarmName: name, Tags: tags });
  await ctx.call.monitoring.putCompositeAlarm(given as Input<Sdk, "putCompositeAlarm">);
  return made(ctx, name);
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-compositealarm.html */
export const compositeAlarm: ResourceType = {
  properties: [
    "ActionsEnabled",
    "ActionsSuppressor",
    "ActionsSuppressorExtensionPeriod",
    "ActionsSuppressorWaitPeriod",
    "AlarmActions",
    "AlarmDescription",
    "AlarmName",
    "AlarmRule",
    "InsufficientDataActions",
    "OKActions",
    "Tags",
  ],
  required: ["AlarmRule"],
  replacedBy: ["AlarmName"],
  create: (ctx, properties, request) => putComposite(ctx, properties, nameIn(properties, request), request.tags),
  update: (ctx, id, properties, _, request) => putComposite(ctx, properties, id, request.tags),
  remove,
};
