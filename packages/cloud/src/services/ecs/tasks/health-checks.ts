import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import type { Millis } from "@trysail/core";
import type { HealthCheckRow } from "./rows.ts";

/** What checks the health of a container that has started now; undefined if nothing does. */
export function firstCheck({ healthCheck: check }: ContainerDefinition, now: Millis): HealthCheckRow | undefined {
  if (check === undefined) return undefined;
  const [kind, ...rest] = check.command ?? [];
  const intervalMs = (check.interval ?? 30) * 1000;
  return {
    command: kind === "CMD-SHELL" ? ["/bin/sh", "-c", ...rest] : rest,
    intervalMs,
    timeoutMs: (check.timeout ?? 5) * 1000,
    retries: check.retries ?? 3,
    startPeriodEndsAt: now + (check.startPeriod ?? 0) * 1000,
    dueAt: now + intervalMs,
    failures: 0,
    health: "UNKNOWN",
  };
}

/**
 * The row after a check. Failures in the start period do not count, unless a check has succeeded before.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
 */
export function afterCheck(row: HealthCheckRow, succeeded: boolean, now: Millis): HealthCheckRow {
  const next = { ...row, dueAt: now + row.intervalMs };
  if (succeeded) return { ...next, failures: 0, health: "HEALTHY" };
  if (row.health === "UNKNOWN" && now < row.startPeriodEndsAt) return next;
  const failures = row.failures + 1;
  return { ...next, failures, health: failures >= row.retries ? "UNHEALTHY" : row.health };
}
