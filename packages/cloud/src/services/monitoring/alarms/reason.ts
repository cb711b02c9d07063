import type { StateValue } from "@aws-sdk/client-cloudwatch";
import type { Comparison, MetricAlarmRow } from "./model.ts";
import { breaches } from "./model.ts";

/** A value of a period; the time is in seconds. */
export interface Datapoint {
  readonly time: number;
  readonly value: number;
}

const comparisons: Readonly<Record<Comparison, string>> = {
  GreaterThanThreshold: "greater than",
  GreaterThanOrEqualToThreshold: "greater than or equal to",
  LessThanThreshold: "less than",
  LessThanOrEqualToThreshold: "less than or equal to",
};

/** As Java writes a number with a fraction: `5.0`. */
export const numberText = (value: number) => (Number.isInteger(value) ? value.toFixed(1) : String(value));

/** `26/11/26 17:00:00` */
function timeText(seconds: number): string {
  const text = new Date(seconds * 1000).toISOString();
  return `${text.slice(8, 10)}/${text.slice(5, 7)}/${text.slice(2, 4)} ${text.slice(11, 19)}`;
}

const plural = (count: number, one: string) => (count === 1 ? one : `${one}s`);

/**
 * AWS's words for why an alarm is in a state.
 *
 * @param datapoints - those that were evaluated, the oldest first
 * @param before - the state that it comes from
 */
export function reasonOf(
  alarm: MetricAlarmRow,
  state: StateValue,
  datapoints: readonly Datapoint[],
  before: StateValue,
): string {
  const { comparison, threshold, evaluationPeriods, datapointsToAlarm, missingData } = alarm;
  const missing = evaluationPeriods - datapoints.length;
  if (state === "INSUFFICIENT_DATA")
    return `Insufficient Data: ${missing} ${missing === 1 ? "datapoint was" : "datapoints were"} unknown.`;
  if (datapoints.length === 0) {
    const as = missingData === "breaching" ? "Breaching" : "NonBreaching";
    return `Threshold Crossed: no datapoints were received for ${missing} ${plural(missing, "period")} and ${missing} missing ${plural(missing, "datapoint")} ${missing === 1 ? "was" : "were"} treated as [${as}].`;
  }
  const isAlarm = state === "ALARM";
  const telling = datapoints.filter(({ value }) => breaches(value, comparison, threshold) === isAlarm);
  const shown = telling
    .toReversed()
    .slice(0, 5)
    .map(({ time, value }) => `${numberText(value)} (${timeText(time)})`);
  const verb = `${telling.length === 1 ? "was" : "were"}${isAlarm ? "" : " not"}`;
  const least = isAlarm ? datapointsToAlarm : evaluationPeriods - datapointsToAlarm + 1;
  const transition = `(minimum ${least} ${plural(least, "datapoint")} for ${before === state ? (isAlarm ? "OK" : "ALARM") : before} -> ${state} transition)`;
  return `Threshold Crossed: ${telling.length} out of the last ${evaluationPeriods} datapoints [${shown.join(", ")}] ${verb} ${comparisons[comparison]} the threshold (${numberText(threshold)}) ${transition}.`;
}

/** What AWS tells of an evaluation, as JSON. */
export function reasonDataOf(
  alarm: MetricAlarmRow,
  datapoints: readonly Datapoint[],
  periodSeconds: number,
  now: number,
): string {
  const { metric, threshold } = alarm;
  const date = (ms: number) => new Date(ms).toISOString().replace("Z", "+0000");
  const [first] = datapoints;
  return JSON.stringify({
    version: "1.0",
    queryDate: date(now),
    ...(first !== undefined && { startDate: date(first.time * 1000) }),
    ...(metric.Unit !== undefined && { unit: metric.Unit }),
    ...(metric.Statistic !== undefined && { statistic: metric.Statistic }),
    period: periodSeconds,
    recentDatapoints: datapoints.map(({ value }) => value),
    threshold,
    evaluatedDatapoints: datapoints.toReversed().map(({ time, value }) => ({ timestamp: date(time * 1000), value })),
  });
}
