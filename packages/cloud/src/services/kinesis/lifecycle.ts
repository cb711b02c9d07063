import type { Context } from "../../kernel/context.ts";
import type { Controller } from "../../kernel/service.ts";
import type { Stream } from "./model.ts";
import { forget } from "./records/live.ts";
import { keptSince } from "./records/reading.ts";
import { isOpen, putStream, shardsOf, tables } from "./store.ts";

/** How often records that are too old are looked for. */
const trimMs = 3_600_000;
/** Rows that one transaction deletes. */
const rowsAtOnce = 1000;

/** Brings streams out of their passing states, and takes away what is kept no longer. */
export const lifecycle: Controller<Stream> = {
  name: "streams",
  watches: [tables.streams],
  keyOf: ({ key, value }) => (value === undefined ? undefined : String(key)),
  async reconcile(ctx, name) {
    const stream = ctx.table(tables.streams).get(name);
    if (stream === undefined) return undefined;
    switch (stream.status) {
      case "CREATING":
      case "UPDATING":
        ctx.transaction(() => putStream(ctx, { ...stream, status: "ACTIVE" }));
        return undefined;
      case "DELETING":
        await remove(ctx, stream);
        return undefined;
      case "ACTIVE":
        await trim(ctx, stream);
        return { wakeAt: ctx.now + trimMs };
    }
  },
};

/** Deletes batches in parts, so that others get their turn. */
async function deleteBatches(ctx: Context, keys: Iterable<[string, number, number]>): Promise<void> {
  const all = [...keys];
  for (let at = 0; at < all.length; at += rowsAtOnce) {
    ctx.transaction(() => {
      for (const key of all.slice(at, at + rowsAtOnce)) ctx.table(tables.batches).delete(key);
    });
    await Promise.resolve();
  }
}

async function remove(ctx: Context, { name }: Stream): Promise<void> {
  await deleteBatches(ctx, ctx.table(tables.batches).keys({ prefix: [name] }));
  ctx.transaction(() => {
    for (const key of Array.from(ctx.table(tables.shards).keys({ prefix: [name] })))
      ctx.table(tables.shards).delete(key);
    for (const key of Array.from(ctx.table(tables.consumers).keys({ prefix: [name] })))
      ctx.table(tables.consumers).delete(key);
    ctx.table(tables.streams).delete(name);
    forget(ctx, name);
  });
}

async function trim(ctx: Context, stream: Stream): Promise<void> {
  const since = keptSince(ctx, stream);
  const batches = ctx.table(tables.batches);
  for (const shard of shardsOf(ctx, stream)) {
    const prefix = [stream.name, shard.index];
    const [newest] = batches.keys({ prefix, reverse: true });
    const old: [string, number, number][] = [];
    for (const [key, { at }] of batches.entries({ prefix })) {
      // The newest of an open shard tells what order comes next.
      if (at >= since || (isOpen(shard) && key[2] === newest?.[2])) break;
      old.push(key);
    }
    await deleteBatches(ctx, old);
    const hasNone = batches.keys({ prefix }).next().done ?? true;
    if ((shard.closedAt ?? Infinity) < since && hasNone)
      ctx.transaction(() => {
        ctx.table(tables.shards).delete([stream.name, shard.index]);
        forget(ctx, stream.name);
      });
  }
}
