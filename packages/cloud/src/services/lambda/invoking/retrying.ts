import type { Millis } from "@trysail/core";
import type { PendingEvent } from "./pending-event.ts";

/** How a function wants events that fail to be treated. */
export interface RetryPolicy {
  readonly maximumAgeSeconds: number;
  readonly maximumRetries: number;
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
export const defaultPolicy: RetryPolicy = { maximumAgeSeconds: 21_600, maximumRetries: 2 };

/** Waits before the first and the second retry after an error of the function's. */
const retryAfterMs = [60_000, 120_000] as const;

/** Waits while there is no room for an event: doubled each time. */
const shortestThrottleMs = 1000;
const longestThrottleMs = 5 * 60_000;

export type NextStep =
  | { readonly step: "try-again"; readonly event: PendingEvent }
  | { readonly step: "give-up"; readonly condition: "RetriesExhausted" | "EventAgeExceeded" };

/** What becomes of an event that was not handled. */
export function afterAttempt(
  event: PendingEvent,
  policy: RetryPolicy,
  result: "failed" | "throttled",
  now: Millis,
): NextStep {
  const expiresAt = event.receivedAt + policy.maximumAgeSeconds * 1000;
  const failures = event.failures + (result === "failed" ? 1 : 0);
  const throttles = result === "throttled" ? event.throttles + 1 : 0;
  if (failures > policy.maximumRetries) return { step: "give-up", condition: "RetriesExhausted" };
  const waitMs =
    result === "failed"
      ? (retryAfterMs[failures - 1] ?? retryAfterMs[1])
      : Math.min(longestThrottleMs, shortestThrottleMs * 2 ** Math.min(30, throttles - 1));
  if (now + waitMs >= expiresAt) return { step: "give-up", condition: "EventAgeExceeded" };
  return { step: "try-again", event: { ...event, failures, throttles, dueAt: now + waitMs } };
}
