import type { StepAdjustment, TargetTrackingConfiguration } from "@aws-sdk/client-auto-scaling";
import type { Adjustment } from "../../../scaling/adjustment.ts";
import { averageOf, customized, requestsPerTarget } from "../../../scaling/tracked-metric.ts";
import type { TrackedMetric } from "../../../scaling/tracked-metric.ts";
import type { TrackingPolicy } from "../../../scaling/tracking-alarms.ts";

/** A scaling policy. */
export type Policy = {
  readonly name: string;
  readonly arn: string;
  readonly group: string;
  readonly enabled: boolean;
} & (
  | {
      readonly type: "SimpleScaling";
      readonly adjustment: Adjustment;
      readonly by: number;
      readonly cooldownSeconds: number | undefined;
    }
  | {
      readonly type: "StepScaling";
      readonly adjustment: Adjustment;
      readonly steps: readonly StepAdjustment[];
      readonly aggregation: string;
      readonly warmupSeconds: number | undefined;
    }
  | {
      readonly type: "TargetTrackingScaling";
      readonly tracking: TargetTrackingConfiguration;
      /** Tells its alarms from those of other policies. */
      readonly alarmsId: string;
      readonly warmupSeconds: number | undefined;
    }
);

export type TargetTrackingPolicy = Extract<Policy, { type: "TargetTrackingScaling" }>;

/**
 * The metric that a configuration tracks.
 *
 * @returns what is wrong with it, as a text, if it tracks none that there is
 */
export function trackedMetric(group: string, configuration: TargetTrackingConfiguration): TrackedMetric | string {
  const { PredefinedMetricSpecification: predefined, CustomizedMetricSpecification: own } = configuration;
  if (own !== undefined)
    return customized(own) ?? "CustomizedMetricSpecification must have a MetricName and a Namespace, or Metrics.";
  switch (predefined?.PredefinedMetricType) {
    case "ASGAverageCPUUtilization":
    // Here all metrics are of high resolution.
    case "ASGAverageCPUUtilizationHighResolution":
      return averageOf("AWS/EC2", "CPUUtilization", { AutoScalingGroupName: group });
    case "ALBRequestCountPerTarget":
      return (
        requestsPerTarget(predefined.ResourceLabel) ??
        `The resource label must have the form app/<load-balancer-name>/<load-balancer-id>/targetgroup/<target-group-name>/<target-group-id>: ${predefined.ResourceLabel}`
      );
    case "ASGAverageNetworkIn":
    case "ASGAverageNetworkOut":
      return `Trysail does not measure what instances send and receive: ${predefined.PredefinedMetricType} cannot be tracked.`;
    case undefined:
      return "Either PredefinedMetricSpecification or CustomizedMetricSpecification must be specified.";
  }
}

/** What the alarms of a policy are made from; undefined if its metric cannot be tracked. */
export function trackingOf(policy: TargetTrackingPolicy): TrackingPolicy | undefined {
  const { arn, group, alarmsId, tracking, enabled } = policy;
  const metric = trackedMetric(group, tracking);
  if (typeof metric === "string") return undefined;
  const target = tracking.TargetValue ?? 0;
  return { arn, scales: group, alarmsId, target, metric, scalesIn: tracking.DisableScaleIn !== true, enabled };
}
