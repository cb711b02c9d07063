import type { Millis } from "@trysail/core";

/** A container whose health is checked. The row is there while the container runs. */
export interface HealthCheckRow {
  readonly command: readonly string[];
  readonly intervalMs: Millis;
  readonly timeoutMs: Millis;
  readonly retries: number;
  /** Failures before this do not count, until a check has succeeded. */
  readonly startPeriodEndsAt: Millis;
  readonly dueAt: Millis;
  readonly failures: number;
  readonly health: "HEALTHY" | "UNHEALTHY" | "UNKNOWN";
}

/** Where a container's output goes, and how much of it has gone there. */
export interface LogRow {
  readonly group: string;
  readonly stream: string;
  readonly region: string;
  readonly sentBytes: number;
  /** Set once the log refuses: as in AWS, the container goes on without it. */
  readonly failed: boolean;
}
