import type { ChildShard, ListShardsCommandOutput, Shard } from "@aws-sdk/client-kinesis";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { tables } from "../store.ts";
import { freshLane } from "./model.ts";
import type { EventSourceMapping } from "./model.ts";

const parentsOf = ({ ParentShardId, AdjacentParentShardId }: Shard): readonly string[] =>
  [ParentShardId, AdjacentParentShardId].filter((id) => id !== undefined);

async function listShards(
  ctx: Context,
  { streamArn: StreamARN }: EventSourceMapping,
  ShardFilter?: NonNullable<Parameters<Context["call"]["kinesis"]["listShards"]>[0]["ShardFilter"]>,
): Promise<readonly Shard[]> {
  const found: Shard[] = [];
  for (let NextToken: string | undefined; ;) {
    const page: Pick<ListShardsCommandOutput, "Shards" | "NextToken"> = await ctx.call.kinesis.listShards(
      NextToken === undefined ? { StreamARN, ShardFilter } : { NextToken },
    );
    found.push(...(page.Shards ?? []));
    NextToken = page.NextToken;
    if (NextToken === undefined) return found;
  }
}

/** Begins to follow a shard, unless it is followed already. Inside a transaction. */
function followShard(ctx: Context, mapping: EventSourceMapping, shard: string, parents: readonly string[]): void {
  const rows = ctx.table(tables.shardProgress);
  const { parallelization } = mapping.settings;
  const lanes = Array.from({ length: parallelization }, () => freshLane);
  const progress = rows.get([mapping.id, shard]) ?? { lanes, isDone: false, parents: [] };
  // Written also where nothing changes: a shard may begin now whose last parent has just ended.
  if (!progress.isDone)
    rows.put([mapping.id, shard], { ...progress, parents: [...new Set([...progress.parents, ...parents])] });
}

/**
 * Begins to follow a mapping's stream: the shards that have records from its starting position on.
 *
 * @returns whether it is there
 */
export async function followStream(ctx: Context, mapping: EventSourceMapping): Promise<boolean> {
  try {
    return await follow(ctx, mapping);
  } catch (error) {
    if (!isAwsError(error, "ResourceNotFoundException")) throw error;
    return false;
  }
}

async function follow(ctx: Context, mapping: EventSourceMapping): Promise<boolean> {
  const { streamArn: StreamARN, start, createdAt } = mapping;
  const { StreamDescriptionSummary: stream } = await ctx.call.kinesis.describeStreamSummary({ StreamARN });
  if (stream === undefined || stream.StreamStatus === "DELETING") return false;
  const since = start.position === "AT_TIMESTAMP" ? start.at : createdAt;
  const shards = await listShards(
    ctx,
    mapping,
    start.position === "TRIM_HORIZON" ? undefined : { Type: "FROM_TIMESTAMP", Timestamp: new Date(since) },
  );
  ctx.transaction(() => {
    const current = ctx.table(tables.eventSourceMappings).get(mapping.id);
    if (current === undefined) return;
    for (const shard of shards) followShard(ctx, current, shard.ShardId ?? "", parentsOf(shard));
    ctx.table(tables.eventSourceMappings).put(mapping.id, { ...current, streamId: stream.StreamId });
  });
  return true;
}

/**
 * Ends a shard, and begins to follow what comes behind it: all shards that have a followed one among their parents, so that
 * none of them begins before a parent that is not followed yet. ListShards tells two parents, GetRecords all of them.
 */
export async function followChildren(
  ctx: Context,
  mapping: EventSourceMapping,
  ended: string,
  children: readonly ChildShard[],
): Promise<void> {
  const shards = await listShards(ctx, mapping);
  const listed = new Set(shards.map(({ ShardId }) => ShardId));
  ctx.transaction(() => {
    const rows = ctx.table(tables.shardProgress);
    const progress = rows.get([mapping.id, ended]);
    if (progress === undefined) return;
    rows.put([mapping.id, ended], { ...progress, isDone: true });
    for (const { ShardId = "", ParentShards = [] } of children) followShard(ctx, mapping, ShardId, ParentShards);
    for (const shard of shards)
      if (parentsOf(shard).some((parent) => rows.has([mapping.id, parent])))
        followShard(ctx, mapping, shard.ShardId ?? "", parentsOf(shard));
    for (const [key, { isDone }] of Array.from(rows.entries({ prefix: [mapping.id] })))
      if (isDone && key[1] !== ended && !listed.has(key[1])) rows.delete(key);
  });
}
