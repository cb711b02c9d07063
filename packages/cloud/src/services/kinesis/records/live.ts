import type { Millis } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import type { Host } from "../../../kernel/host.ts";
import { limits } from "../limits.ts";
import type { Shard, Stream } from "../model.ts";
import { isOpen, shardsOf, tables } from "../store.ts";

/** What is used up of a second's limits. */
interface Used {
  second: number;
  records: number;
  bytes: number;
}

/** A shard as it is remembered while it is written to. */
export interface LiveShard {
  readonly shard: Shard;
  /** The order that its next record gets. */
  next: number;
  readonly written: Used;
  readonly reads: { second: number; calls: number; bytes: number; blockedUntil: Millis };
}

/** A stream as it is remembered: what a record needs without a look at the tables. */
export interface LiveStream {
  readonly shards: ReadonlyMap<number, LiveShard>;
  /** Open ones, by the beginning of their ranges. */
  readonly open: readonly LiveShard[];
  /** On demand: what the whole stream has taken in this second, and in its busiest one. */
  readonly written: Used;
  readonly peak: { records: number; bytes: number };
}

const memories = new WeakMap<Host, Map<string, LiveStream>>();

function memoryOf(host: Host): Map<string, LiveStream> {
  let memory = memories.get(host);
  if (memory === undefined) memories.set(host, (memory = new Map()));
  return memory;
}

const nameOf = ({ account, region }: Context, stream: string) => `${account}/${region}/${stream}`;

/** What is remembered of a stream; read from the tables where it is not. */
export function liveStream(ctx: Context, stream: Stream): LiveStream {
  const memory = memoryOf(ctx.host);
  const name = nameOf(ctx, stream.name);
  let live = memory.get(name);
  if (live === undefined) {
    const shards = shardsOf(ctx, stream).map((shard): LiveShard => ({
      shard,
      next: nextOrder(ctx, stream, shard),
      written: { second: 0, records: 0, bytes: 0 },
      reads: { second: 0, calls: 0, bytes: 0, blockedUntil: 0 },
    }));
    live = {
      shards: new Map(shards.map((one) => [one.shard.index, one])),
      open: shards.filter(({ shard }) => isOpen(shard)).toSorted((a, b) => (a.shard.start < b.shard.start ? -1 : 1)),
      written: { second: 0, records: 0, bytes: 0 },
      peak: { records: 0, bytes: 0 },
    };
    memory.set(name, live);
  }
  return live;
}

/** To be called when a stream's shards have changed. */
export function forget(ctx: Context, stream: string): void {
  memoryOf(ctx.host).delete(nameOf(ctx, stream));
}

/** The order behind the last record of a shard. The newest batch of a shard is never deleted before its stream. */
function nextOrder(ctx: Context, { name }: Stream, { index, firstOrder, endOrder }: Shard): number {
  if (endOrder !== undefined) return endOrder;
  for (const [[, , order], { keys }] of ctx.table(tables.batches).entries({ prefix: [name, index], reverse: true }))
    return order + keys.length;
  return firstOrder;
}

/** The open shard whose range a hash lies in. */
export function shardFor({ open }: LiveStream, hash: string): LiveShard {
  let low = 0;
  let high = open.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((open[middle]?.shard.start ?? "") <= hash) low = middle;
    else high = middle - 1;
  }
  return open[low] as LiveShard;
}

/** Begins this second, where it has not begun. */
function enter(used: Used, now: Millis): void {
  const second = Math.floor(now / 1000);
  if (used.second === second) return;
  used.second = second;
  used.records = 0;
  used.bytes = 0;
}

/** Takes a record's room from this second's. @returns false if there is none */
function take(used: Used, bytes: number, most: { readonly records: number; readonly bytes: number }): boolean {
  if (used.records + 1 > most.records || used.bytes + bytes > most.bytes) return false;
  used.records += 1;
  used.bytes += bytes;
  return true;
}

const ofShard = { records: limits.shardRecords, bytes: limits.shardBytes };

/**
 * Whether a record may be written now. A shard takes so much in a second; a stream on demand twice as much as it has
 * taken in its busiest second before.
 */
export function mayWrite(stream: Stream, live: LiveStream, shard: LiveShard, now: Millis, bytes: number): boolean {
  if (stream.mode === "PROVISIONED") {
    enter(shard.written, now);
    return take(shard.written, bytes, ofShard);
  }
  const { peak, written } = live;
  if (written.second !== Math.floor(now / 1000)) {
    peak.records = Math.max(peak.records, written.records);
    peak.bytes = Math.max(peak.bytes, written.bytes);
    enter(written, now);
  }
  return take(written, bytes, {
    records: Math.min(limits.onDemandMostRecords, Math.max(limits.onDemandRecords, 2 * peak.records)),
    bytes: Math.min(limits.onDemandMostBytes, Math.max(limits.onDemandBytes, 2 * peak.bytes)),
  });
}

/** Whether a shard may be read now: so often in a second, and not while what was read in one is more than it gives. */
export function mayRead({ reads }: LiveShard, now: Millis): boolean {
  const second = Math.floor(now / 1000);
  if (reads.second !== second) {
    reads.second = second;
    reads.calls = 0;
    reads.bytes = 0;
  }
  if (now < reads.blockedUntil || reads.calls >= limits.shardReads) return false;
  reads.calls += 1;
  return true;
}

/** Notes what was read: more than a shard gives in a second is waited for before the next read. */
export function noteRead({ reads }: LiveShard, now: Millis, bytes: number): void {
  reads.bytes += bytes;
  if (reads.bytes > limits.shardReadBytes)
    reads.blockedUntil = now + Math.round((reads.bytes / limits.shardReadBytes) * 1000);
}
