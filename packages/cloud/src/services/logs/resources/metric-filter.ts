import type { MetricTransformation } from "@aws-sdk/client-cloudwatch-logs";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Properties, ResourceType } from "../../../kernel/resource.ts";

interface TransformationProperties extends Omit<MetricTransformation, "dimensions" | "defaultValue" | "metricValue"> {
  readonly MetricName: string;
  readonly MetricNamespace: string;
  readonly MetricValue: string | number;
  readonly DefaultValue?: string | number;
  readonly Unit?: MetricTransformation["unit"];
  readonly Dimensions?: readonly { readonly Key: string; readonly Value: string }[];
}

interface FilterProperties {
  readonly LogGroupName: string;
  readonly FilterName?: string;
  readonly FilterPattern: string;
  readonly MetricTransformations: readonly TransformationProperties[];
  readonly ApplyOnTransformedLogs?: boolean;
}

async function put(ctx: Context, filterName: string, given: Properties) {
  const properties = given as unknown as FilterProperties;
  await ctx.call.logs.putMetricFilter({
    logGroupName: properties.LogGroupName,
    filterName,
    filterPattern: properties.FilterPattern,
    applyOnTransformedLogs: properties.ApplyOnTransformedLogs,
    metricTransformations: properties.MetricTransformations.map((one) => ({
      metricName: one.MetricName,
      metricNamespace: one.MetricNamespace,
      metricValue: String(one.MetricValue),
      defaultValue: one.DefaultValue === undefined ? undefined : Number(one.DefaultValue),
      unit: one.Unit,
      dimensions:
        one.Dimensions === undefined
          ? undefined
          : Object.fromEntries(one.Dimensions.map(({ Key, Value }) => [Key, Value])),
    })),
  });
  return { status: "done" as const, id: filterName, attributes: {} };
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-metricfilter.html */
export const metricFilter: ResourceType = {
  properties: ["ApplyOnTransformedLogs", "FilterName", "FilterPattern", "LogGroupName", "MetricTransformations"],
  required: ["FilterPattern", "LogGroupName", "MetricTransformations"],
  replacedBy: ["FilterName", "LogGroupName"],
  create: (ctx, properties, request) =>
    put(ctx, (properties["FilterName"] as string | undefined) ?? request.generatedName(), properties),
  update: put,
  async remove(ctx, filterName, properties) {
    try {
      await ctx.call.logs.deleteMetricFilter({ logGroupName: String(properties["LogGroupName"]), filterName });
    } catch (error) {
      if (!isAwsError(error, "ResourceNotFoundException")) throw error;
    }
    return { status: "done" };
  },
};
