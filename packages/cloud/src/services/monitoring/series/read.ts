import type { StandardUnit } from "@aws-sdk/client-cloudwatch";
import type { Millis } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import type { Dimensions } from "../../../kernel/measurement.ts";
import { tables } from "../store.ts";
import type { SeriesRow } from "../store.ts";
import { copyOf, merge, mergePlain } from "./aggregate.ts";
import type { Aggregate } from "./aggregate.ts";
import { pointsIn } from "./chunks.ts";
import { headOf, levelOfKey, secondOfKey } from "./head.ts";
import { chunkSeconds, levels } from "./levels.ts";
import { dimensionsKey } from "./metric-key.ts";

export interface MetricId {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Dimensions;
  /** Only data of this unit. @defaultValue of all units, taken together */
  readonly unit?: StandardUnit;
}

/** What is known of a metric in a period. */
export interface Period extends Aggregate {
  readonly start: Millis;
}

export interface PeriodRange {
  /** A multiple of the period. */
  readonly start: Millis;
  /** Exclusive. */
  readonly end: Millis;
  readonly periodSeconds: number;
  /** Whether single values are asked for: percentiles and the like. Without them reading is quicker. @defaultValue true */
  readonly withValues?: boolean;
}

/** The series of a metric: one for each unit. */
function seriesOfMetric(ctx: Context, { namespace, name, dimensions, unit }: MetricId): SeriesRow[] {
  const rows = [...ctx.table(tables.series).values({ prefix: [namespace, name, dimensionsKey(dimensions)] })];
  return unit === undefined ? rows : rows.filter((row) => row.unit === unit);
}

/** The unit of a metric's data, where it has one only. */
export function unitOf(ctx: Context, metric: MetricId): StandardUnit | undefined {
  const [first, ...others] = seriesOfMetric(ctx, metric);
  return others.length === 0 ? first?.unit : undefined;
}

/**
 * What is known of a metric, period by period, the oldest first. Periods without data are left out.
 */
export function readPeriods(ctx: Context, metric: MetricId, range: PeriodRange): Period[] {
  const periods = new Map<number, Aggregate>();
  const { start, end, periodSeconds, withValues = true } = range;
  const from = start / 1000;
  const to = end / 1000;
  const add = (second: number, point: Aggregate, isOwn: boolean) => {
    if (second < from || second >= to) return;
    const period = Math.floor(second / periodSeconds) * periodSeconds;
    const known = periods.get(period);
    if (known === undefined) periods.set(period, isOwn ? point : withValues ? copyOf(point) : { ...point });
    else if (withValues) merge(known, point);
    else mergePlain(known, point);
  };
  const head = headOf(ctx);
  for (const { id } of seriesOfMetric(ctx, metric)) {
    for (const level of levels) {
      const length = chunkSeconds(level);
      // The chunk that the range begins in may have begun before it.
      const after: [number, number, number] = [id, level.seconds, Math.max(0, Math.floor(from / length) * length - 1)];
      for (const [key, row] of ctx.table(tables.chunks).entries({ prefix: [id, level.seconds], after })) {
        if (key[2] >= to) break;
        for (const [second, point] of pointsIn(row, level, key[2])) add(second, point, true);
      }
    }
    for (const [key, point] of head.points.get(id) ?? [])
      if (levels[levelOfKey(key)] !== undefined) add(secondOfKey(key), point, false);
  }
  const starts = [...periods.keys()].toSorted((one, other) => one - other);
  return starts.flatMap((second) => {
    const period = periods.get(second);
    return period === undefined ? [] : [{ start: second * 1000, ...period }];
  });
}
