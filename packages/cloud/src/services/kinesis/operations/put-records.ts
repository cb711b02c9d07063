import { hash } from "node:crypto";
import type { PutRecordsRequestEntry, PutRecordsResultEntry } from "@aws-sdk/client-kinesis";
import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { limits } from "../limits.ts";
import { encryptionType, hashKeyOf, orderOf, sequenceNumber, shardIdOf } from "../model.ts";
import type { Stream } from "../model.ts";
import { tellArrival } from "../records/arrivals.ts";
import { liveStream, mayWrite, shardFor } from "../records/live.ts";
import type { LiveShard } from "../records/live.ts";
import { StreamMeter } from "../records/meter.ts";
import type { Sdk } from "../sdk.ts";
import { findStream, tables } from "../store.ts";

interface Given {
  readonly PartitionKey?: string | undefined;
  readonly ExplicitHashKey?: string | undefined;
  readonly Data: Uint8Array | undefined;
}

/** @throws AwsError `ResourceNotFoundException`, `ResourceInUseException` */
function writableStream(ctx: Context, input: Parameters<typeof putRecords>[1]): Stream {
  const stream = findStream(ctx, input);
  if (stream.status === "CREATING" || stream.status === "DELETING")
    throw errors.ResourceNotFoundException(
      `Stream ${stream.name} under account ${ctx.account} not found because it is ${stream.status}.`,
    );
  return stream;
}

/** @throws AwsError `InvalidArgumentException`, `ValidationException` */
function hashOf({ PartitionKey: key, ExplicitHashKey: explicit }: Given, place: string): string {
  if (key === undefined || key === "" || key.length > limits.partitionKeyCharacters)
    throw errors.ValidationException(
      `1 validation error detected: Value '${key ?? ""}' at '${place}partitionKey' failed to satisfy constraint: Member must have length less than or equal to ${limits.partitionKeyCharacters}, and at least 1`,
    );
  if (explicit === undefined) return hash("md5", key);
  const found = hashKeyOf(explicit);
  if (found === undefined)
    throw errors.InvalidArgumentException(
      `Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${explicit}`,
    );
  return found;
}

const sizeOf = ({ PartitionKey = "", Data }: Given) => (Data?.length ?? 0) + Buffer.byteLength(PartitionKey);

function checkSize(size: number): void {
  if (size > limits.recordBytes)
    throw errors.ValidationException(
      `1 validation error detected: a record of ${size} bytes exceeds the maximum record size of ${limits.recordBytes} bytes.`,
    );
}

/** Why there is no room, in AWS's words. */
const rateExceeded = (ctx: Context, shard: number, stream: string) =>
  `Rate exceeded for shard ${shardIdOf(shard)} in stream ${stream} under account ${ctx.account}.`;

/** Records of one call for one shard. */
interface Batching {
  readonly live: LiveShard;
  readonly first: number;
  readonly keys: string[];
  readonly data: Uint8Array[];
}

/** Writes the batches of a call: one row for each shard. Inside a transaction. */
function write(ctx: Context, stream: Stream, batches: Iterable<Batching>): void {
  const rows = ctx.table(tables.batches);
  for (const { live, first, keys, data } of batches) {
    rows.put([stream.name, live.shard.index, first], {
      at: ctx.now,
      keys,
      lengths: data.map(({ length }) => length),
      data: data.length === 1 ? (data[0] as Uint8Array) : Buffer.concat(data),
    });
    tellArrival(ctx, stream.name, live.shard.index);
  }
}

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html */
export const putRecords: Handler<Sdk, "putRecords"> = (ctx, input) => {
  const stream = writableStream(ctx, input);
  const { Records: records } = input;
  if (records.length === 0 || records.length > limits.recordsInPut)
    throw errors.ValidationException(
      `1 validation error detected: Value at 'records' failed to satisfy constraint: Member must have length less than or equal to ${limits.recordsInPut}, and at least 1`,
    );
  const sizes = records.map(sizeOf);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total > limits.putBytes)
    throw errors.InvalidArgumentException(`Records size exceeds ${limits.putBytes / 1024 / 1024} MB limit`);
  sizes.forEach(checkSize);
  // Before anything is taken: a call that is refused has written nothing.
  const hashes = records.map((record, index) => hashOf(record, `records.${index + 1}.member.`));

  const live = liveStream(ctx, stream);
  const batches = new Map<number, Batching>();
  let failed = 0;
  let bytes = 0;
  const results = records.map((record: PutRecordsRequestEntry, index): PutRecordsResultEntry => {
    const shard = shardFor(live, hashes[index] ?? "");
    const { index: shardIndex } = shard.shard;
    const size = sizes[index] ?? 0;
    if (!mayWrite(stream, live, shard, ctx.now, size)) {
      failed += 1;
      return {
        ErrorCode: "ProvisionedThroughputExceededException",
        ErrorMessage: rateExceeded(ctx, shardIndex, stream.name),
      };
    }
    bytes += size;
    let batch = batches.get(shardIndex);
    if (batch === undefined) batches.set(shardIndex, (batch = { live: shard, first: shard.next, keys: [], data: [] }));
    batch.keys.push(record.PartitionKey ?? "");
    batch.data.push(record.Data ?? new Uint8Array());
    return { SequenceNumber: sequenceNumber(stream, shardIndex, shard.next++), ShardId: shardIdOf(shardIndex) };
  });
  write(ctx, stream, batches.values());

  const meter = new StreamMeter(ctx, stream);
  const taken = records.length - failed;
  meter.count("IncomingRecords", taken);
  meter.count("IncomingBytes", bytes, "Bytes");
  meter.count("PutRecords.Bytes", bytes, "Bytes");
  meter.count("PutRecords.Success", failed < records.length ? 1 : 0);
  meter.count("PutRecords.TotalRecords", records.length);
  meter.count("PutRecords.SuccessfulRecords", taken);
  meter.count("PutRecords.FailedRecords", 0);
  meter.count("PutRecords.ThrottledRecords", failed);
  meter.count("WriteProvisionedThroughputExceeded", failed);
  for (const { live: shard, keys } of batches.values())
    meter.countOfShard("IncomingRecords", shard.shard.index, keys.length);
  return { FailedRecordCount: failed, Records: results, EncryptionType: encryptionType(stream) };
};

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html */
export const putRecord: Handler<Sdk, "putRecord"> = (ctx, input) => {
  const stream = writableStream(ctx, { ...input, Records: [] });
  const { SequenceNumberForOrdering: after, PartitionKey, Data } = input;
  if (after !== undefined && orderOf(after) === undefined)
    throw errors.InvalidArgumentException(
      `ExclusiveMinimumSequenceNumber ${after} used in PutRecord on stream ${stream.name} under account ${ctx.account} is invalid.`,
    );
  const size = sizeOf(input);
  checkSize(size);
  const live = liveStream(ctx, stream);
  const shard = shardFor(live, hashOf(input, ""));
  const { index } = shard.shard;
  const meter = new StreamMeter(ctx, stream);
  const isTaken = mayWrite(stream, live, shard, ctx.now, size);
  meter.count("PutRecord.Success", isTaken ? 1 : 0);
  meter.count("WriteProvisionedThroughputExceeded", isTaken ? 0 : 1);
  if (!isTaken) throw errors.ProvisionedThroughputExceededException(rateExceeded(ctx, index, stream.name));
  const first = shard.next;
  shard.next += 1;
  write(ctx, stream, [{ live: shard, first, keys: [PartitionKey ?? ""], data: [Data] }]);
  meter.count("IncomingRecords", 1);
  meter.count("IncomingBytes", size, "Bytes");
  meter.count("PutRecord.Bytes", size, "Bytes");
  meter.countOfShard("IncomingRecords", index, 1);
  return {
    SequenceNumber: sequenceNumber(stream, index, first),
    ShardId: shardIdOf(index),
    EncryptionType: encryptionType(stream),
  };
};
