import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Controller } from "../../../kernel/service.ts";
import type { Invocation } from "../execution/outcome.ts";
import { eventAgeMeasurement, eventMeasurement } from "../measurements.ts";
import { versionText } from "../model.ts";
import { tables } from "../store.ts";
import { call } from "./call.ts";
import { tellDestinations } from "./destinations.ts";
import type { PendingEvent } from "./pending-event.ts";
import { afterAttempt, defaultPolicy } from "./retrying.ts";
import type { RetryPolicy } from "./retrying.ts";

/** Keeps an event for its function. In the transaction that accepts it. */
export function enqueue(
  ctx: Context,
  functionName: string,
  qualifier: string | undefined,
  invocation: Invocation,
): void {
  const event: PendingEvent = {
    ...invocation,
    functionName,
    qualifier,
    receivedAt: ctx.now,
    dueAt: ctx.now,
    failures: 0,
    throttles: 0,
  };
  ctx.table(tables.events).put(ctx.ids.uuid(), event);
  ctx.measure(eventMeasurement(event, "AsyncEventsReceived"));
}

function policyOf(ctx: Context, { functionName, qualifier }: PendingEvent): RetryPolicy {
  const config = ctx.table(tables.eventInvokeConfigs).get([functionName, qualifier ?? "$LATEST"]);
  return {
    maximumAgeSeconds: config?.MaximumEventAgeInSeconds ?? defaultPolicy.maximumAgeSeconds,
    maximumRetries: config?.MaximumRetryAttempts ?? defaultPolicy.maximumRetries,
  };
}

const activityOf = (ctx: Context, key: string) => `lambda/event/${ctx.account}/${ctx.region}/${key}`;

/** Hands events to their functions, and tries again those that fail. An event is gone when that is on disk. */
export const eventQueue: Controller<PendingEvent> = {
  name: "events",
  watches: [tables.events],
  keyOf: ({ key, value }) => (value === undefined ? undefined : String(key)),
  async reconcile(ctx, key) {
    const event = ctx.table(tables.events).get(key);
    if (event === undefined) return undefined;
    // Before anything else: the attempt that has put the event off is about to end.
    if (ctx.now < event.dueAt) return { wakeAt: event.dueAt };
    // Beside the loop, since a function may take its time, and not if it is at it already.
    ctx.host.activities.start(activityOf(ctx, key), (signal) => attempt(ctx, key, event, signal));
    return undefined;
  },
};

async function attempt(ctx: Context, key: string, event: PendingEvent, signal: AbortSignal): Promise<void> {
  const events = ctx.table(tables.events);
  ctx.measure(eventAgeMeasurement(event, ctx.now));
  let result: Awaited<ReturnType<typeof call>> | undefined;
  try {
    result = await call(ctx, event.functionName, event.qualifier, event);
  } catch (error) {
    // The function is gone, and its events with it.
    if (isAwsError(error, "ResourceNotFoundException")) {
      ctx.transaction(() => events.delete(key));
      return;
    }
    if (!isAwsError(error, "TooManyRequestsException")) throw error;
  }
  // It was ended with Trysail: the next one hands the event over anew.
  if (signal.aborted) return;
  const ended = ctx.as({});
  const executed = result === undefined ? undefined : versionText(result.version.number);
  if (result?.outcome.status === "succeeded") {
    await tellDestinations(ended, event, { condition: "Success", outcome: result.outcome, executed });
    ended.transaction(() => events.delete(key));
    return;
  }
  const next = afterAttempt(event, policyOf(ended, event), result === undefined ? "throttled" : "failed", ended.now);
  if (next.step === "give-up") {
    ended.measure(eventMeasurement(event, "AsyncEventsDropped"));
    await tellDestinations(ended, event, { condition: next.condition, outcome: result?.outcome, executed });
  }
  ended.transaction(() => {
    if (next.step === "try-again") events.put(key, next.event);
    else events.delete(key);
  });
}
