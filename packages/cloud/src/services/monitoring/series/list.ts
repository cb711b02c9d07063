import type { Millis } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import type { Dimensions } from "../../../kernel/measurement.ts";
import { tables } from "../store.ts";

/** A metric with its dimensions, as ListMetrics and search expressions find it. */
export interface ListedMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Dimensions;
}

export interface MetricFilter {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  /** A dimension of that name, and with that value where one is given. Others beside it do not matter. */
  readonly dimensions?: readonly { readonly name: string; readonly value?: string | undefined }[];
  /** Only those with data since then. */
  readonly since: Millis;
}

/** Metrics that have had no data for so long are not told of any more. */
export const listedForMs = 14 * 24 * 3_600_000;

/**
 * The metrics that a filter finds, by namespace, name and dimensions.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html
 */
export function* listMetrics(ctx: Context, filter: MetricFilter): Generator<ListedMetric> {
  const { namespace, name, dimensions: wanted = [], since } = filter;
  const prefix = namespace === undefined ? [] : name === undefined ? [namespace] : [namespace, name];
  let last = "";
  for (const [[ns, metric, key], row] of ctx.table(tables.series).entries({ prefix })) {
    const own = `${ns}\u0002${metric}\u0002${key}`;
    // Of another unit, and told of already.
    if (own === last || row.lastAt < since || (name !== undefined && metric !== name)) continue;
    const isWanted = wanted.every((one) =>
      one.value === undefined ? Object.hasOwn(row.dimensions, one.name) : row.dimensions[one.name] === one.value,
    );
    if (!isWanted) continue;
    last = own;
    yield { namespace: ns, name: metric, dimensions: row.dimensions };
  }
}
