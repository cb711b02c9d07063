/** A target tracking policy wants to keep a metric near a value by changing the capacity that shares the load. */
export interface Tracking {
  readonly target: number;
  /** The metric, on average over the time in which it was found to be off. */
  readonly value: number;
  /** What shared the load while it was measured: what has just been added does not count yet. */
  readonly sharing: number;
  /** What is asked for now. */
  readonly desired: number;
  readonly min: number;
  readonly max: number;
}

/**
 * The capacity with which the metric would be at its target, if it falls as the capacity rises. Never less than what is
 * asked for now: what is on its way is reckoned with.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html
 */
export function scaledOut(tracking: Tracking): number {
  const { desired, min, max } = tracking;
  return Math.max(min, Math.min(max, Math.max(desired, proportional(tracking))));
}

/** The same for a metric that is below its target. Never more than what is asked for now. Rounded up: availability first. */
export function scaledIn(tracking: Tracking): number {
  const { desired, min, max } = tracking;
  return Math.max(min, Math.min(max, Math.min(desired, proportional(tracking))));
}

function proportional({ target, value, sharing }: Tracking): number {
  // A sum of binary fractions may be a hair above a whole number.
  return Math.ceil((Math.max(1, sharing) * value) / target - 1e-9);
}
