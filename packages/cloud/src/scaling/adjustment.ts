export const adjustmentTypes = ["ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"] as const;
export type AdjustmentType = (typeof adjustmentTypes)[number];

/** How a policy changes a capacity. */
export interface Adjustment {
  readonly type: AdjustmentType;
  /** The least that a percentage changes. */
  readonly minMagnitude: number | undefined;
}

/** A change of capacity for how far a metric is from an alarm's threshold. Both Auto Scaling services have the same. */
export interface Step {
  readonly MetricIntervalLowerBound?: number | undefined;
  readonly MetricIntervalUpperBound?: number | undefined;
  readonly ScalingAdjustment: number | undefined;
}

/**
 * The capacity that an adjustment leads to, within the limits of the group.
 *
 * A percentage is rounded towards zero, but changes by one at least: 25 % of 3 is one, and so is 1 %.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html#as-scaling-adjustment
 */
export function adjusted(
  { type, minMagnitude = 0 }: Adjustment,
  by: number,
  current: number,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  return Math.max(min, Math.min(max, unlimited()));

  function unlimited(): number {
    switch (type) {
      case "ExactCapacity":
        return by;
      case "ChangeInCapacity":
        return current + by;
      case "PercentChangeInCapacity": {
        const exact = (current * by) / 100;
        if (exact === 0) return current;
        const rounded = Math.max(1, Math.floor(Math.abs(exact)), minMagnitude);
        return current + Math.sign(exact) * rounded;
      }
      default:
        return type satisfies never;
    }
  }
}

/**
 * The step that a metric's value has reached: bounds are distances from the threshold; a lower bound is part of its
 * step above the threshold, an upper bound below it.
 */
export function stepFor(steps: readonly Step[], breach: number): number | undefined {
  const step = steps.find(
    ({ MetricIntervalLowerBound: lower = -Infinity, MetricIntervalUpperBound: upper = Infinity }) =>
      breach >= 0 ? breach >= lower && breach < upper : breach > lower && breach <= upper,
  );
  return step?.ScalingAdjustment;
}
