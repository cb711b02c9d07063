import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Policy } from "../model.ts";
import { decide } from "./decide.ts";

const policy: Policy = {
  name: "web",
  resourceId: "service/default/web",
  arn: "arn",
  type: "TargetTrackingScaling",
  step: undefined,
  tracking: { TargetValue: 50, ScaleOutCooldown: 60, ScaleInCooldown: 30 },
  alarmsId: "id",
  createdAt: 0,
};
const called = { now: 1_000_000, capacity: 4, min: 1, max: 20, value: 100, threshold: 50, alarm: "high" } as const;

describe("a target tracking policy", () => {
  it("adds within its cooldown only what is missing beyond what it has added", () => {
    const lastOut = { at: called.now - 59_000, from: 2 };
    expect(decide(policy, called)).toBe(8);
    expect(decide({ ...policy, lastOut }, called)).toBe(4);
    expect(decide({ ...policy, lastOut }, { ...called, value: 150 })).toBe(6);
    expect(decide({ ...policy, lastOut: { ...lastOut, at: called.now - 60_000 } }, called)).toBe(8);
  });

  it("waits for both cooldowns before it takes away", () => {
    const low = { ...called, value: 10, alarm: "low" } as const;
    expect(decide(policy, low)).toBe(1);
    expect(decide({ ...policy, lastInAt: called.now - 29_000 }, low)).toBeUndefined();
    expect(decide({ ...policy, lastInAt: called.now - 30_000 }, low)).toBe(1);
    expect(decide({ ...policy, lastOut: { at: called.now - 31_000, from: 1 } }, low)).toBeUndefined();
  });
});

describe("a step scaling policy", () => {
  const stepping: Policy = {
    ...policy,
    type: "StepScaling",
    tracking: undefined,
    step: {
      AdjustmentType: "ChangeInCapacity",
      Cooldown: 60,
      StepAdjustments: [
        { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 20, ScalingAdjustment: 1 },
        { MetricIntervalLowerBound: 20, ScalingAdjustment: 3 },
        { MetricIntervalUpperBound: 0, ScalingAdjustment: -1 },
      ],
    },
  };

  it("takes a larger step within its cooldown from where it was before", () => {
    const lastOut = { at: called.now - 10_000, from: 3 };
    expect(decide({ ...stepping, lastOut }, { ...called, value: 60 })).toBe(4);
    expect(decide({ ...stepping, lastOut }, { ...called, value: 80 })).toBe(6);
    expect(decide(stepping, { ...called, value: 40 })).toBe(3);
  });
});

it("no policy leads out of its target's bounds", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 20 }),
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.constantFrom("high" as const, "low" as const),
      (capacity, value, alarm) => {
        const decided = decide(policy, { ...called, min: 2, max: 20, capacity, value, alarm });
        expect(decided === undefined || (decided >= 2 && decided <= 20)).toBe(true);
      },
    ),
  );
});
