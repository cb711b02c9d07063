import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adjusted, stepFor } from "./adjustment.ts";

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
