import type { Millis } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import type { Controller } from "../../../kernel/service.ts";
import { tables } from "../store.ts";
import type { JournalRow } from "../store.ts";
import { intoChunks, intoOwnChunks, pointsIn } from "./chunks.ts";
import { headOf } from "./head.ts";
import { levels } from "./levels.ts";

/** The journal is taken into chunks when its oldest row is so old, or when there are so many points. */
const journalMs = 10_000;
const mostPoints = 50_000;

/** Chunks that one transaction takes into the next level. */
const chunksAtOnce = 1000;

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
export const ageing: Controller<Millis> = {
  name: "ageing",
  watches: [tables.ageings],
  keyOf: ({ key, value }) => (value === undefined ? undefined : JSON.stringify(key)),
  async reconcile(ctx, key) {
    const [seconds, start] = JSON.parse(key) as [number, number];
    const dueAt = ctx.table(tables.ageings).get([seconds, start]);
    if (dueAt === undefined) return undefined;
    if (ctx.now < dueAt) return { wakeAt: dueAt };
    const index = levels.findIndex((level) => level.seconds === seconds);
    const chunks = ctx.table(tables.chunks);
    for (;;) {
      const isDone = ctx.transaction(() => {
        const old: number[] = [];
        for (const { id } of ctx.table(tables.series).values()) {
          if (chunks.has([id, seconds, start])) old.push(id);
          if (old.length === chunksAtOnce) break;
        }
        for (const id of old) age(ctx, id, index, start);
        if (old.length === 0) ctx.table(tables.ageings).delete([seconds, start]);
        return old.length === 0;
      });
      if (isDone) return undefined;
      // Others get their turn.
      await Promise.resolve();
    }
  },
};

function age(ctx: Context, series: number, index: number, start: number): void {
  const [level, next] = [levels[index], levels[index + 1]];
  if (level === undefined) return;
  const chunks = ctx.table(tables.chunks);
  const key: [number, number, number] = [series, level.seconds, start];
  const points = [...pointsIn(chunks.get(key) ?? [], level, start)];
  if (next !== undefined)
    intoChunks(
      ctx,
      series,
      next,
      points.map(([second, point]) => [Math.floor(second / next.seconds) * next.seconds, point]),
    );
  chunks.delete(key);
}
