import { paginateGetMetricData, type CloudWatchClient, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { messageOf, type Millis } from "@trysail/core";
import type { Measured } from "../analysis/model.ts";
import type { MetricQuery } from "../spec/model.ts";

/** What stands in a query for what is known only when it is asked. */
export type Placeholders = Readonly<
  Record<"serverGroup" | "cluster" | "region" | "loadBalancer" | "targetGroup", string>
>;

/** How far back the newest value may be. */
const newestWithinPeriods = 5;

const filled = (text: string, placeholders: Placeholders): string =>
  text.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => placeholders[name as keyof Placeholders] ?? whole);

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

/** Values by the beginnings of their periods, each period of the window once; NaN where there is no value. */
export function onGrid(
  points: readonly { readonly at: Millis; readonly value: number }[],
  { from, to }: { readonly from: Millis; readonly to: Millis },
  periodMs: Millis,
): readonly number[] {
  const first = Math.ceil(from / periodMs);
  const values = Array.from({ length: Math.max(0, Math.floor(to / periodMs) - first) }, () => Number.NaN);
  for (const { at, value } of points) {
    const index = Math.floor(at / periodMs) - first;
    if (index >= 0 && index < values.length) values[index] = value;
  }
  return values;
}

async function points(cloudWatch: CloudWatchClient, query: MetricDataQuery, from: Millis, to: Millis) {
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
  window: { readonly from: Millis; readonly to: Millis },
): Promise<readonly number[]> {
  const found = await points(cloudWatch, dataQuery(query, placeholders), window.from, window.to);
  return onGrid(found, window, query.periodSeconds * 1000);
}

/** The newest value of the last few periods; NaN if there is none. */
export async function newestOf(
  cloudWatch: CloudWatchClient,
  query: MetricQuery,
  placeholders: Placeholders,
  at: Millis,
): Promise<Measured> {
  try {
    const from = at - newestWithinPeriods * query.periodSeconds * 1000;
    const found = await points(cloudWatch, dataQuery(query, placeholders), from, at);
    const newest = found.toSorted((a, b) => b.at - a.at)[0];
    return { kind: "value", value: newest?.value ?? Number.NaN };
  } catch (error) {
    return { kind: "error", message: messageOf(error) };
  }
}
