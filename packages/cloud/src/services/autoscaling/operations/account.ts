import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { terminationPolicies } from "../plan/termination-policy.ts";
import type { Sdk } from "../sdk.ts";
import { findLiveGroup, putGroup, tables } from "../store.ts";

const metrics = [
  "GroupMinSize",
  "GroupMaxSize",
  "GroupDesiredCapacity",
  "GroupInServiceInstances",
  "GroupPendingInstances",
  "GroupStandbyInstances",
  "GroupTerminatingInstances",
  "GroupTotalInstances",
  "GroupInServiceCapacity",
  "GroupPendingCapacity",
  "GroupStandbyCapacity",
  "GroupTerminatingCapacity",
  "GroupTotalCapacity",
];

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_EnableMetricsCollection.html */
export const enableMetricsCollection: Handler<Sdk, "enableMetricsCollection"> = (ctx, input) => {
  const group = findLiveGroup(ctx, input.AutoScalingGroupName);
  if (input.Granularity !== "1Minute") throw errors.ValidationError("The only valid granularity is 1Minute.");
  putGroup(ctx, { ...group, metrics: [...new Set([...group.metrics, ...readMetrics(input.Metrics)])] });
  return {};
};

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DisableMetricsCollection.html */
export const disableMetricsCollection: Handler<Sdk, "disableMetricsCollection"> = (ctx, input) => {
  const group = findLiveGroup(ctx, input.AutoScalingGroupName);
  const gone = readMetrics(input.Metrics);
  putGroup(ctx, { ...group, metrics: group.metrics.filter((metric) => !gone.includes(metric)) });
  return {};
};

function readMetrics(names: readonly string[] | undefined): readonly string[] {
  if (names === undefined || names.length === 0) return metrics;
  const unknown = names.find((name) => !metrics.includes(name));
  if (unknown !== undefined) throw errors.ValidationError(`Invalid metric: ${unknown}`);
  return names;
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeMetricCollectionTypes.html */
export const describeMetricCollectionTypes: Handler<Sdk, "describeMetricCollectionTypes"> = () => ({
  Metrics: metrics.map((Metric) => ({ Metric })),
  Granularities: [{ Granularity: "1Minute" }],
});

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAccountLimits.html */
export const describeAccountLimits: Handler<Sdk, "describeAccountLimits"> = (ctx) => ({
  MaxNumberOfAutoScalingGroups: 500,
  MaxNumberOfLaunchConfigurations: 200,
  NumberOfAutoScalingGroups: [...ctx.table(tables.groups).keys()].length,
  NumberOfLaunchConfigurations: [...ctx.table(tables.configurations).keys()].length,
});

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeTerminationPolicyTypes.html */
export const describeTerminationPolicyTypes: Handler<Sdk, "describeTerminationPolicyTypes"> = () => ({
  TerminationPolicyTypes: [...terminationPolicies],
});

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAdjustmentTypes.html */
export const describeAdjustmentTypes: Handler<Sdk, "describeAdjustmentTypes"> = () => ({
  AdjustmentTypes: ["ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"].map((AdjustmentType) => ({
    AdjustmentType,
  })),
});
