import type { StateValue } from "@aws-sdk/client-cloudwatch";
import type { Millis } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { evaluateQueries } from "../query/evaluate.ts";
import type { Query } from "../query/read-query.ts";
import { breaches } from "./model.ts";
import type { AlarmState, MetricAlarmRow } from "./model.ts";
import { reasonDataOf, reasonOf } from "./reason.ts";
import type { Datapoint } from "./reason.ts";
import { furtherPeriods, verdictOf } from "./verdict.ts";
import type { Point } from "./verdict.ts";

/** Data may be on its way for so long after its period. Until then nothing is believed to be missing. */
const graceMs = 1000;

/** What an evaluation has found. */
export interface Evaluation {
  /** Undefined if the alarm stays as it is. */
  readonly state: Pick<AlarmState, "value" | "reason" | "reasonData"> | undefined;
  /** When to evaluate again, if no data comes before; undefined if nothing can change without data. */
  readonly wakeAt: Millis | undefined;
}

/**
 * Whether a breach in the period that still runs is an alarm at once: not where what is still growing is too small yet.
 */
export function countsEarly(alarm: Pick<MetricAlarmRow, "comparison">, queries: readonly Query[]): boolean {
  if (alarm.comparison.startsWith("GreaterThan")) return true;
  return queries.every(
    (query) => query.kind !== "metric" || (query.statistic.kind !== "Sum" && query.statistic.kind !== "SampleCount"),
  );
}

/**
 * Evaluates an alarm: by the periods that are over, and an alarm sooner, by the one that runs, where that cannot mislead.
 * It goes back to OK by complete periods only.
 */
export function evaluateAlarm(
  ctx: Context,
  alarm: MetricAlarmRow,
  queries: readonly Query[],
  periodSeconds: number,
  before: StateValue,
): Evaluation {
  const { evaluationPeriods, comparison, threshold } = alarm;
  const periodMs = periodSeconds * 1000;
  const completeEnd = Math.floor((ctx.now - Math.min(graceMs, periodMs)) / periodMs) * periodMs;
  const start = completeEnd - (evaluationPeriods + furtherPeriods) * periodMs;
  const end = Math.floor(ctx.now / periodMs) * periodMs + periodMs;
  const [result] = evaluateQueries(ctx, queries, { start, end });
  const datapoints: Datapoint[] = (result?.times ?? []).map((time, index) => ({
    time,
    value: result?.values[index] ?? 0,
  }));
  const pointOf = ({ value }: Datapoint): Point => (breaches(value, comparison, threshold) ? "breaching" : "ok");
  const at = new Map(datapoints.map((datapoint) => [datapoint.time * 1000, pointOf(datapoint)]));
  const pointsTo = (until: Millis) => {
    const points: Point[] = [];
    const from = until - (evaluationPeriods + furtherPeriods) * periodMs;
    for (let time = from; time < until; time += periodMs) points.push(at.get(time));
    return points;
  };
  const newest = datapoints.at(-1);
  const nextMs = completeEnd + periodMs + Math.min(graceMs, periodMs);
  const wakeAt = newest === undefined ? undefined : nextMs;
  const conclude = (value: StateValue, evaluated: readonly Datapoint[]): Evaluation => ({
    state: {
      value,
      reason: reasonOf(alarm, value, evaluated, before),
      reasonData: reasonDataOf(alarm, evaluated, periodSeconds, ctx.now),
    },
    wakeAt,
  });

  const runningEnd = newest === undefined ? completeEnd : newest.time * 1000 + periodMs;
  if (runningEnd > completeEnd && countsEarly(alarm, queries)) {
    const recent = pointsTo(runningEnd).slice(-evaluationPeriods);
    const isBreaching = recent.filter((point) => point === "breaching").length >= alarm.datapointsToAlarm;
    const since = runningEnd - evaluationPeriods * periodMs;
    if (isBreaching)
      return conclude(
        "ALARM",
        datapoints.filter(({ time }) => time * 1000 >= since),
      );
  }
  const complete = datapoints.filter(({ time }) => time * 1000 < completeEnd).slice(-evaluationPeriods);
  const verdict = verdictOf(pointsTo(completeEnd), alarm);
  return verdict === "retain" ? { state: undefined, wakeAt } : conclude(verdict, complete);
}
