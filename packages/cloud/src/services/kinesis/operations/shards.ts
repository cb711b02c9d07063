import type { Shard as ShardShape, ShardFilter } from "@aws-sdk/client-kinesis";
import type { Context } from "../../../kernel/context.ts";
import { keyOf, tokenOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { limits } from "../limits.ts";
import { decimalOf, evenRanges, hashAfter, hashBefore, hashKeyOf, sequenceNumber, shardIdOf } from "../model.ts";
import type { Shard, Stream } from "../model.ts";
import { tellArrival } from "../records/arrivals.ts";
import { forget, liveStream } from "../records/live.ts";
import { keptSince } from "../records/reading.ts";
import type { Sdk } from "../sdk.ts";
import { findActiveStream, findShard, findStream, isOpen, putStream, shardsOf, tables } from "../store.ts";

export function describeShard(stream: Stream, shard: Shard): ShardShape {
  const [parent, adjacent] = shard.parents;
  return {
    ShardId: shardIdOf(shard.index),
    ...(parent !== undefined && { ParentShardId: shardIdOf(parent) }),
    ...(adjacent !== undefined && { AdjacentParentShardId: shardIdOf(adjacent) }),
    HashKeyRange: { StartingHashKey: decimalOf(shard.start), EndingHashKey: decimalOf(shard.end) },
    SequenceNumberRange: {
      StartingSequenceNumber: sequenceNumber(stream, shard.index, shard.firstOrder),
      ...(shard.endOrder !== undefined && {
        EndingSequenceNumber: sequenceNumber(stream, shard.index, shard.endOrder),
      }),
    },
  };
}

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListShards.html */
export const listShards: Handler<Sdk, "listShards"> = (ctx, input) => {
  const { NextToken, MaxResults: most = 1000, ExclusiveStartShardId: after = "", ShardFilter: filter } = input;
  const token = keyOf<[stream: string, after: string]>(NextToken, errors.InvalidArgumentException);
  if (token !== undefined && (input.StreamName !== undefined || input.StreamARN !== undefined))
    throw errors.InvalidArgumentException("NextToken and StreamName cannot be provided together.");
  const stream = findStream(ctx, token === undefined ? input : { StreamName: token[0] });
  const from = token?.[1] ?? after;
  const found = shardsOf(ctx, stream).filter(
    (shard) => shardIdOf(shard.index) > from && isWanted(ctx, stream, shard, filter),
  );
  const shown = found.slice(0, most);
  const last = shown.at(-1);
  return {
    Shards: shown.map((shard) => describeShard(stream, shard)),
    NextToken: found.length > most && last !== undefined ? tokenOf([stream.name, shardIdOf(last.index)]) : undefined,
  };
};

function isWanted(ctx: Context, stream: Stream, shard: Shard, filter: ShardFilter | undefined): boolean {
  const since = keptSince(ctx, stream);
  const wasOpenAt = (time: number) => shard.createdAt <= time && (shard.closedAt ?? Infinity) > time;
  switch (filter?.Type) {
    case undefined:
      return true;
    case "AFTER_SHARD_ID":
      return shardIdOf(shard.index) > (filter?.ShardId ?? "");
    case "AT_LATEST":
      return isOpen(shard);
    case "AT_TRIM_HORIZON":
      return wasOpenAt(Math.max(since, stream.createdAt));
    case "FROM_TRIM_HORIZON":
      return (shard.closedAt ?? Infinity) > since;
    case "AT_TIMESTAMP":
      return wasOpenAt(Math.max(filter?.Timestamp?.getTime() ?? 0, stream.createdAt));
    case "FROM_TIMESTAMP":
      return (shard.closedAt ?? Infinity) > (filter?.Timestamp?.getTime() ?? 0);
  }
}

/** Closes shards, and opens others in their place. Inside a transaction. */
function reshard(
  ctx: Context,
  stream: Stream,
  changes: readonly {
    readonly parents: readonly Shard[];
    readonly ranges: readonly { readonly start: string; readonly end: string }[];
  }[],
): void {
  const live = liveStream(ctx, stream);
  const rows = ctx.table(tables.shards);
  let made = stream.shardsMade;
  for (const { parents, ranges } of changes) {
    const ends = parents.map(({ index, firstOrder }) => live.shards.get(index)?.next ?? firstOrder);
    parents.forEach((parent, at) =>
      rows.put([stream.name, parent.index], { ...parent, endOrder: ends[at] ?? 0, closedAt: ctx.now }),
    );
    for (const parent of parents) tellArrival(ctx, stream.name, parent.index);
    for (const range of ranges) {
      const index = made++;
      // Behind everything that its parents have.
      const firstOrder = Math.max(...ends);
      const shard: Shard = {
        index,
        ...range,
        parents: parents.map((parent) => parent.index),
        createdAt: ctx.now,
        firstOrder,
      };
      rows.put([stream.name, index], shard);
    }
  }
  putStream(ctx, { ...stream, shardsMade: made, status: "UPDATING" });
  forget(ctx, stream.name);
}

function checkCount(ctx: Context, count: number): void {
  if (count > limits.shards)
    throw errors.LimitExceededException(
      `This request would exceed the shard limit for the account ${ctx.account} in ${ctx.region}. Limit: ${limits.shards}.`,
    );
}

/** @throws AwsError `InvalidArgumentException`, `ResourceInUseException` where a shard cannot be resharded */
function reshardable(ctx: Context, stream: Stream, id: string): Shard {
  if (stream.mode === "ON_DEMAND")
    throw errors.ValidationException(
      `Request is invalid. Stream ${stream.name} under account ${ctx.account} is in On-Demand mode.`,
    );
  const shard = findShard(ctx, stream, id);
  if (!isOpen(shard))
    throw errors.InvalidArgumentException(
      `Shard ${shardIdOf(shard.index)} in stream ${stream.name} under account ${ctx.account} has already been merged or split, and thus is not eligible for merging or splitting.`,
    );
  return shard;
}

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SplitShard.html */
export const splitShard: Handler<Sdk, "splitShard"> = (ctx, input) => {
  const stream = findActiveStream(ctx, input);
  const shard = reshardable(ctx, stream, input.ShardToSplit);
  const at = hashKeyOf(input.NewStartingHashKey);
  if (at === undefined || at <= shard.start || at > shard.end)
    throw errors.InvalidArgumentException(
      `NewStartingHashKey ${input.NewStartingHashKey} used in SplitShard() on shard ${shardIdOf(shard.index)} in stream ${stream.name} under account ${ctx.account} is not both greater than one plus the shard's StartingHashKey ${decimalOf(shard.start)} and less than the shard's EndingHashKey ${decimalOf(shard.end)}.`,
    );
  const ranges = [
    { start: shard.start, end: hashBefore(at) },
    { start: at, end: shard.end },
  ];
  reshard(ctx, stream, [{ parents: [shard], ranges }]);
  return {};
};

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_MergeShards.html */
export const mergeShards: Handler<Sdk, "mergeShards"> = (ctx, input) => {
  const stream = findActiveStream(ctx, input);
  const one = reshardable(ctx, stream, input.ShardToMerge);
  const other = reshardable(ctx, stream, input.AdjacentShardToMerge);
  const [lower, upper] = one.start < other.start ? [one, other] : [other, one];
  if (hashAfter(lower.end) !== upper.start)
    throw errors.InvalidArgumentException(
      `Shards ${shardIdOf(one.index)} and ${shardIdOf(other.index)} in stream ${stream.name} under account ${ctx.account} are not an adjacent pair of shards eligible for merging`,
    );
  reshard(ctx, stream, [{ parents: [one, other], ranges: [{ start: lower.start, end: upper.end }] }]);
  return {};
};

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html */
export const updateShardCount: Handler<Sdk, "updateShardCount"> = (ctx, input) => {
  const stream = findActiveStream(ctx, input);
  const { TargetShardCount: target } = input;
  if (stream.mode === "ON_DEMAND")
    throw errors.ValidationException(
      `Request is invalid. Stream ${stream.name} under account ${ctx.account} is in On-Demand mode.`,
    );
  const open = shardsOf(ctx, stream)
    .filter(isOpen)
    .toSorted((a, b) => (a.start < b.start ? -1 : 1));
  if (target > open.length * 2)
    throw errors.LimitExceededException(
      `UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: ${open.length} Target shard count: ${target}`,
    );
  if (target < 1 || target < open.length / 2)
    throw errors.LimitExceededException(
      `UpdateShardCount cannot scale down below half your current open shard count. Current open shard count: ${open.length} Target shard count: ${target}`,
    );
  checkCount(ctx, target);
  if (target !== open.length) reshard(ctx, stream, uniformChanges(open, target));
  return {
    StreamName: stream.name,
    StreamARN: stream.arn,
    CurrentShardCount: open.length,
    TargetShardCount: target,
  };
};

/**
 * All open shards end, and as many of the same size as are wanted begin: each has those as its parents whose ranges it
 * takes over, of which a shard can tell two.
 */
function uniformChanges(open: readonly Shard[], target: number) {
  const all = evenRanges(target).map((range) => {
    const parents = open.filter(({ start, end }) => start <= range.end && range.start <= end);
    return { parents, range };
  });
  return all.map(({ parents, range }) => ({ parents, ranges: [range] }));
}
