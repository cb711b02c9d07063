import type { Context } from "../../../kernel/context.ts";
import type { Controller } from "../../../kernel/service.ts";
import { tables } from "../store.ts";
import type { JournalRow } from "../store.ts";
import { intoChunks, intoOwnChunks, pointsIn } from "./chunks.ts";
import { headOf } from "./head.ts";
import { chunkSeconds, levels } from "./levels.ts";

/** The journal is taken into chunks when its oldest row is so old, or when there are so many points. */
const journalMs = 10_000;
const mostPoints = 50_000;

/** How often to look for chunks that are too old for their level, and how many series to look at in one transaction. */
const ageingMs = 3_600_000;
const seriesAtOnce = 100;

/** Takes the journal into chunks now and then: each chunk is written once for all of the points that have come for it. */
export const compacting: Controller<JournalRow> = {
  name: "compacting",
  watches: [tables.journal],
  keyOf: ({ value }) => (value === undefined ? undefined : "journal"),
  async reconcile(ctx) {
    const [oldest] = ctx.table(tables.journal).values();
    if (oldest === undefined) return undefined;
    const dueAt = oldest.at + journalMs;
    if (ctx.now < dueAt && headOf(ctx).size < mostPoints) return { wakeAt: dueAt };
    ctx.transaction(() => compact(ctx));
    return undefined;
  },
};

/** All at once: a point must be in the journal or in a chunk, never in both. */
function compact(ctx: Context): void {
  const head = headOf(ctx);
  for (const [series, points] of head.points) intoOwnChunks(ctx, series, points);
  const journal = ctx.table(tables.journal);
  for (const order of Array.from(journal.keys())) journal.delete(order);
  head.points.clear();
  head.size = 0;
}

/** Takes chunks that are too old for their level into the next one, and forgets those that are too old for any. */
export const ageing: Controller<number> = {
  name: "ageing",
  // There is a row as soon as there is a series.
  watches: [tables.counters],
  keyOf: ({ value }) => (value === undefined ? undefined : "chunks"),
  async reconcile(ctx) {
    const ids = Array.from(ctx.table(tables.series).values(), ({ id }) => id);
    for (let at = 0; at < ids.length; at += seriesAtOnce) {
      ctx.transaction(() => {
        for (const id of ids.slice(at, at + seriesAtOnce)) age(ctx, id);
      });
      // Others get their turn.
      await Promise.resolve();
    }
    return { wakeAt: ctx.now + ageingMs };
  },
};

function age(ctx: Context, series: number): void {
  const chunks = ctx.table(tables.chunks);
  for (const [index, level] of levels.entries()) {
    const next = levels[index + 1];
    const length = chunkSeconds(level);
    const tooOld: [number, number, number][] = [];
    for (const key of chunks.keys({ prefix: [series, level.seconds] })) {
      if ((key[2] + length) * 1000 > ctx.now - level.keptMs) break;
      tooOld.push(key);
    }
    for (const key of tooOld) {
      const points = [...pointsIn(chunks.get(key) ?? [], level, key[2])];
      if (next !== undefined)
        intoChunks(
          ctx,
          series,
          next,
          points.map(([second, point]) => [Math.floor(second / next.seconds) * next.seconds, point]),
        );
      chunks.delete(key);
    }
  }
}
