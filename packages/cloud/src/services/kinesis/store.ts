import type { Millis } from "@trysail/core";
import { partitionOf } from "@trysail/core";
import type { Context } from "../../kernel/context.ts";
import { table } from "../../store/table.ts";
import { errors } from "./errors.ts";
import { shardIdOf, shardIndexOf } from "./model.ts";
import type { Consumer, Shard, Stream } from "./model.ts";

/** Records that one call has put into a shard, one behind the other. */
export interface Batch {
  readonly at: Millis;
  readonly keys: readonly string[];
  /** The length of each record. */
  readonly lengths: readonly number[];
  readonly data: Uint8Array;
}

export const tables = {
  streams: table<string, Stream>("streams"),
  shards: table<[stream: string, shard: number], Shard>("shards"),
  /** By the order of a batch's first record. */
  batches: table<[stream: string, shard: number, order: number], Batch>("batches"),
  consumers: table<[stream: string, consumer: string], Consumer>("consumers"),
};

interface Named {
  readonly StreamName?: string | undefined;
  readonly StreamARN?: string | undefined;
}

export const streamArn = ({ region, account }: Context, name: string) =>
  `arn:${partitionOf(region)}:kinesis:${region}:${account}:stream/${name}`;

/** The stream's name in an ARN. @returns undefined if it is none */
export function nameInArn(arn: string): string | undefined {
  return /^arn:[^:]+:kinesis:[^:]*:[^:]*:stream\/(?<name>[^/]+)/.exec(arn)?.groups?.["name"];
}

/** @throws AwsError `ResourceNotFoundException`, `InvalidArgumentException` */
export function findStream(ctx: Context, { StreamName, StreamARN }: Named): Stream {
  const name = StreamName ?? (StreamARN === undefined ? undefined : nameInArn(StreamARN));
  if (name === undefined)
    throw errors.InvalidArgumentException("Either StreamARN or StreamName must be provided in the request.");
  const stream = ctx.table(tables.streams).get(name);
  if (stream === undefined || (StreamARN !== undefined && !StreamARN.startsWith(stream.arn)))
    throw errors.ResourceNotFoundException(`Stream ${name} under account ${ctx.account} not found.`);
  return stream;
}

/** A stream that can be changed now. @throws AwsError `ResourceInUseException` and as {@link findStream} */
export function findActiveStream(ctx: Context, named: Named): Stream {
  const stream = findStream(ctx, named);
  if (stream.status !== "ACTIVE")
    throw errors.ResourceInUseException(
      `Stream ${stream.name} under account ${ctx.account} not ACTIVE, instead in state ${stream.status}`,
    );
  return stream;
}

/** @throws AwsError `ResourceNotFoundException` */
export function findShard(ctx: Context, { name }: Stream, id: string): Shard {
  const index = shardIndexOf(id);
  const shard = index === undefined ? undefined : ctx.table(tables.shards).get([name, index]);
  if (shard === undefined)
    throw errors.ResourceNotFoundException(
      `Could not find shard ${index === undefined ? id : shardIdOf(index)} in stream ${name} under account ${ctx.account}.`,
    );
  return shard;
}

export function shardsOf(ctx: Context, { name }: Pick<Stream, "name">): Shard[] {
  return [...ctx.table(tables.shards).values({ prefix: [name] })];
}

export const isOpen = ({ endOrder }: Shard) => endOrder === undefined;

/** Writes a stream, whatever it was. Inside a transaction. */
export function putStream(ctx: Context, stream: Stream): void {
  ctx.table(tables.streams).put(stream.name, stream);
}
