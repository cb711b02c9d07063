import type { Millis } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { limits } from "../limits.ts";
import type { Stream } from "../model.ts";
import { tables } from "../store.ts";
import type { Batch } from "../store.ts";

export interface FoundRecord {
  readonly order: number;
  readonly at: Millis;
  readonly key: string;
  readonly data: Uint8Array;
}

/** Records that were put before are not told of any more. */
export const keptSince = (ctx: Context, { retentionHours }: Stream): Millis => ctx.now - retentionHours * 3_600_000;

/** The batches of a shard from the one on that has a record of that order, or the first one behind it. */
function* batchesFrom(
  ctx: Context,
  stream: Stream,
  shard: number,
  order: number,
): Generator<readonly [first: number, batch: Batch]> {
  const rows = ctx.table(tables.batches);
  const prefix = [stream.name, shard];
  const at = (of: number): [string, number, number] => [stream.name, shard, of];
  for (const [[, , first], batch] of rows.entries({ prefix, after: at(order + 1), reverse: true })) {
    if (first + batch.keys.length > order) yield [first, batch];
    break;
  }
  for (const [[, , first], batch] of rows.entries({ prefix, after: at(order) })) yield [first, batch];
}

/**
 * Reads records from an order on, up to so many, and up to the bytes that one call gives.
 *
 * @returns the records, the order to go on from, and whether there is more
 */
export function readRecords(
  ctx: Context,
  stream: Stream,
  shard: number,
  from: number,
  most: number,
): { readonly records: readonly FoundRecord[]; readonly next: number; readonly hasMore: boolean } {
  const since = keptSince(ctx, stream);
  const records: FoundRecord[] = [];
  let bytes = 0;
  let next = from;
  for (const [first, batch] of batchesFrom(ctx, stream, shard, from)) {
    const { at, keys, lengths, data } = batch;
    let offset = 0;
    for (const [index, key] of keys.entries()) {
      const order = first + index;
      const length = lengths[index] ?? 0;
      const start = offset;
      offset += length;
      if (order < from) continue;
      if (at < since) {
        next = order + 1;
        continue;
      }
      const isFull = records.length === most || (records.length > 0 && bytes + length + key.length > limits.getBytes);
      if (isFull) return { records, next, hasMore: true };
      records.push({ order, at, key, data: data.subarray(start, offset) });
      bytes += length + key.length;
      next = order + 1;
    }
  }
  return { records, next, hasMore: false };
}

/** The order of the first record that was put at a time or later; that of the next one, if there is none. */
export function orderAt(ctx: Context, stream: Stream, shard: number, time: Millis, next: number): number {
  const rows = ctx.table(tables.batches);
  const firstFrom = (order: number) => {
    for (const [[, , first], { at }] of rows.entries({
      prefix: [stream.name, shard],
      ...(order > 0 && { after: [stream.name, shard, order - 1] as [string, number, number] }),
    }))
      return { first, at };
    return undefined;
  };
  // Batches are in the order of time: the first one that is late enough is found by halving.
  let low = 0;
  let high = next;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const found = firstFrom(middle);
    if (found === undefined || found.at >= time) high = middle;
    else low = found.first + 1;
  }
  return firstFrom(low)?.first ?? next;
}
