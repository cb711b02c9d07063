import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { durationMs } from "./durations.ts";
import { capacityDuring, planRollingUpdate, rollingPolicyOf } from "./rolling-update.ts";
import type { RollingPolicy } from "./rolling-update.ts";

const policyOf = (rolling: object) => rollingPolicyOf({ AutoScalingRollingUpdate: rolling }) as RollingPolicy;

describe("a rolling update", () => {
  it("replaces all, with no fewer in service than it may, by batches no larger than it may", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 4 }),
        fc.nat(7),
        (desired, batch, wanted) => {
          const max = desired + batch;
          const minInService = Math.min(wanted, max - 1);
          const policy = policyOf({ MaxBatchSize: batch, MinInstancesInService: minInService });
          const capacity = capacityDuring(policy, { desired, max });
          expect(capacity).toBeLessThanOrEqual(max);
          let old = Array.from({ length: desired }, (_, n) => ({ id: `o${n}`, inService: true }));
          const fresh: { id: string; inService: boolean; since: number }[] = [];
          const fill = () => {
            while (old.length + fresh.length < capacity)
              fresh.push({ id: `n${fresh.length}`, inService: true, since: 0 });
          };
          for (let round = 0; round < 100; round++) {
            const step = planRollingUpdate(policy, { old, fresh, capacity, signals: [] }, 1);
            if (step.do === "finish") break;
            if (step.do === "wait") fill();
            if (step.do !== "terminate") continue;
            expect(step.ids.length).toBeLessThanOrEqual(batch);
            old = old.filter(({ id }) => !step.ids.includes(id));
            if (step.ids.length > 1) expect(old.length + fresh.length).toBeGreaterThanOrEqual(minInService);
          }
          expect(old).toEqual([]);
          expect(fresh.length).toBe(capacity);
        },
      ),
    );
  });

  it("waits for signals, and fails where too many do not come or are failures", () => {
    const policy = policyOf({ WaitOnResourceSignals: true, PauseTime: "PT1M", MinSuccessfulInstancesPercent: 50 });
    const old = [{ id: "o", inService: true }];
    const fresh = [{ id: "n", inService: true, since: 0 }];
    const step = (now: number, ...signals: { uniqueId: string; status: "SUCCESS" | "FAILURE" }[]) =>
      planRollingUpdate(policy, { old, fresh, capacity: 2, signals }, now);
    expect(step(1000)).toEqual({ do: "wait", until: 31_000 });
    expect(step(1000, { uniqueId: "n", status: "SUCCESS" })).toEqual({ do: "terminate", ids: ["o"] });
    expect(step(60_000)).toEqual({ do: "terminate", ids: ["o"] });
    const strict = { ...policy, minSuccessfulPercent: 100 };
    expect(planRollingUpdate(strict, { old, fresh, capacity: 2, signals: [] }, 60_000)).toEqual({
      do: "fail",
      reason:
        "Received 0 SUCCESS signal(s) out of 1.  Unable to satisfy 100% MinSuccessfulInstancesPercent requirement",
    });
  });

  it("reads durations", () => {
    expect(["PT5M", "PT1H", "PT1H30M10S", "PT0S"].map((text) => durationMs(text, 0))).toEqual([
      300_000, 3_600_000, 5_410_000, 0,
    ]);
    expect(() => durationMs("5 minutes", 0)).toThrow("Invalid duration");
  });
});
