import type { ChildShard } from "@aws-sdk/client-kinesis";
import type { Millis } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Controller } from "../../../kernel/service.ts";
import { shardIdOf } from "../../kinesis/model.ts";
import { onArrival } from "../../kinesis/records/arrivals.ts";
import { limits } from "../limits.ts";
import { tables } from "../store.ts";
import { nextStep } from "./batch.ts";
import type { Step } from "./batch.ts";
import { followChildren } from "./discovery.ts";
import { commit, handOver, isBefore } from "./handing-over.ts";
import type { Followed } from "./handing-over.ts";
import { lanesOf } from "./model.ts";
import type { EventSourceMapping, Lane, ShardProgress } from "./model.ts";
import {
  findReader,
  forgetReader,
  makeReader,
  read,
  ShardGone,
  StreamGone,
  tellReaders,
  wantsToRead,
} from "./reader.ts";

/** What a call's payload holds beside the records. */
const wrappingBytes = '{"Records":[]}'.length;

/** Hands the records of each shard to the mapping's function, in their order. */
export const shards: Controller<ShardProgress> = {
  name: "event-source-shards",
  watches: [tables.shardProgress],
  keyOf: ({ key, value }) =>
    value === undefined || value.isDone ? undefined : (key as [mapping: string, shard: string]).join("/"),

  listens: (host, queue) =>
    onArrival(host, ({ account, region, stream, shard }) => {
      const scope = { account, region };
      const id = shardIdOf(shard);
      for (const mapping of tellReaders(host, scope, stream, id)) queue(scope, `${mapping}/${id}`);
    }),

  async reconcile(ctx, key) {
    const [id = "", shard = ""] = key.split("/");
    const mapping = ctx.table(tables.eventSourceMappings).get(id);
    if (mapping === undefined) return undefined;
    const progress = ctx.table(tables.shardProgress).get([id, shard]);
    const old = findReader(ctx, mapping, shard);
    // What is at a batch goes on to its end, and wakes this again.
    const isBusy = (old?.running.size ?? 0) > 0;
    if (progress === undefined || progress.isDone || mapping.state !== "Enabled" || !mayBegin(ctx, id, progress)) {
      if (!isBusy) forgetReader(ctx, mapping, shard);
      return undefined;
    }
    const isCurrent = old?.revision === mapping.revision;
    if (!isCurrent && isBusy) return undefined;
    const { parallelization } = mapping.settings;
    if (progress.lanes.length !== parallelization) {
      const lanes = lanesOf(progress.lanes, parallelization);
      ctx.transaction(() => ctx.table(tables.shardProgress).put([id, shard], { ...progress, lanes }));
      return undefined;
    }
    const reader = isCurrent && old !== undefined ? old : makeReader(ctx, mapping, shard, parallelization);
    return follow(ctx, { mapping, shard, reader }, progress);
  },
};

/** A shard begins when those that it came from are done. */
function mayBegin(ctx: Context, mapping: string, { parents }: ShardProgress): boolean {
  return parents.every((parent) => ctx.table(tables.shardProgress).get([mapping, parent])?.isDone ?? true);
}

async function follow(
  ctx: Context,
  followed: Followed,
  progress: ShardProgress,
): Promise<{ readonly wakeAt: Millis } | undefined> {
  const { mapping, shard, reader } = followed;
  if (wantsToRead(reader) && ctx.now >= reader.nextReadAt) {
    try {
      await read(ctx, mapping, shard, progress, reader);
    } catch (error) {
      if (error instanceof ShardGone) {
        await finish(ctx, followed, []);
        return undefined;
      }
      if (!(error instanceof StreamGone)) throw error;
      loseStream(ctx, mapping);
      return undefined;
    }
  }
  // Lanes may have come further meanwhile.
  const { lanes } = ctx.table(tables.shardProgress).get([mapping.id, shard]) ?? progress;
  let wakeAt = wantsToRead(reader) ? reader.nextReadAt : Infinity;
  let isIdle = reader.running.size === 0;
  for (const [index, lane] of lanes.entries()) {
    if (reader.running.has(index)) continue;
    const step = stepOf(ctx, followed, lane, index);
    if (step.step !== "idle") isIdle = false;
    if (step.step === "wait") wakeAt = Math.min(wakeAt, step.until);
    else if (step.step !== "idle") handOver(ctx, followed, index, lane, step);
  }
  if (isIdle && reader.isAtEnd) {
    await finish(ctx, followed, reader.children);
    return undefined;
  }
  // Records that nobody wants are done.
  if (isIdle && lanes.some((lane) => isBefore(lane, reader.readTo))) ctx.transaction(() => commit(ctx, followed));
  return Number.isFinite(wakeAt) ? { wakeAt } : undefined;
}

function stepOf(ctx: Context, { mapping, reader }: Followed, lane: Lane, index: number): Step {
  const { settings } = mapping;
  const ageMs = settings.maximumAgeSeconds < 0 ? Infinity : settings.maximumAgeSeconds * 1000;
  return nextStep(
    lane,
    reader.waiting[index] ?? [],
    { settings, oldestMs: Math.min(ageMs, reader.retentionMs), bytes: limits.syncPayloadBytes - wrappingBytes },
    { to: reader.readTo, isCaughtUp: reader.isCaughtUp, isAtEnd: reader.isAtEnd },
    ctx.now,
  );
}

/** Ends a shard whose records are all done. */
async function finish(ctx: Context, { mapping, shard }: Followed, children: readonly ChildShard[]): Promise<void> {
  try {
    await followChildren(ctx, mapping, shard, children);
    forgetReader(ctx, mapping, shard);
  } catch (error) {
    if (!isAwsError(error, "ResourceNotFoundException")) throw error;
    loseStream(ctx, mapping);
  }
}

/** Forgets how far a stream was followed that is there no more: if there is one of its name again, it is a new one. */
function loseStream(ctx: Context, { id, streamId }: EventSourceMapping): void {
  ctx.transaction(() => {
    const mapping = ctx.table(tables.eventSourceMappings).get(id);
    if (mapping === undefined || mapping.streamId !== streamId) return;
    const rows = ctx.table(tables.shardProgress);
    for (const key of Array.from(rows.keys({ prefix: [id] }))) {
      rows.delete(key);
      forgetReader(ctx, mapping, key[1]);
    }
    const lastResult = "PROBLEM: The stream was not found";
    ctx.table(tables.eventSourceMappings).put(id, { ...mapping, streamId: undefined, lastResult });
  });
}
