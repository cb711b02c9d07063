import type { StandardUnit } from "@aws-sdk/client-cloudwatch";
import type { Context } from "../../../kernel/context.ts";
import type { Host } from "../../../kernel/host.ts";
import type { Dimensions } from "../../../kernel/measurement.ts";
import type { RowScope } from "../../../store/table.ts";
import { tables } from "../store.ts";
import type { SeriesRow } from "../store.ts";
import { merge, mergePlain } from "./aggregate.ts";
import type { Aggregate } from "./aggregate.ts";
import { levels } from "./levels.ts";
import { dimensionsKey, metricKey } from "./metric-key.ts";
import { Unpacking } from "./pack.ts";

/** A series as it is remembered: finding it must cost a datum next to nothing. */
export interface Series {
  readonly id: number;
  /** See {@link metricKey}. */
  readonly metric: string;
  row: SeriesRow;
}

/**
 * What has come in and is not in a chunk yet, of one account in one region. It is in the journal as well; this is what of
 * it is read.
 */
export interface Head {
  readonly series: Map<string, Series>;
  /** By series, then by {@link pointKey}. */
  readonly points: Map<number, Map<number, Aggregate>>;
  /** How many points there are. */
  size: number;
  /** The order that the next row of the journal gets. */
  nextOrder: number;
}

interface Memory {
  readonly heads: Map<string, Head>;
  readonly listeners: Set<(scope: RowScope, metrics: ReadonlySet<string>) => void>;
}

const memories = new WeakMap<Host, Memory>();

function memoryOf(host: Host): Memory {
  let memory = memories.get(host);
  if (memory === undefined) {
    memory = { heads: new Map(), listeners: new Set() };
    memories.set(host, memory);
  }
  return memory;
}

/** Calls `listener` with the metrics that data has come in for. Returns the way to unsubscribe. */
export function onData(host: Host, listener: (scope: RowScope, metrics: ReadonlySet<string>) => void): () => void {
  const { listeners } = memoryOf(host);
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Tells that data has come in. */
export function tellData({ host, account, region }: Context, metrics: ReadonlySet<string>): void {
  for (const listener of memoryOf(host).listeners) listener({ account, region }, metrics);
}

/** A point's place in a head: its level and the second that it begins with. */
export const pointKey = (level: number, second: number) => second * levels.length + level;
export const levelOfKey = (key: number) => key % levels.length;
export const secondOfKey = (key: number) => Math.floor(key / levels.length);

/** The head of the context's account and region: made from the journal where there is none yet. */
export function headOf(ctx: Context): Head {
  const { heads } = memoryOf(ctx.host);
  const name = `${ctx.account}/${ctx.region}`;
  let head = heads.get(name);
  if (head === undefined) {
    head = { series: new Map(), points: new Map(), size: 0, nextOrder: 0 };
    heads.set(name, head);
    for (const [order, { points }] of ctx.table(tables.journal).entries()) {
      head.nextOrder = order + 1;
      const unpacking = new Unpacking(points);
      while (!unpacking.isDone) take(head, unpacking.number(), unpacking.number(), unpacking.aggregate());
    }
  }
  return head;
}

/** Takes a point into the head. It is the head's from then on. */
export function take(head: Head, series: number, key: number, point: Aggregate): void {
  let own = head.points.get(series);
  if (own === undefined) {
    own = new Map();
    head.points.set(series, own);
  }
  const known = own.get(key);
  if (known === undefined) {
    own.set(key, point);
    head.size += 1;
  } else if (
    known.values === undefined &&
    point.values === undefined &&
    known.min === point.max &&
    known.max === point.min
  )
    mergePlain(known, point);
  else merge(known, point);
}

/** The series of a metric in a unit; made where there is none. Inside a transaction. */
export function seriesOf(
  ctx: Context,
  head: Head,
  metric: {
    readonly namespace: string;
    readonly name: string;
    readonly dimensions: Dimensions;
    readonly unit: StandardUnit;
  },
): Series {
  const { namespace, name, dimensions, unit } = metric;
  const own = metricKey(namespace, name, dimensions);
  const key = `${own}\u0002${unit}`;
  const known = head.series.get(key);
  if (known !== undefined) return known;
  const rows = ctx.table(tables.series);
  const rowKey: [string, string, string, string] = [namespace, name, dimensionsKey(dimensions), unit];
  let row = rows.get(rowKey);
  if (row === undefined) {
    const id = (ctx.table(tables.counters).get("series") ?? 0) + 1;
    ctx.table(tables.counters).put("series", id);
    row = { id, namespace, name, dimensions, unit, lastAt: 0 };
    rows.put(rowKey, row);
  }
  const series: Series = { id: row.id, metric: own, row };
  head.series.set(key, series);
  return series;
}
