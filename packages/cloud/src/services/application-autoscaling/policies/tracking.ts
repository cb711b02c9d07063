import type { TargetTrackingScalingPolicyConfiguration } from "@aws-sdk/client-application-auto-scaling";
import { averageOf, customized, requestsPerTarget } from "../../../scaling/tracked-metric.ts";
import type { TrackedMetric } from "../../../scaling/tracked-metric.ts";
import type { TrackingPolicy } from "../../../scaling/tracking-alarms.ts";
import { parseResourceId } from "../model.ts";
import type { Policy } from "../model.ts";

/**
 * The metric that a configuration tracks.
 *
 * @returns what is wrong with it, as a text, if it tracks none that there is
 */
export function trackedMetric(
  resourceId: string,
  configuration: TargetTrackingScalingPolicyConfiguration,
): TrackedMetric | string {
  const { PredefinedMetricSpecification: predefined, CustomizedMetricSpecification: own } = configuration;
  if (own !== undefined)
    return customized(own) ?? "CustomizedMetricSpecification must have a MetricName and a Namespace, or Metrics.";
  if (predefined === undefined)
    return "Either PredefinedMetricSpecification or CustomizedMetricSpecification must be specified.";
  const { PredefinedMetricType: type = "", ResourceLabel: label } = predefined;
  const { cluster = "", service = "" } = parseResourceId(resourceId) ?? {};
  if (type === "ALBRequestCountPerTarget")
    return (
      requestsPerTarget(label) ??
      `Invalid ResourceLabel ${label}: it has the form app/<load-balancer-name>/<load-balancer-id>/targetgroup/<target-group-name>/<target-group-id>.`
    );
  const name = averages.get(type);
  if (name === undefined) return `PredefinedMetricType ${type} is not supported for service namespace ecs.`;
  return averageOf("AWS/ECS", name, { ClusterName: cluster, ServiceName: service });
}

/** Predefined metrics that are the average of one of the service's own. Here all are of high resolution. */
const averages: ReadonlyMap<string, string> = new Map([
  ["ECSServiceAverageCPUUtilization", "CPUUtilization"],
  ["ECSServiceAverageCPUUtilizationHighResolution", "CPUUtilization"],
  ["ECSServiceAverageMemoryUtilization", "MemoryUtilization"],
  ["ECSServiceAverageMemoryUtilizationHighResolution", "MemoryUtilization"],
]);

/** What the alarms of a policy are made from; undefined if it tracks nothing. */
export function trackingOf(policy: Policy): TrackingPolicy | undefined {
  const { arn, resourceId, alarmsId, tracking } = policy;
  const metric = tracking === undefined ? "none" : trackedMetric(resourceId, tracking);
  if (tracking === undefined || typeof metric === "string") return undefined;
  const scalesIn = tracking.DisableScaleIn !== true;
  return { arn, scales: resourceId, alarmsId, target: tracking.TargetValue ?? 0, metric, scalesIn, enabled: true };
}
