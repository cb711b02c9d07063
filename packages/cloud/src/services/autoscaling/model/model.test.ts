import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { descriptionOf } from "./activity.ts";
import { at, desiredChange, join, launchCause, terminateCause } from "./causes.ts";
import { adjusted, stepFor } from "./policy.ts";
import { nextRun, sizesAfter } from "./scheduled-action.ts";

describe("causes and descriptions", () => {
  it("are AWS's words", () => {
    const time = Date.UTC(2026, 10, 26, 3, 0, 0, 123);
    expect(join(at(time, desiredChange.created(2)), at(time, launchCause.difference(0, 2)))).toBe(
      "At 2026-11-26T03:00:00Z a user request created an AutoScalingGroup changing the desired capacity from 0 to 2.  At 2026-11-26T03:00:00Z an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 0 to 2.",
    );
    expect(at(time, terminateCause.unhealthy("ec2"))).toBe(
      "At 2026-11-26T03:00:00Z an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped.",
    );
    const failed = {
      kind: "launch",
      instanceId: undefined,
      statusMessage: "No room. Launching EC2 instance failed.",
    } as const;
    expect(descriptionOf(failed as never)).toBe(
      "Launching a new EC2 instance.  Status Reason: No room. Launching EC2 instance failed.",
    );
  });
});

describe("scaling policies", () => {
  it.each([
    ["ChangeInCapacity", 3, 4, 7],
    ["ExactCapacity", 6, 4, 6],
    ["PercentChangeInCapacity", 25, 3, 4],
    ["PercentChangeInCapacity", -25, 10, 8],
    ["PercentChangeInCapacity", -1, 10, 9],
    ["PercentChangeInCapacity", 150, 4, 10],
    ["ChangeInCapacity", -30, 4, 1],
  ] as const)("%s by %i of %i is %i", (type, by, current, expected) => {
    expect(adjusted({ type, minMagnitude: undefined }, by, current, { min: 1, max: 10 })).toBe(expected);
  });

  it("never lead beyond the limits", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"),
        fc.integer(),
        fc.nat(50),
        (type, by, current) => {
          const result = adjusted({ type, minMagnitude: 2 }, by, current, { min: 2, max: 40 });
          expect(result >= 2 && result <= 40).toBe(true);
        },
      ),
    );
  });

  it("find the step that a breach has reached", () => {
    const steps = [
      { MetricIntervalUpperBound: -10, ScalingAdjustment: -2 },
      { MetricIntervalLowerBound: -10, MetricIntervalUpperBound: 0, ScalingAdjustment: -1 },
      { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 10, ScalingAdjustment: 1 },
      { MetricIntervalLowerBound: 10, ScalingAdjustment: 2 },
    ];
    expect([-20, -10, -5, 0, 9.9, 10, 50].map((breach) => stepFor(steps, breach))).toEqual([-2, -2, -1, 1, 1, 2, 2]);
  });
});

describe("scheduled actions", () => {
  it("come again as their pattern says, in their time zone, until their end", () => {
    const daily = { recurrence: "30 9 * * 1-5", timeZone: "Europe/Zurich", endsAt: Date.UTC(2026, 10, 30) };
    const friday = nextRun(daily, Date.UTC(2026, 10, 26, 9));
    expect(new Date(friday ?? 0).toISOString()).toBe("2026-11-27T08:30:00.000Z");
    expect(nextRun(daily, friday ?? 0)).toBeUndefined();
  });

  it("keep the desired capacity within the limits that they set", () => {
    expect(sizesAfter({ min: 3, max: undefined, desired: undefined }, { min: 1, max: 5, desired: 2 })).toEqual({
      min: 3,
      max: 5,
      desired: 3,
      changes: ["Setting min size from 1 to 3", "Setting desired capacity from 2 to 3"],
    });
  });
});
