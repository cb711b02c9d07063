import type {
  ComparisonOperator,
  MetricDataQuery,
  PutMetricAlarmCommandInput,
  StateValue,
} from "@aws-sdk/client-cloudwatch";
import type { Millis } from "@trysail/core";
import type { Tags } from "../../../kernel/tags.ts";
import { isPeriod } from "../query/read-query.ts";
import type { Query } from "../query/read-query.ts";

/** What all alarms have. */
interface AlarmBase {
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  readonly actionsEnabled: boolean;
  /** What is called when the alarm comes into a state. */
  readonly actions: Readonly<Record<StateValue, readonly string[]>>;
  readonly configuredAt: Millis;
  readonly tags: Tags;
}

export type MissingData = "missing" | "ignore" | "breaching" | "notBreaching";

/** Comparisons with one threshold. */
export type Comparison = Extract<
  ComparisonOperator,
  `${"GreaterThan" | "LessThan"}${"Threshold" | "OrEqualToThreshold"}`
>;

/** An alarm on a metric, or on metric math. */
export interface MetricAlarmRow extends AlarmBase {
  readonly kind: "metric";
  /** As PutMetricAlarm was given it. */
  readonly metric: Pick<
    PutMetricAlarmCommandInput,
    "Namespace" | "MetricName" | "Dimensions" | "Statistic" | "ExtendedStatistic" | "Unit" | "Period" | "Metrics"
  >;
  readonly comparison: Comparison;
  readonly threshold: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  /** Whether the number of datapoints was given. */
  readonly hasDatapoints: boolean;
  readonly missingData: MissingData;
}

/** An alarm on other alarms. */
export interface CompositeAlarmRow extends AlarmBase {
  readonly kind: "composite";
  readonly rule: string;
}

export type Alarm = MetricAlarmRow | CompositeAlarmRow;

export interface AlarmState {
  readonly value: StateValue;
  readonly reason: string;
  /** JSON. */
  readonly reasonData: string | undefined;
  readonly updatedAt: Millis;
  /** When it came into this state from another. */
  readonly changedAt: Millis;
}

/** An alarm's queries as GetMetricData takes them. */
export function queriesOf({ metric }: Pick<MetricAlarmRow, "metric">): readonly MetricDataQuery[] {
  const { Metrics, Namespace, MetricName, Dimensions, Statistic, ExtendedStatistic, Unit, Period } = metric;
  if (Metrics !== undefined && Metrics.length > 0) return Metrics;
  const Metric = { Namespace, MetricName, Dimensions };
  return [{ Id: "m1", MetricStat: { Metric, Period, Stat: Statistic ?? ExtendedStatistic, Unit }, ReturnData: true }];
}

/** The length of an alarm's periods, in seconds: of what its result is made from. */
export function periodOf(queries: readonly Query[]): number {
  const periods = queries.flatMap(({ periodSeconds }) => periodSeconds ?? []);
  return Math.max(...periods.filter(isPeriod), 1);
}

/** Whether a value breaches the threshold. */
export function breaches(value: number, comparison: Comparison, threshold: number): boolean {
  switch (comparison) {
    case "GreaterThanThreshold":
      return value > threshold;
    case "GreaterThanOrEqualToThreshold":
      return value >= threshold;
    case "LessThanThreshold":
      return value < threshold;
    case "LessThanOrEqualToThreshold":
      return value <= threshold;
  }
}
