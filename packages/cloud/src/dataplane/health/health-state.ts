import type { HealthCheckConfig, TargetHealth } from "../data-plane.ts";

/** What one health check has found. */
export type Finding =
  | { readonly kind: "healthy" }
  | { readonly kind: "mismatch"; readonly status: number }
  | { readonly kind: "timeout" }
  /** Nobody listens, or the connection was broken off. */
  | { readonly kind: "failed" };

/** What is known of a target's health. */
export interface HealthState {
  readonly state: Exclude<TargetHealth["state"], "draining">;
  readonly reason?: string;
  readonly description?: string;
  /** Since it was registered, or has come back. */
  readonly since: number;
  readonly successes: number;
  readonly failures: number;
  /** Checks since `since`: the first ones follow quickly on each other. */
  readonly checks: number;
  /** Its instance has ended. Until a check succeeds again it gets nothing, not even when all are unhealthy. */
  readonly exited: boolean;
}

type Thresholds = Pick<HealthCheckConfig, "intervalMs" | "healthyThreshold" | "unhealthyThreshold">;

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html#target-health-states */
export const registered = (now: number): HealthState => ({
  state: "initial",
  reason: "Elb.InitialHealthChecking",
  description: "Initial health checks in progress",
  since: now,
  successes: 0,
  failures: 0,
  checks: 0,
  exited: false,
});

const healthy = (from: HealthState, now: number): HealthState => ({
  state: "healthy",
  since: from.state === "healthy" ? from.since : now,
  successes: from.successes,
  failures: 0,
  checks: from.checks,
  exited: false,
});

/** The instance behind a target has ended: it gets nothing more, and is looked for again as if it were new. */
export const exited = (now: number): HealthState => ({
  ...registered(now),
  state: "unhealthy",
  reason: "Target.FailedHealthChecks",
  description: "Health checks failed",
  exited: true,
});

/**
 * A target's health after a check. One that is new needs one success; one that was unhealthy as many as its group
 * demands. A new one is unhealthy when it has failed for as long as the demanded checks would have taken.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 */
export function afterCheck(from: HealthState, finding: Finding, thresholds: Thresholds, now: number): HealthState {
  const checks = from.checks + 1;
  if (finding.kind === "healthy") {
    const successes = from.successes + 1;
    const counted = { ...from, checks, successes, failures: 0 };
    const isEnough = from.state !== "unhealthy" || from.exited || successes >= thresholds.healthyThreshold;
    return isEnough ? healthy(counted, now) : counted;
  }
  const failures = from.failures + 1;
  const counted = { ...from, checks, successes: 0, failures };
  if (from.state === "unhealthy") return from.exited ? counted : { ...counted, ...explain(finding) };
  const hasFailed =
    from.state === "initial"
      ? now - from.since >= thresholds.intervalMs * thresholds.unhealthyThreshold
      : failures >= thresholds.unhealthyThreshold;
  return hasFailed ? { ...counted, state: "unhealthy", ...explain(finding) } : counted;
}

function explain(finding: Exclude<Finding, { kind: "healthy" }>): { reason: string; description: string } {
  switch (finding.kind) {
    case "mismatch":
      return {
        reason: "Target.ResponseCodeMismatch",
        description: `Health checks failed with these codes: [${finding.status}]`,
      };
    case "timeout":
      return { reason: "Target.Timeout", description: "Request timed out" };
    case "failed":
      return { reason: "Target.FailedHealthChecks", description: "Health checks failed" };
  }
}

const quickestMs = 10;
/** What takes long to answer is looked at every so many parts of its age: it is found out late by no more than that. */
const looksPerAge = 20;
/** For this long no less often than every {@link quickMs}. */
const quickForMs = 5_000;
const quickMs = 50;

/**
 * When to look again. A target that is new, or whose instance has ended, is looked at quickly at first, so that it
 * serves as soon as it can.
 */
export function untilNextCheck(health: HealthState, intervalMs: number, now: number): number {
  const isAwaited = health.state === "initial" || health.exited;
  if (!isAwaited) return intervalMs;
  const age = now - health.since;
  const pace = Math.max(quickestMs, age / looksPerAge);
  return Math.min(intervalMs, age < quickForMs ? Math.min(quickMs, pace) : pace);
}
