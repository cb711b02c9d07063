import type { StandardUnit } from "@aws-sdk/client-cloudwatch";
import type { Millis } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import type { Dimensions, TimedMeasurement } from "../../../kernel/measurement.ts";
import { dimensionsKey } from "./metric-key.ts";
import { tables } from "../store.ts";
import { copyOf, ofValues } from "./aggregate.ts";
import type { Aggregate } from "./aggregate.ts";
import { headOf, pointKey, seriesOf, take, tellData } from "./head.ts";
import { levelFor, levels } from "./levels.ts";
import { pack } from "./pack.ts";

/** What has been measured of one series. */
export interface Datum {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Dimensions;
  readonly unit: StandardUnit;
  readonly at: Millis;
  readonly resolutionSeconds: number;
  readonly samples: Aggregate;
}

/** How old the time is that a series tells as that of its last data. */
const lastAtExactMs = 3_600_000;

/** Keeps data: it can be read at once, and is on disk with the transaction that this is called in. */
export function keep(ctx: Context, data: readonly Datum[]): void {
  const head = headOf(ctx);
  const touched = new Set<string>();
  const points: number[] = [];
  for (const datum of data) {
    const level = levelFor(datum.at, datum.resolutionSeconds, ctx.now);
    if (level === undefined) continue;
    const series = seriesOf(ctx, head, datum);
    if (series.row.lastAt < ctx.now - lastAtExactMs) {
      series.row = { ...series.row, lastAt: ctx.now };
      const { namespace, name, dimensions, unit } = datum;
      ctx.table(tables.series).put([namespace, name, dimensionsKey(dimensions), unit], series.row);
    }
    const { seconds } = levels[level] ?? { seconds: 1 };
    const key = pointKey(level, Math.floor(datum.at / 1000 / seconds) * seconds);
    points.push(series.id, key);
    pack(points, datum.samples);
    take(head, series.id, key, datum.samples);
    touched.add(series.metric);
  }
  if (points.length === 0) return;
  ctx.table(tables.journal).put(head.nextOrder, { at: ctx.now, points });
  head.nextOrder += 1;
  tellData(ctx, touched);
}

/** Keeps what services have measured by themselves. */
export function keepMeasurements(ctx: Context, measurements: readonly TimedMeasurement[]): void {
  keep(
    ctx,
    measurements.flatMap(({ namespace, name, unit, series, values, counts, at, resolutionSeconds = 1 }) => {
      if (values.length === 0) return [];
      const samples = ofValues(values, counts);
      return series.map((dimensions, index) => ({
        namespace,
        name,
        dimensions,
        unit,
        at,
        resolutionSeconds,
        // Each series has its own from then on.
        samples: index === 0 ? samples : copyOf(samples),
      }));
    }),
  );
}
