import { messageOf } from "@trysail/core";
import type { Millis } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import type { Controller } from "../../../kernel/service.ts";
import { shardIdOf } from "../../kinesis/model.ts";
import { onArrival } from "../../kinesis/records/arrivals.ts";
import { call } from "../invoking/call.ts";
import { limits } from "../limits.ts";
import { versionText } from "../model.ts";
import { functionArn } from "../names.ts";
import { tables } from "../store.ts";
import { afterBatch, afterGivingUp, nextStep } from "./batch.ts";
import type { Condition, Result, Step } from "./batch.ts";
import { tellDestination } from "./destination.ts";
import type { GivenUp } from "./destination.ts";
import { followChildren } from "./discovery.ts";
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
import type { Reader, ReadRecord } from "./reader.ts";
import { resultOf } from "./response.ts";

/** A shard that a mapping follows, and what is known of it now. */
interface Followed {
  readonly mapping: EventSourceMapping;
  readonly shard: string;
  readonly reader: Reader;
}

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
        await followChildren(ctx, mapping, shard, []);
        forgetReader(ctx, mapping, shard);
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
    else if (step.step !== "idle") start(ctx, followed, lane, index, step);
  }
  if (isIdle && reader.isAtEnd) {
    await followChildren(ctx, mapping, shard, reader.children);
    forgetReader(ctx, mapping, shard);
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

const isBefore = ({ after = "" }: Lane, sequence: string | undefined) => after < (sequence ?? "");

/**
 * Keeps how far the lanes have come. Those that wait for nothing have come as far as was read. Inside a transaction.
 *
 * @param changed - a lane that is at its end, where there is one
 */
function commit(
  ctx: Context,
  { mapping, shard, reader }: Followed,
  changed?: readonly [index: number, lane: Lane],
): void {
  const progress = ctx.table(tables.shardProgress).get([mapping.id, shard]);
  // The mapping was deleted, or follows another stream.
  if (progress === undefined || findReader(ctx, mapping, shard) !== reader) return;
  const lanes = progress.lanes.map((stored, index) => {
    const lane = changed?.[0] === index ? changed[1] : stored;
    const waiting = reader.waiting[index] ?? [];
    const done = waiting.findIndex(({ sequence }) => sequence > (lane.after ?? ""));
    waiting.splice(0, done < 0 ? waiting.length : done);
    const isIdle = waiting.length === 0 && lane.parts.length === 0;
    return isIdle && isBefore(lane, reader.readTo) ? { ...lane, after: reader.readTo } : lane;
  });
  ctx.table(tables.shardProgress).put([mapping.id, shard], { ...progress, lanes });
}

/** Beside the loop, since a function may take its time. */
function start(
  ctx: Context,
  followed: Followed,
  lane: Lane,
  index: number,
  step: Exclude<Step, { step: "idle" | "wait" }>,
): void {
  const { mapping, shard, reader } = followed;
  reader.running.add(index);
  const name = `lambda/shard/${ctx.account}/${ctx.region}/${mapping.id}/${shard}/${index}/${ctx.ids.uuid()}`;
  ctx.host.activities.start(name, async (signal) => {
    const end = await carryOut(ctx, followed, lane, index, step).finally(() => reader.running.delete(index));
    // It was ended with Trysail: the next one hands the records over anew.
    if (signal.aborted) return;
    const ended = ctx.as({});
    ended.transaction(() => {
      commit(ended, followed, [index, end.lane]);
      if (end.told !== undefined) noteResult(ended, mapping.id, end.told);
    });
  });
}

interface End {
  readonly lane: Lane;
  /** What GetEventSourceMapping tells of it. */
  readonly told?: string;
}

async function carryOut(
  ctx: Context,
  followed: Followed,
  lane: Lane,
  index: number,
  step: Exclude<Step, { step: "idle" | "wait" }>,
): Promise<End> {
  const { mapping, shard, reader } = followed;
  if (step.step === "skip") return { lane: step.lane };
  const { size, part } = step;
  const batch = (reader.waiting[index] ?? []).slice(0, size);
  const giveUp = (
    records: readonly ReadRecord[],
    condition: Condition,
    attempts: number,
    more: Partial<GivenUp> = {},
  ) => tellDestination(ctx.as({}), mapping, { shard, records, condition, attempts, ...more });
  if (step.step === "give-up") {
    await giveUp(batch, step.condition, part.attempts);
    return { lane: afterGivingUp(lane, batch.at(-1)?.sequence ?? part.until), told: "PROBLEM: Records were given up" };
  }
  const sequences = batch.map(({ sequence }) => sequence);
  const { result, ...called } = await invoke(ctx, mapping, batch);
  const ended = ctx.as({});
  const after = afterBatch(lane, part, sequences, result, mapping.settings, ended.now);
  if (after.givenUpFrom !== undefined)
    await giveUp(batch.slice(after.givenUpFrom), "RetryAttemptsExhausted", part.attempts + 1, called);
  return { lane: after.lane, told: result.status === "succeeded" ? "OK" : "PROBLEM: Function call failed" };
}

/** Calls the function with a batch. */
async function invoke(
  ctx: Context,
  { functionName, qualifier, settings }: EventSourceMapping,
  batch: readonly ReadRecord[],
): Promise<{ readonly result: Result; readonly requestId: string } & Pick<GivenUp, "executed" | "hasFailed">> {
  const requestId = ctx.ids.uuid();
  const { now } = ctx.as({});
  ctx.measure({
    namespace: "AWS/Lambda",
    name: "IteratorAge",
    unit: "Milliseconds",
    series: [{ FunctionName: functionName }],
    values: [Math.max(0, now - (batch.at(-1)?.arrivedAt ?? now))],
    at: now,
  });
  try {
    const { outcome, version } = await call(ctx.as({}), functionName, qualifier, {
      requestId,
      payload: Buffer.from(`{"Records":[${batch.map(({ json }) => json).join(",")}]}`),
      arn: functionArn(ctx, functionName, qualifier),
      clientContext: undefined,
    });
    const result = resultOf(
      outcome,
      batch.map(({ sequence }) => sequence),
      settings.responseTypes.includes("ReportBatchItemFailures"),
    );
    return { result, requestId, executed: versionText(version.number), hasFailed: outcome.status === "failed" };
  } catch (error) {
    ctx.log.warn("records wait for their function", { function: functionName, error: messageOf(error) });
    return { result: { status: "unreached" }, requestId, executed: undefined, hasFailed: false };
  }
}

function noteResult(ctx: Context, id: string, lastResult: string): void {
  const mapping = ctx.table(tables.eventSourceMappings).get(id);
  if (mapping === undefined || mapping.lastResult === lastResult) return;
  ctx.table(tables.eventSourceMappings).put(id, { ...mapping, lastResult });
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
