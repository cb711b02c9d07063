import { hash } from "node:crypto";
import type { ChildShard } from "@aws-sdk/client-kinesis";
import type { Millis } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Host } from "../../../kernel/host.ts";
import type { RowScope } from "../../../store/table.ts";
import { findVersion } from "../store.ts";
import type { Waiting } from "./batch.ts";
import { eventOf } from "./event.ts";
import { readFilters } from "./filter.ts";
import type { Filter } from "./filter.ts";
import { readFrom } from "./model.ts";
import type { EventSourceMapping, ShardProgress } from "./model.ts";

/** A record that was read, as the JSON that its function gets. */
export interface ReadRecord extends Waiting {
  readonly json: string;
}

/** What is remembered of a shard that a mapping follows. It is made anew from what is stored, as far as that is done. */
export interface Reader {
  readonly revision: number;
  readonly filter: Filter;
  /** By lane: what was read and is not done. */
  readonly waiting: ReadRecord[][];
  /** Lanes that are at a batch. */
  readonly running: Set<number>;
  retentionMs: number;
  iterator: string | undefined;
  /** The sequence number of the last record that was read. */
  readTo: string | undefined;
  isCaughtUp: boolean;
  isAtEnd: boolean;
  /** At the end: the shards that come behind this one. */
  children: readonly ChildShard[];
  /** Whether there may be something to read. */
  hasNews: boolean;
  nextReadAt: Millis;
}

/** AWS reads each shard once a second, and more often while it is behind. */
const readEveryMs = 1000;
const readBehindEveryMs = 250;
/** What is held of a shard at once. */
const heldRecords = 10_000;
const heldBytes = 32 * 1024 ** 2;

/** Readers by the shard that they read, and then by their mapping. */
const readers = new WeakMap<Host, Map<string, Map<string, Reader>>>();

function readersOf(host: Host): Map<string, Map<string, Reader>> {
  let all = readers.get(host);
  if (all === undefined) readers.set(host, (all = new Map()));
  return all;
}

export const streamName = ({ streamArn }: Pick<EventSourceMapping, "streamArn">) =>
  streamArn.slice(streamArn.indexOf("/") + 1);

const placeOf = ({ account, region }: RowScope, stream: string, shard: string) =>
  `${account}/${region}/${stream}/${shard}`;

export function findReader(ctx: Context, mapping: EventSourceMapping, shard: string): Reader | undefined {
  return readersOf(ctx.host)
    .get(placeOf(ctx, streamName(mapping), shard))
    ?.get(mapping.id);
}

export function makeReader(ctx: Context, mapping: EventSourceMapping, shard: string, lanes: number): Reader {
  const reader: Reader = {
    revision: mapping.revision,
    filter: readFilters(mapping.settings.filters),
    waiting: Array.from({ length: lanes }, () => []),
    running: new Set(),
    retentionMs: Infinity,
    iterator: undefined,
    readTo: undefined,
    isCaughtUp: false,
    isAtEnd: false,
    children: [],
    hasNews: true,
    nextReadAt: ctx.now,
  };
  const all = readersOf(ctx.host);
  const place = placeOf(ctx, streamName(mapping), shard);
  all.set(place, (all.get(place) ?? new Map<string, Reader>()).set(mapping.id, reader));
  return reader;
}

export function forgetReader(ctx: Context, mapping: EventSourceMapping, shard: string): void {
  const all = readersOf(ctx.host);
  const place = placeOf(ctx, streamName(mapping), shard);
  all.get(place)?.delete(mapping.id);
  if (all.get(place)?.size === 0) all.delete(place);
}

/** Tells the readers of a shard that there is something to read. @returns the mappings that have not known it */
export function tellReaders(host: Host, scope: RowScope, stream: string, shard: string): readonly string[] {
  const told: string[] = [];
  for (const [mapping, reader] of readers.get(host)?.get(placeOf(scope, stream, shard)) ?? []) {
    if (!reader.hasNews) told.push(mapping);
    reader.hasNews = true;
  }
  return told;
}

/** Whether there may be something to read, and room for it. */
export function wantsToRead({ hasNews, isAtEnd, waiting }: Reader): boolean {
  if (!hasNews || isAtEnd) return false;
  let bytes = 0;
  let count = 0;
  for (const lane of waiting) {
    count += lane.length;
    for (const record of lane) bytes += record.bytes;
  }
  return count < heldRecords && bytes < heldBytes;
}

/** The lane of a partition key. */
const laneOf = (key: string, lanes: number) =>
  lanes === 1 ? 0 : Number.parseInt(hash("md5", key).slice(0, 8), 16) % lanes;

/** Where the followed stream is not there any more, or is another one. */
export class StreamGone extends Error {}
/** Where the stream is there, and has no such shard any more: nothing of it was kept. */
export class ShardGone extends Error {}

/**
 * Reads what comes next in a shard.
 *
 * @throws StreamGone, ShardGone
 */
export async function read(
  ctx: Context,
  mapping: EventSourceMapping,
  shard: string,
  progress: ShardProgress,
  reader: Reader,
): Promise<void> {
  // What comes while this is reading is news again.
  reader.hasNews = false;
  try {
    const ShardIterator = (reader.iterator ??= await open(ctx, mapping, shard, progress, reader));
    const { kinesis } = ctx.call;
    const { Records = [], ...answer } = await kinesis.getRecords({ ShardIterator, StreamARN: mapping.streamArn });
    const origin = { streamArn: mapping.streamArn, region: ctx.region, shard, role: roleOf(ctx, mapping) };
    for (const record of Records) {
      const event = eventOf(record, origin);
      const sequence = event.kinesis.sequenceNumber;
      reader.readTo = sequence;
      const lane = laneOf(event.kinesis.partitionKey, reader.waiting.length);
      if (sequence <= (progress.lanes[lane]?.after ?? "") || !reader.filter(event)) continue;
      const json = JSON.stringify(event);
      reader.waiting[lane]?.push({
        sequence,
        arrivedAt: record.ApproximateArrivalTimestamp?.getTime() ?? ctx.now,
        readAt: ctx.now,
        // And a comma.
        bytes: Buffer.byteLength(json) + 1,
        json,
      });
    }
    const isBehind = (answer.MillisBehindLatest ?? 0) > 0;
    reader.iterator = answer.NextShardIterator;
    reader.isAtEnd = answer.NextShardIterator === undefined;
    reader.children = answer.ChildShards ?? [];
    reader.isCaughtUp = !isBehind;
    reader.hasNews ||= isBehind;
    reader.nextReadAt = ctx.now + (isBehind ? readBehindEveryMs : readEveryMs);
  } catch (error) {
    reader.hasNews = true;
    reader.nextReadAt = ctx.now + readEveryMs;
    // Others have read the shard so often in this second.
    if (isAwsError(error, "ProvisionedThroughputExceededException")) return;
    if (isAwsError(error, "ExpiredIteratorException")) {
      reader.iterator = undefined;
      reader.nextReadAt = ctx.now;
      return;
    }
    if (!isAwsError(error, "ResourceNotFoundException")) throw error;
    await findStream(ctx, mapping);
    throw new ShardGone();
  }
}

function roleOf(ctx: Context, { functionName, qualifier }: EventSourceMapping): string {
  try {
    return findVersion(ctx, functionName, qualifier).role;
  } catch {
    // It is gone: the call will tell.
    return "";
  }
}

/** The stream as it is now. @throws StreamGone if it is not the one that is followed */
async function findStream(ctx: Context, { streamArn: StreamARN, streamId }: EventSourceMapping) {
  try {
    const { StreamDescriptionSummary: found } = await ctx.call.kinesis.describeStreamSummary({ StreamARN });
    if (found?.StreamId === streamId && found?.StreamStatus !== "DELETING") return found;
  } catch (error) {
    if (!isAwsError(error, "ResourceNotFoundException")) throw error;
  }
  throw new StreamGone();
}

async function open(
  ctx: Context,
  mapping: EventSourceMapping,
  ShardId: string,
  progress: ShardProgress,
  reader: Reader,
): Promise<string> {
  const { streamArn: StreamARN, start, createdAt } = mapping;
  const found = await findStream(ctx, mapping);
  reader.retentionMs = (found?.RetentionPeriodHours ?? 24) * 3_600_000;
  const after = reader.readTo ?? readFrom(progress.lanes);
  const { ShardIterator } = await ctx.call.kinesis.getShardIterator({
    StreamARN,
    ShardId,
    ...(after !== undefined
      ? { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber: after }
      : start.position === "TRIM_HORIZON"
        ? { ShardIteratorType: "TRIM_HORIZON" }
        : {
            ShardIteratorType: "AT_TIMESTAMP",
            Timestamp: new Date(start.position === "LATEST" ? createdAt : start.at),
          }),
  });
  return ShardIterator ?? "";
}
