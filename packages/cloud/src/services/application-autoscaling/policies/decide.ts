import type { Millis } from "@trysail/core";
import { adjusted, stepFor } from "../../../scaling/adjustment.ts";
import { scaledIn, scaledOut } from "../../../scaling/target-tracking.ts";
import type { Policy } from "../model.ts";

/** How a policy's target is, and what has called the policy. */
export interface Called {
  readonly now: Millis;
  /** The desired count. */
  readonly capacity: number;
  readonly min: number;
  readonly max: number;
  /** The metric of the alarm. */
  readonly value: number;
  /** The alarm's threshold. */
  readonly threshold: number;
  /** Which of a target tracking policy's alarms it is. */
  readonly alarm: "high" | "low";
}

/** AWS's default for ECS, in seconds. */
const defaultCooldown = 300;

/**
 * The capacity that a policy asks for; undefined while it waits for its last change to show.
 *
 * After a scale-out the capacity from before it is what the metric is still shared by: within the cooldown only more
 * than has been added already is added. A scale-in waits for both cooldowns.
 *
 * @see https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html#target-tracking-cooldown
 */
export function decide(policy: Policy, called: Called): number | undefined {
  const { capacity, min, max, value, threshold } = called;
  const base = isCooling(policy.lastOut?.at, outCooldown(policy), called.now)
    ? (policy.lastOut?.from ?? capacity)
    : capacity;
  if (policy.tracking !== undefined) {
    const tracking = { target: policy.tracking.TargetValue ?? 0, value, desired: capacity, min, max };
    if (called.alarm === "high") return scaledOut({ ...tracking, sharing: base });
    return mayScaleIn(policy, called.now) ? scaledIn({ ...tracking, sharing: capacity }) : undefined;
  }
  const { StepAdjustments: steps = [], AdjustmentType: type, MinAdjustmentMagnitude } = policy.step ?? {};
  const by = stepFor(steps, value - threshold);
  if (by === undefined) return undefined;
  const adjustment = { type: type ?? "ChangeInCapacity", minMagnitude: MinAdjustmentMagnitude };
  const asked = adjusted(adjustment, by, capacity, { min, max });
  if (asked >= capacity) return Math.max(capacity, adjusted(adjustment, by, base, { min, max }));
  return mayScaleIn(policy, called.now) ? asked : undefined;
}

function mayScaleIn(policy: Policy, now: Millis): boolean {
  return (
    !isCooling(policy.lastInAt, inCooldown(policy), now) && !isCooling(policy.lastOut?.at, outCooldown(policy), now)
  );
}

const outCooldown = ({ tracking, step }: Policy) => tracking?.ScaleOutCooldown ?? step?.Cooldown ?? defaultCooldown;
const inCooldown = ({ tracking, step }: Policy) => tracking?.ScaleInCooldown ?? step?.Cooldown ?? defaultCooldown;

function isCooling(since: Millis | undefined, cooldownSeconds: number, now: Millis): boolean {
  return since !== undefined && now < since + cooldownSeconds * 1000;
}
