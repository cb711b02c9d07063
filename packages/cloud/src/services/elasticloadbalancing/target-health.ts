import type { TargetHealth } from "../../dataplane/data-plane.ts";
import type { Health, LoadBalancer, Target, TargetGroup, TargetStatus } from "./model.ts";

/** What a target is seen in: its group, the load balancer that uses the group (none: undefined), what was reported. */
export interface Surroundings {
  readonly group: TargetGroup;
  readonly loadBalancer: Pick<LoadBalancer, "zones"> | undefined;
  readonly seen: TargetStatus["seen"];
}

const registering: Health = {
  state: "initial",
  reason: "Elb.RegistrationInProgress",
  description: "Target registration is in progress",
};

/**
 * A target's health as DescribeTargetHealth tells it, from what is known now.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 */
export function healthOf(target: Target, { group, loadBalancer, seen }: Surroundings): Health {
  if (target.drainsUntil !== undefined) {
    const description = "Target deregistration is in progress";
    return { state: "draining", reason: "Target.DeregistrationInProgress", description };
  }
  if (target.ended !== undefined) {
    const description = `Target is in the ${target.ended.state} state`;
    return { state: "unused", reason: "Target.InvalidState", description };
  }
  if (loadBalancer === undefined) {
    const description = "Target group is not configured to receive traffic from the load balancer";
    return { state: "unused", reason: "Target.NotInUse", description };
  }
  if (!isInZones(target, loadBalancer)) {
    const description = "Target is in an Availability Zone that is not enabled for the load balancer";
    return { state: "unused", reason: "Target.NotInUse", description };
  }
  if (!group.healthCheck.enabled) {
    const description = "Health checks are not enabled for this target";
    return { state: "unavailable", reason: "Target.HealthCheckDisabled", description };
  }
  return seen ?? registering;
}

export function isInZones({ zone }: Target, loadBalancer: Pick<LoadBalancer, "zones">): boolean {
  return zone === "all" || loadBalancer.zones.some((enabled) => enabled.zone === zone);
}

/**
 * How a target fares, from how it did and what the data plane reports now. While nothing is reported (its worker has
 * just begun) it fares as before; a report that still tells of its last draining counts as none.
 */
export function nextStatus(
  target: Target,
  { group, loadBalancer }: Omit<Surroundings, "seen">,
  before: TargetStatus | undefined,
  report: TargetHealth | undefined,
): TargetStatus {
  const checked = loadBalancer !== undefined && isInZones(target, loadBalancer) && target.ended === undefined;
  const seen = checked && target.drainsUntil === undefined ? (seenIn(report) ?? before?.seen) : undefined;
  return { ...(seen !== undefined && { seen }), told: healthOf(target, { group, loadBalancer, seen }) };
}

function seenIn(report: TargetHealth | undefined): TargetStatus["seen"] {
  if (report === undefined || report.state === "draining") return undefined;
  const { state, reason, description } = report;
  if (state === "healthy") return { state };
  return { state, ...(reason !== undefined && { reason }), ...(description !== undefined && { description }) };
}

/** EC2 forgets a terminated instance after an hour. */
const terminatedShownMs = 3_600_000;

/**
 * Whether a target's registration has ended: with its instance, or with its deregistration. AWS shows it as draining until its delay is over, even where nothing is
 * with it any more; here it ends when the last request has.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
 */
export function isOver(
  { drainsUntil, ended }: Target,
  used: boolean,
  report: TargetHealth | undefined,
  now: number,
): boolean {
  if (drainsUntil === undefined) return ended?.state === "terminated" && now >= ended.at + terminatedShownMs;
  if (now >= drainsUntil || !used || ended !== undefined) return true;
  return report?.state === "draining" && report.inFlight === 0;
}

/** When a target's registration ends by itself, at the latest. */
export function endsAt({ drainsUntil, ended }: Target): number {
  if (drainsUntil !== undefined) return drainsUntil;
  return ended?.state === "terminated" ? ended.at + terminatedShownMs : Number.POSITIVE_INFINITY;
}

export function sameStatus(a: TargetStatus | undefined, b: TargetStatus): boolean {
  return a !== undefined && sameHealth(a.told, b.told) && sameHealth(a.seen, b.seen);
}

function sameHealth(a: Health | undefined, b: Health | undefined): boolean {
  return a?.state === b?.state && a?.reason === b?.reason && a?.description === b?.description;
}
