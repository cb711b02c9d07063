import type { Context } from "../../../kernel/context.ts";
import { tables } from "../store.ts";
import { merge } from "./aggregate.ts";
import type { Aggregate } from "./aggregate.ts";
import { levelOfKey, secondOfKey } from "./head.ts";
import { chunkSeconds, levels } from "./levels.ts";
import type { Level } from "./levels.ts";
import { Unpacking, pack } from "./pack.ts";

/** The second that the chunk of a point begins with. */
function chunkStart(level: Level, second: number): number {
  const length = chunkSeconds(level);
  return Math.floor(second / length) * length;
}

/** The points of a chunk, by the second that each begins with. */
export function* pointsIn(row: readonly number[], level: Level, start: number): Generator<[number, Aggregate]> {
  const unpacking = new Unpacking(row);
  while (!unpacking.isDone) yield [start + unpacking.number() * level.seconds, unpacking.aggregate()];
}

/** Takes points of a level into its chunks. Inside a transaction. */
export function intoChunks(
  ctx: Context,
  series: number,
  level: Level,
  points: Iterable<readonly [second: number, point: Aggregate]>,
): void {
  const rows = ctx.table(tables.chunks);
  for (const [start, fresh] of grouped(points, ([second]) => chunkStart(level, second))) {
    const key: [number, number, number] = [series, level.seconds, start];
    const stored = rows.get(key);
    const all = new Map(stored === undefined ? [] : pointsIn(stored, level, start));
    for (const [second, point] of fresh) {
      const known = all.get(second);
      if (known === undefined) all.set(second, point);
      else merge(known, point);
    }
    const row: number[] = [];
    for (const [second, point] of [...all].toSorted(([one], [other]) => one - other)) {
      row.push((second - start) / level.seconds);
      pack(row, point);
    }
    rows.put(key, row);
    if (stored === undefined) noteAgeing(ctx, level, start);
  }
}

/** Notes when a chunk gets too old for its level. Inside a transaction. */
function noteAgeing(ctx: Context, level: Level, start: number): void {
  const ageings = ctx.table(tables.ageings);
  const key: [number, number] = [level.seconds, start];
  if (!ageings.has(key)) ageings.put(key, (start + chunkSeconds(level)) * 1000 + level.keptMs);
}

/** Takes what a head has of a series into chunks. Inside a transaction. */
export function intoOwnChunks(ctx: Context, series: number, points: ReadonlyMap<number, Aggregate>): void {
  for (const [index, own] of grouped(points, ([key]) => levelOfKey(key))) {
    const level = levels[index];
    if (level === undefined) continue;
    intoChunks(
      ctx,
      series,
      level,
      own.map(([key, point]) => [secondOfKey(key), point]),
    );
  }
}

function grouped<T>(items: Iterable<T>, keyOf: (item: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
