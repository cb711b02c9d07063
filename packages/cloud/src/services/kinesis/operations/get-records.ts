import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { limits } from "../limits.ts";
import { decimalOf, encryptionType, orderOf, sequenceNumber, shardIdOf } from "../model.ts";
import { iteratorText, readIterator } from "../records/iterator.ts";
import { liveStream, mayRead, noteRead } from "../records/live.ts";
import { StreamMeter } from "../records/meter.ts";
import { orderAt, readRecords } from "../records/reading.ts";
import type { Sdk } from "../sdk.ts";
import { findShard, findStream, shardsOf, tables } from "../store.ts";

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetShardIterator.html */
export const getShardIterator: Handler<Sdk, "getShardIterator"> = (ctx, input) => {
  const stream = findStream(ctx, input);
  const shard = findShard(ctx, stream, input.ShardId);
  const next = liveStream(ctx, stream).shards.get(shard.index)?.next ?? shard.firstOrder;
  const { StartingSequenceNumber: sequence, Timestamp: timestamp, ShardIteratorType: type } = input;
  const given = () => {
    if (sequence === undefined)
      throw errors.InvalidArgumentException("Must either specify timestamp or sequence number.");
    const order = orderOf(sequence);
    if (order === undefined || order >= Math.max(next, 1) + limits.recordsInPut)
      throw errors.InvalidArgumentException(
        `StartingSequenceNumber ${sequence} used in GetShardIterator on shard ${shardIdOf(shard.index)} in stream ${stream.name} under account ${ctx.account} is invalid.`,
      );
    return order;
  };
  const order = (() => {
    switch (type) {
      case "TRIM_HORIZON":
        return shard.firstOrder;
      case "LATEST":
        return next;
      case "AT_SEQUENCE_NUMBER":
        return given();
      case "AFTER_SEQUENCE_NUMBER":
        return given() + 1;
      case "AT_TIMESTAMP":
        if (timestamp === undefined)
          throw errors.InvalidArgumentException("Must either specify timestamp or sequence number.");
        if (timestamp.getTime() > ctx.now)
          throw errors.InvalidArgumentException(
            `The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: ${timestamp.getTime()}, currentTimestampInMillis: ${ctx.now}`,
          );
        return orderAt(ctx, stream, shard.index, timestamp.getTime(), next);
      default:
        throw errors.ValidationException(
          `1 validation error detected: Value '${String(type)}' at 'shardIteratorType' failed to satisfy constraint: Member must satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON]`,
        );
    }
  })();
  return { ShardIterator: iteratorText(ctx, stream, shard.index, order) };
};

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html */
export const getRecords: Handler<Sdk, "getRecords"> = (ctx, input) => {
  const position = readIterator(ctx, input.ShardIterator);
  const { Limit: most = limits.recordsInGet } = input;
  if (most < 1 || most > limits.recordsInGet)
    throw errors.ValidationException(
      `1 validation error detected: Value '${most}' at 'limit' failed to satisfy constraint: Member must have value less than or equal to ${limits.recordsInGet}, and at least 1`,
    );
  const stream = ctx.table(tables.streams).get(position.stream);
  if (stream === undefined || stream.id !== position.id || stream.status === "DELETING")
    throw errors.ResourceNotFoundException(`Stream ${position.stream} under account ${ctx.account} not found.`);
  const shard = findShard(ctx, stream, shardIdOf(position.shard));
  const live = liveStream(ctx, stream).shards.get(shard.index);
  const meter = new StreamMeter(ctx, stream);
  if (live !== undefined && !mayRead(live, ctx.now)) {
    meter.count("ReadProvisionedThroughputExceeded", 1);
    throw errors.ProvisionedThroughputExceededException(
      `Rate exceeded for shard ${shardIdOf(shard.index)} in stream ${stream.name} under account ${ctx.account}.`,
    );
  }
  const { records, next, hasMore } = readRecords(ctx, stream, shard.index, position.order, most);
  const bytes = records.reduce((sum, { data, key }) => sum + data.length + key.length, 0);
  if (live !== undefined) noteRead(live, ctx.now, bytes);
  const behind = hasMore ? ctx.now - (records.at(-1)?.at ?? ctx.now) : 0;
  meter.count("GetRecords.Success", 1);
  meter.count("GetRecords.Records", records.length);
  meter.count("GetRecords.Bytes", bytes, "Bytes");
  meter.count("GetRecords.IteratorAgeMilliseconds", behind, "Milliseconds");
  const isAtEnd = shard.endOrder !== undefined && next >= shard.endOrder && !hasMore;
  return {
    Records: records.map(({ order, at, key, data }) => ({
      SequenceNumber: sequenceNumber(stream, shard.index, order),
      ApproximateArrivalTimestamp: new Date(at),
      Data: data,
      PartitionKey: key,
      EncryptionType: encryptionType(stream),
    })),
    NextShardIterator: isAtEnd ? undefined : iteratorText(ctx, stream, shard.index, next),
    MillisBehindLatest: behind,
    ChildShards: isAtEnd
      ? shardsOf(ctx, stream)
          .filter(({ parents }) => parents.includes(shard.index))
          .map(({ index, parents, start, end }) => ({
            ShardId: shardIdOf(index),
            ParentShards: parents.map(shardIdOf),
            HashKeyRange: { StartingHashKey: decimalOf(start), EndingHashKey: decimalOf(end) },
          }))
      : undefined,
  };
};
