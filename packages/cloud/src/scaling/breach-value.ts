import type { MetricAlarm, MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import type { Context } from "../kernel/context.ts";

/** How the values of several periods are taken together. */
export type Aggregation = "Average" | "Minimum" | "Maximum";

/** The queries of an alarm on one metric, or on metric math. */
export function queriesOf(alarm: MetricAlarm): readonly MetricDataQuery[] {
  if (alarm.Metrics !== undefined && alarm.Metrics.length > 0) return alarm.Metrics;
  const { Namespace, MetricName, Dimensions, Period, Unit } = alarm;
  const Stat = alarm.Statistic ?? alarm.ExtendedStatistic;
  return [
    { Id: "m1", MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Stat, Period, Unit }, ReturnData: true },
  ];
}

/** The length of an alarm's period, in seconds. */
export function periodOf(alarm: MetricAlarm): number {
  const periods = queriesOf(alarm).map(({ MetricStat, Period }) => MetricStat?.Period ?? Period ?? 0);
  return Math.max(0, ...periods) || 60;
}

/**
 * What an alarm's metric was while the alarm was evaluated: its values in as many complete periods as the alarm looks
 * at, taken together.
 *
 * @returns undefined if there is no data
 */
export async function breachValue(
  ctx: Context,
  alarm: MetricAlarm,
  aggregation: Aggregation,
): Promise<number | undefined> {
  const periodMs = periodOf(alarm) * 1000;
  const end = Math.floor(ctx.now / periodMs) * periodMs;
  // The running period as well: a new breach may lie in it alone. What it has so far counts only then.
  const start = end - periodMs * (alarm.EvaluationPeriods ?? 1);
  const { MetricDataResults = [] } = await ctx.call.monitoring.getMetricData({
    MetricDataQueries: [...queriesOf(alarm)],
    StartTime: new Date(start),
    EndTime: new Date(end + periodMs),
    ScanBy: "TimestampAscending",
  });
  const { Timestamps = [], Values = [] } = MetricDataResults[0] ?? {};
  const complete = Values.filter((_, index) => (Timestamps[index]?.getTime() ?? end) < end);
  return aggregate(complete.length > 0 ? complete : Values, alarm.EvaluationPeriods ?? 1, aggregation);
}

/** @param most - how many of the newest values count */
export function aggregate(values: readonly number[], most: number, how: Aggregation): number | undefined {
  const newest = values.slice(-most);
  if (newest.length === 0) return undefined;
  switch (how) {
    case "Average":
      return newest.reduce((sum, value) => sum + value, 0) / newest.length;
    case "Minimum":
      return Math.min(...newest);
    case "Maximum":
      return Math.max(...newest);
  }
}
