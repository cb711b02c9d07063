import type { Context } from "../../../kernel/context.ts";
import type { ListedMetric } from "../series/list.ts";
import type { Query } from "./read-query.ts";

/** What a series is called that a search has found. */
export function searchLabel({ name, dimensions }: ListedMetric, hasOneName: boolean): string {
  const values = Object.values(dimensions).join(" ");
  if (values === "") return name;
  return hasOneName ? values : `${values} ${name}`;
}

type Take = (values: readonly number[]) => number | undefined;

const taken: Readonly<Record<string, Take>> = {
  AVG: (values) => (values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length),
  FIRST: (values) => values[0],
  LAST: (values) => values.at(-1),
  MAX: (values) => (values.length === 0 ? undefined : values.reduce((one, other) => Math.max(one, other))),
  MIN: (values) => (values.length === 0 ? undefined : values.reduce((one, other) => Math.min(one, other))),
  SUM: (values) => values.reduce((sum, value) => sum + value, 0),
};

/**
 * A result's label: the query's own, its `${…}` replaced.
 *
 * @param found - what the series is called by itself
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html
 */
export function labelOf(ctx: Context, query: Query, found: string, values: readonly number[]): string {
  const own = query.kind === "metric" || found !== "" ? found : query.id;
  const plain = query.kind === "expression" && !query.text.includes("SEARCH") ? query.id : own;
  if (query.label === undefined || query.label === "") return plain;
  return query.label.replaceAll(
    /\$\{(?<what>\w+)(?:\('(?<property>[^']*)'\))?\}/g,
    (text, what: string, property?: string) => {
      if (what === "LABEL") return plain;
      if (what === "PROP") return propertyOf(ctx, query, property ?? "") ?? text;
      const take = taken[what];
      return take === undefined ? text : String(take(values) ?? "--");
    },
  );
}

function propertyOf(ctx: Context, query: Query, property: string): string | undefined {
  if (property === "AccountId") return ctx.account;
  if (property === "Region") return ctx.region;
  if (query.kind !== "metric") return undefined;
  const { metric, statisticText, periodSeconds } = query;
  switch (property) {
    case "MetricName":
      return metric.name;
    case "Namespace":
      return metric.namespace;
    case "Period":
      return String(periodSeconds);
    case "Stat":
      return statisticText;
    default:
      return property.startsWith("Dim.") ? metric.dimensions[property.slice(4)] : undefined;
  }
}
