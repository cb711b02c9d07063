import { assert, constantFrom, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { throttled } from "./admission.ts";
import type { PendingEvent } from "./pending-event.ts";
import { afterAttempt, defaultPolicy } from "./retrying.ts";

const event: PendingEvent = {
  requestId: "r",
  functionName: "f",
  qualifier: undefined,
  arn: "",
  payload: new Uint8Array(),
  clientContext: undefined,
  receivedAt: 0,
  dueAt: 0,
  failures: 0,
  throttles: 0,
};

describe("an event that fails", () => {
  it("is tried again after one minute and after two, and then given up", () => {
    const first = afterAttempt(event, defaultPolicy, "failed", 0);
    expect(first).toMatchObject({ step: "try-again", event: { failures: 1, dueAt: 60_000 } });
    const second = afterAttempt({ ...event, failures: 1 }, defaultPolicy, "failed", 60_000);
    expect(second).toMatchObject({ step: "try-again", event: { failures: 2, dueAt: 180_000 } });
    const third = afterAttempt({ ...event, failures: 2 }, defaultPolicy, "failed", 180_000);
    expect(third).toEqual({ step: "give-up", condition: "RetriesExhausted" });
  });

  it("is never tried when it is too old, nor more often than it may be", () => {
    assert(
      property(
        record({ maximumAgeSeconds: integer({ min: 60, max: 21_600 }), maximumRetries: integer({ min: 0, max: 2 }) }),
        constantFrom("failed" as const, "throttled" as const),
        integer({ min: 0, max: 40_000_000 }),
        integer({ min: 0, max: 3 }),
        integer({ min: 0, max: 100 }),
        (policy, result, now, failures, throttles) => {
          const next = afterAttempt({ ...event, failures, throttles }, policy, result, now);
          if (next.step === "give-up") return;
          expect(next.event.dueAt).toBeGreaterThan(now);
          expect(next.event.dueAt).toBeLessThan(policy.maximumAgeSeconds * 1000);
          expect(next.event.failures).toBeLessThanOrEqual(policy.maximumRetries);
        },
      ),
    );
  });
});

describe("concurrency", () => {
  const demand = { reserved: undefined, ofFunction: 0, unreserved: 0, reservedByOthers: () => 0 };
  it("is what a function has reserved, or what is left to all", () => {
    expect(throttled({ ...demand, reserved: 2, ofFunction: 1 })).toBeUndefined();
    expect(throttled({ ...demand, reserved: 2, ofFunction: 2 })).toBe(
      "ReservedFunctionConcurrentInvocationLimitExceeded",
    );
    expect(throttled({ ...demand, unreserved: 999 })).toBeUndefined();
    expect(throttled({ ...demand, unreserved: 1000 })).toBe("ConcurrentInvocationLimitExceeded");
    expect(throttled({ ...demand, unreserved: 400, reservedByOthers: () => 600 })).toBe(
      "ConcurrentInvocationLimitExceeded",
    );
  });
});
