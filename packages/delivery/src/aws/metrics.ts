import { paginateGetMetricData, type CloudWatchClient, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { messageOf, type Millis } from "@trysail/core";
import type { Measured } from "../analysis/model.ts";
import type { MetricQuery } from "../spec/model.ts";
import { filled, type Placeholders } from "./placeholders.ts";

/** How far back the newest value may be. */
const newestWithinPeriods = 5;

function dataQuery(query: MetricQuery, placeholders: Placeholders): MetricDataQuery {
  if (query.kind === "expression")
    return { Id: "q", Expression: filled(query.expression, placeholders), Period: query.periodSeconds };
  return {
    Id: "q",
    MetricStat: {
      Metric: {
        Namespace: query.namespace,
        MetricName: query.metric,
        Dimensions: Object.entries(query.dimensions).map(([Name, value]) => ({
          Name,
          Value: filled(value, placeholders),
        })),
      },
      Stat: query.statistic,
      Period: query.periodSeconds,
    },
  };
}

interface Window {
  readonly from: Millis;
  readonly to: Millis;
}

/** The periods that are in a window as a whole; `to` is at or before `from` where there is none. */
export const wholePeriods = ({ from, to }: Window, periodMs: Millis): Window => ({
  from: Math.ceil(from / periodMs) * periodMs,
  to: Math.floor(to / periodMs) * periodMs,
});

/**
 * Values by the beginnings of their periods, each period of the window once; NaN where there is no value.
 *
 * @param window - of whole periods
 */
export function onGrid(
  points: readonly { readonly at: Millis; readonly value: number }[],
  { from, to }: Window,
  periodMs: Millis,
): readonly number[] {
  const values = Array.from({ length: Math.max(0, (to - from) / periodMs) }, () => Number.NaN);
  for (const { at, value } of points) {
    const index = Math.floor((at - from) / periodMs);
    if (index >= 0 && index < values.length) values[index] = value;
  }
  return values;
}

async function points(cloudWatch: CloudWatchClient, query: MetricDataQuery, { from, to }: Window) {
  const found: { at: Millis; value: number }[] = [];
  const input = { MetricDataQueries: [query], StartTime: new Date(from), EndTime: new Date(to) };
  for await (const { MetricDataResults: [result] = [] } of paginateGetMetricData({ client: cloudWatch }, input))
    for (const [index, at] of (result?.Timestamps ?? []).entries()) {
      const value = result?.Values?.[index];
      if (value !== undefined) found.push({ at: at.getTime(), value });
    }
  return found;
}

/** One value per whole period of the window. */
export async function seriesOf(
  cloudWatch: CloudWatchClient,
  query: MetricQuery,
  placeholders: Placeholders,
  window: Window,
): Promise<readonly number[]> {
  const periodMs = query.periodSeconds * 1000;
  const whole = wholePeriods(window, periodMs);
  if (whole.to <= whole.from) return [];
  return onGrid(await points(cloudWatch, dataQuery(query, placeholders), whole), whole, periodMs);
}

/** The value of the newest period that is over, of the last few; NaN if there is none. */
export async function newestOf(
  cloudWatch: CloudWatchClient,
  query: MetricQuery,
  placeholders: Placeholders,
  at: Millis,
): Promise<Measured> {
  const periodMs = query.periodSeconds * 1000;
  // A period that goes on would give a part of its sum.
  const window = wholePeriods({ from: at - (newestWithinPeriods + 1) * periodMs, to: at }, periodMs);
  try {
    const found = await points(cloudWatch, dataQuery(query, placeholders), window);
    const newest = found.toSorted((a, b) => b.at - a.at)[0];
    return { kind: "value", value: newest?.value ?? Number.NaN };
  } catch (error) {
    return { kind: "error", message: messageOf(error) };
  }
}
