import type { StreamDescription, StreamDescriptionSummary } from "@aws-sdk/client-kinesis";
import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { limits } from "../limits.ts";
import { encryptionType, evenRanges } from "../model.ts";
import type { Stream } from "../model.ts";
import { tellArrival } from "../records/arrivals.ts";
import { forget } from "../records/live.ts";
import type { Sdk } from "../sdk.ts";
import { findActiveStream, findStream, isOpen, putStream, shardsOf, streamArn, tables } from "../store.ts";
import { describeShard } from "./shards.ts";

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html */
export const createStream: Handler<Sdk, "createStream"> = (ctx, input) => {
  const { StreamName: name, StreamModeDetails, ShardCount: count } = input;
  const mode = StreamModeDetails?.StreamMode ?? "PROVISIONED";
  if (!/^[\w.-]{1,128}$/.test(name))
    throw errors.ValidationException(
      `1 validation error detected: Value '${name}' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+`,
    );
  const streams = ctx.table(tables.streams);
  if (streams.has(name))
    throw errors.ResourceInUseException(`Stream ${name} under account ${ctx.account} already exists.`);
  if (mode === "ON_DEMAND" && count !== undefined)
    throw errors.ValidationException("ShardCount cannot be specified for a stream in ON_DEMAND mode.");
  const shards = mode === "ON_DEMAND" ? limits.onDemandShards : (count ?? 1);
  if (shards < 1 || shards > limits.shards)
    throw errors.LimitExceededException(
      `This request would exceed the shard limit for the account ${ctx.account} in ${ctx.region}. Current shard count for the account: 0. Limit: ${limits.shards}. Number of additional shards that would have resulted from this request: ${shards}.`,
    );
  const stream: Stream = {
    name,
    arn: streamArn(ctx, name),
    id: ctx.ids.uuid(),
    status: "CREATING",
    mode,
    createdAt: ctx.now,
    retentionHours: limits.retentionHours.least,
    shardMetrics: [],
    shardsMade: shards,
    tags: input.Tags ?? {},
  };
  putStream(ctx, stream);
  evenRanges(shards).forEach((range, index) =>
    ctx.table(tables.shards).put([name, index], { index, ...range, parents: [], createdAt: ctx.now, firstOrder: 0 }),
  );
  forget(ctx, name);
  return {};
};

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeleteStream.html */
export const deleteStream: Handler<Sdk, "deleteStream"> = (ctx, input) => {
  const stream = findStream(ctx, input);
  const consumers = [...ctx.table(tables.consumers).keys({ prefix: [stream.name] })];
  if (consumers.length > 0 && input.EnforceConsumerDeletion !== true)
    throw errors.ResourceInUseException(
      `Stream ${stream.name} under account ${ctx.account} has consumers, or EnforceConsumerDeletion is not set.`,
    );
  putStream(ctx, { ...stream, status: "DELETING" });
  for (const { index } of shardsOf(ctx, stream)) tellArrival(ctx, stream.name, index);
  return {};
};

function summary(ctx: Context, stream: Stream): StreamDescriptionSummary {
  return {
    StreamName: stream.name,
    StreamARN: stream.arn,
    StreamId: stream.id,
    StreamStatus: stream.status,
    StreamModeDetails: { StreamMode: stream.mode },
    RetentionPeriodHours: stream.retentionHours,
    StreamCreationTimestamp: new Date(stream.createdAt),
    EnhancedMonitoring: [{ ShardLevelMetrics: [...stream.shardMetrics] }],
    EncryptionType: encryptionType(stream),
    KeyId: stream.encryptionKey,
    OpenShardCount: shardsOf(ctx, stream).filter(isOpen).length,
    ConsumerCount: [...ctx.table(tables.consumers).keys({ prefix: [stream.name] })].length,
  };
}

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStreamSummary.html */
export const describeStreamSummary: Handler<Sdk, "describeStreamSummary"> = (ctx, input) => ({
  StreamDescriptionSummary: summary(ctx, findStream(ctx, input)),
});

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStream.html */
export const describeStream: Handler<Sdk, "describeStream"> = (ctx, input) => {
  const stream = findStream(ctx, input);
  const { Limit: most = 100, ExclusiveStartShardId: after } = input;
  const shards = shardsOf(ctx, stream).map((shard) => describeShard(stream, shard));
  const from = after === undefined ? 0 : shards.findIndex(({ ShardId }) => (ShardId ?? "") > after);
  const shown = from < 0 ? [] : shards.slice(from, from + most);
  const { ConsumerCount: _, OpenShardCount: __, ...told } = summary(ctx, stream);
  const description: StreamDescription = {
    ...told,
    Shards: shown,
    HasMoreShards: from >= 0 && from + most < shards.length,
  };
  return { StreamDescription: description };
};

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListStreams.html */
export const listStreams: Handler<Sdk, "listStreams"> = (ctx, input) => {
  const { Limit: most = 100 } = input;
  const after = input.ExclusiveStartStreamName ?? input.NextToken;
  const found = [...ctx.table(tables.streams).values(after === undefined ? {} : { after })];
  const shown = found.slice(0, most);
  const hasMore = found.length > most;
  return {
    StreamNames: shown.map(({ name }) => name),
    HasMoreStreams: hasMore,
    NextToken: hasMore ? shown.at(-1)?.name : undefined,
    StreamSummaries: shown.map((stream) => ({
      StreamName: stream.name,
      StreamARN: stream.arn,
      StreamStatus: stream.status,
      StreamModeDetails: { StreamMode: stream.mode },
      StreamCreationTimestamp: new Date(stream.createdAt),
    })),
  };
};

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeLimits.html */
export const describeLimits: Handler<Sdk, "describeLimits"> = (ctx) => {
  const streams = [...ctx.table(tables.streams).values()];
  const provisioned = streams.filter(({ mode }) => mode === "PROVISIONED");
  return {
    ShardLimit: limits.shards,
    OpenShardCount: provisioned.flatMap((stream) => shardsOf(ctx, stream)).filter(isOpen).length,
    OnDemandStreamCount: streams.length - provisioned.length,
    OnDemandStreamCountLimit: limits.onDemandStreams,
  };
};

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateStreamMode.html */
export const updateStreamMode: Handler<Sdk, "updateStreamMode"> = (ctx, input) => {
  const stream = findActiveStream(ctx, { StreamARN: input.StreamARN });
  putStream(ctx, { ...stream, mode: input.StreamModeDetails.StreamMode ?? "PROVISIONED", status: "UPDATING" });
  forget(ctx, stream.name);
  return {};
};

function setRetention(ctx: Context, stream: Stream, hours: number, isIncrease: boolean): void {
  const { least, most } = limits.retentionHours;
  if (hours < least || hours > most)
    throw errors.InvalidArgumentException(
      `${isIncrease ? "Maximum" : "Minimum"} allowed retention period is ${isIncrease ? most : least} hours. Requested retention period (${hours} hours) is too ${isIncrease ? "long" : "short"}.`,
    );
  if (isIncrease ? hours < stream.retentionHours : hours > stream.retentionHours)
    throw errors.InvalidArgumentException(
      `Requested retention period (${hours} hours) for stream ${stream.name} can not be ${isIncrease ? "shorter" : "longer"} than existing retention period (${stream.retentionHours} hours). Use ${isIncrease ? "Decrease" : "Increase"}RetentionPeriod API.`,
    );
  putStream(ctx, { ...stream, retentionHours: hours });
}

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_IncreaseStreamRetentionPeriod.html */
export const increaseStreamRetentionPeriod: Handler<Sdk, "increaseStreamRetentionPeriod"> = (ctx, input) => {
  setRetention(ctx, findActiveStream(ctx, input), input.RetentionPeriodHours, true);
  return {};
};

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DecreaseStreamRetentionPeriod.html */
export const decreaseStreamRetentionPeriod: Handler<Sdk, "decreaseStreamRetentionPeriod"> = (ctx, input) => {
  setRetention(ctx, findActiveStream(ctx, input), input.RetentionPeriodHours, false);
  return {};
};

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_EnableEnhancedMonitoring.html */
export const enableEnhancedMonitoring: Handler<Sdk, "enableEnhancedMonitoring"> = (ctx, input) => {
  const stream = findActiveStream(ctx, input);
  const desired = [...new Set([...stream.shardMetrics, ...input.ShardLevelMetrics])];
  putStream(ctx, { ...stream, shardMetrics: desired });
  return monitoringChange(stream, desired);
};

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DisableEnhancedMonitoring.html */
export const disableEnhancedMonitoring: Handler<Sdk, "disableEnhancedMonitoring"> = (ctx, input) => {
  const stream = findActiveStream(ctx, input);
  const isAll = input.ShardLevelMetrics.includes("ALL");
  const desired = isAll ? [] : stream.shardMetrics.filter((metric) => !input.ShardLevelMetrics.includes(metric));
  putStream(ctx, { ...stream, shardMetrics: desired });
  return monitoringChange(stream, desired);
};

function monitoringChange(before: Stream, desired: Stream["shardMetrics"]) {
  return {
    StreamName: before.name,
    StreamARN: before.arn,
    CurrentShardLevelMetrics: [...before.shardMetrics],
    DesiredShardLevelMetrics: [...desired],
  };
}
