import { messageOf } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { call } from "../invoking/call.ts";
import { versionText } from "../model.ts";
import { functionArn } from "../names.ts";
import { tables } from "../store.ts";
import { afterBatch, afterGivingUp } from "./batch.ts";
import type { Condition, Result, Step } from "./batch.ts";
import { tellDestination } from "./destination.ts";
import type { GivenUp } from "./destination.ts";
import type { EventSourceMapping, Lane } from "./model.ts";
import { findReader } from "./reader.ts";
import type { Reader, ReadRecord } from "./reader.ts";
import { resultOf } from "./response.ts";

/** A shard that a mapping follows, and what is known of it now. */
export interface Followed {
  readonly mapping: EventSourceMapping;
  readonly shard: string;
  readonly reader: Reader;
}

/** A step that takes its time. */
type Doing = Exclude<Step, { step: "idle" | "wait" }>;

/** Whether a lane has yet to come so far. */
export const isBefore = ({ after = "" }: Lane, sequence: string | undefined) => after < (sequence ?? "");

/**
 * Keeps how far the lanes have come. Those that wait for nothing have come as far as was read. Inside a transaction.
 *
 * @param changed - a lane that is at its end, where there is one
 */
export function commit(
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

/** Does what is next for a lane. Beside the loop, since a function may take its time. */
export function handOver(ctx: Context, followed: Followed, index: number, lane: Lane, step: Doing): void {
  const { mapping, shard, reader } = followed;
  reader.running.add(index);
  const name = `lambda/shard/${ctx.account}/${ctx.region}/${mapping.id}/${shard}/${index}/${ctx.ids.uuid()}`;
  ctx.host.activities.start(name, async (signal) => {
    const end = await carryOut(ctx, followed, index, lane, step).finally(() => reader.running.delete(index));
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

async function carryOut(ctx: Context, followed: Followed, index: number, lane: Lane, step: Doing): Promise<End> {
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
