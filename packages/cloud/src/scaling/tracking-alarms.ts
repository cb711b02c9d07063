import type { Input } from "../kernel/sdk-types.ts";
import type { ServiceSdks } from "../services/sdks.ts";
import type { TrackedMetric } from "./tracked-metric.ts";

/** An alarm as PutMetricAlarm takes it. */
export type WantedAlarm = Input<ServiceSdks["monitoring"], "putMetricAlarm">;

/** A policy whose metric is watched by two alarms. */
export interface TrackingPolicy {
  readonly arn: string;
  /** What it scales: the name of a group, `service/CLUSTER/NAME`. */
  readonly scales: string;
  /** Tells its alarms from those of others: a UUID. */
  readonly alarmsId: string;
  readonly target: number;
  readonly metric: TrackedMetric;
  readonly scalesIn: boolean;
  readonly enabled: boolean;
}

/** How many periods the metric must be off, one after another. */
const highPeriods = 3;
const lowPeriods = 15;
/** Below this share of the target there is too much capacity. Between the two nothing is done. */
const lowShare = 0.9;

/** What the names of all alarms of what is scaled begin with. */
export const alarmPrefix = (scales: string) => `TargetTracking-${scales}-Alarm`;

export const alarmNames = ({ scales, alarmsId }: Pick<TrackingPolicy, "scales" | "alarmsId">) => ({
  high: `${alarmPrefix(scales)}High-${alarmsId}`,
  low: `${alarmPrefix(scales)}Low-${alarmsId}`,
});

/**
 * The alarms of a target tracking policy, as AWS makes them: above the target for three periods, below nine tenths of it
 * for fifteen.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html
 */
export function trackingAlarms(policy: TrackingPolicy): readonly WantedAlarm[] {
  const { high, low } = alarmNames(policy);
  const common = {
    AlarmDescription: `DO NOT EDIT OR DELETE. For TargetTrackingScaling policy ${policy.arn}.`,
    ActionsEnabled: policy.enabled,
    AlarmActions: [policy.arn],
    ...watched(policy.metric),
  };
  const above: WantedAlarm = {
    ...common,
    AlarmName: high,
    EvaluationPeriods: highPeriods,
    ComparisonOperator: "GreaterThanThreshold",
    Threshold: policy.target,
  };
  const below: WantedAlarm = {
    ...common,
    AlarmName: low,
    EvaluationPeriods: lowPeriods,
    ComparisonOperator: "LessThanThreshold",
    Threshold: policy.target * lowShare,
  };
  return policy.scalesIn ? [above, below] : [above];
}

/** One metric is an alarm on it, several are metric math. */
function watched({ queries }: TrackedMetric): Partial<WantedAlarm> {
  const [only] = queries;
  if (queries.length > 1 || only?.MetricStat === undefined) return { Metrics: [...queries] };
  const { Metric, Stat, Period, Unit } = only.MetricStat;
  const { Namespace, MetricName, Dimensions } = Metric ?? {};
  const statistic = { Statistic: Stat } as Partial<WantedAlarm>;
  return { Namespace, MetricName, Dimensions, ...statistic, Period, ...(Unit !== undefined && { Unit }) };
}
