import type { Context } from "../../../kernel/context.ts";
import { adjusted, stepFor } from "../../../scaling/adjustment.ts";
import { scaledIn, scaledOut } from "../../../scaling/target-tracking.ts";
import { at } from "../model/causes.ts";
import type { Group } from "../model/group.ts";
import { isActive } from "../model/instance.ts";
import type { Policy, TargetTrackingPolicy } from "../model/policy.ts";
import { withDesired } from "../operations/groups.ts";
import { instancesOf, putGroup } from "../store.ts";

/** AWS's words for why the desired capacity changes. */
type Cause = (from: number, to: number) => string;

type OfType<T extends Policy["type"]> = Extract<Policy, { type: T }>;

/** Changes the capacity, and begins a cooldown if that changes anything. Inside a transaction. */
export function executeSimple(ctx: Context, group: Group, policy: OfType<"SimpleScaling">, cause: Cause): void {
  const desired = adjusted(policy.adjustment, policy.by, group.desired, group);
  const cooldownUntil = ctx.now + (policy.cooldownSeconds ?? group.cooldownSeconds) * 1000;
  scale(ctx, { ...group, ...(desired !== group.desired && { cooldownUntil }) }, desired, cause);
}

/**
 * Takes the step that a metric has reached. While new instances warm up, the step is reckoned from those that are warm,
 * so that the same breach does not scale out twice. Inside a transaction.
 *
 * @param breach - how far the metric is above the alarm's threshold
 */
export function executeStep(
  ctx: Context,
  group: Group,
  policy: OfType<"StepScaling">,
  breach: number,
  cause: Cause,
): void {
  const by = stepFor(policy.steps, breach);
  if (by === undefined) return;
  const fromAll = adjusted(policy.adjustment, by, group.desired, group);
  const cold = coldInstances(ctx, group, policy.warmupSeconds);
  const desired =
    fromAll <= group.desired
      ? fromAll
      : Math.max(group.desired, adjusted(policy.adjustment, by, Math.max(0, group.desired - cold), group));
  scale(ctx, group, desired, cause);
}

/**
 * Scales out to where the metric would be at its target. Inside a transaction.
 *
 * @param value - the metric
 */
export function trackOut(ctx: Context, group: Group, policy: TargetTrackingPolicy, value: number, cause: Cause): void {
  scale(ctx, group, scaledOut(tracking(ctx, group, policy, value)), cause);
}

/** What a policy would scale a group in to; undefined while instances warm up: what they will take over is not known yet. */
export function trackedIn(ctx: Context, group: Group, policy: TargetTrackingPolicy, value: number): number | undefined {
  if (coldInstances(ctx, group, policy.warmupSeconds) > 0) return undefined;
  return scaledIn(tracking(ctx, group, policy, value));
}

function tracking(ctx: Context, group: Group, policy: TargetTrackingPolicy, value: number) {
  const { desired, min, max } = group;
  const target = policy.tracking.TargetValue ?? 0;
  return { target, value, sharing: desired - coldInstances(ctx, group, policy.warmupSeconds), desired, min, max };
}

/** How many of the desired instances are not there yet, or not long enough to count. */
function coldInstances(ctx: Context, group: Group, ofPolicy: number | undefined): number {
  const warmupMs = (ofPolicy ?? group.warmupSeconds ?? group.cooldownSeconds) * 1000;
  const active = instancesOf(ctx, group.name).filter(isActive);
  const warm = active.filter(({ inServiceAt }) => inServiceAt !== undefined && ctx.now >= inServiceAt + warmupMs);
  return Math.max(0, group.desired - warm.length);
}

/** Makes the desired capacity be so. Inside a transaction. */
export function scale(ctx: Context, group: Group, desired: number, cause: Cause): void {
  const change = at(ctx.now, cause(group.desired, desired));
  putGroup(ctx, withDesired({ ...group, desired }, group.desired, change));
}
