import type { Millis } from "@trysail/core";
import type { Rollout } from "../plan/rollout.ts";

/** What is measured of a rollout that has ended: also what its last event tells. */
export type EndedRollout = Pick<Rollout, "id" | "kind" | "status" | "createdAt" | "failedAt"> & {
  readonly endedAt: Millis;
  /** When its change was committed; undefined where nobody told. */
  readonly committedAt: Millis | undefined;
};

/** How well a team delivers. Times in milliseconds, medians; null where nothing was measured. */
export interface DeliveryMeasures {
  /** Of rollouts that reached all regions, without rollbacks. */
  readonly deployments: number;
  readonly deploymentsPerDay: number;
  /** From the commit until it serves in all regions. */
  readonly leadTimeMs: number | null;
  /** Of all changes that met users: those that were undone, or rolled back afterwards. */
  readonly changeFailureRate: number | null;
  /** From when a failure was noticed, or its rollback was begun, until what was before serves again. */
  readonly timeToRestoreMs: number | null;
}

const dayMs = 86_400_000;

/**
 * The four measures of DORA, over the rollouts that ended in a time.
 *
 * @see https://dora.dev/guides/dora-metrics-four-keys/
 */
export function deliveryMeasures(
  rollouts: readonly EndedRollout[],
  time: { readonly from: Millis; readonly to: Millis },
): DeliveryMeasures {
  const ended = rollouts.filter(({ endedAt }) => endedAt >= time.from && endedAt < time.to);
  const changes = ended.filter(({ kind }) => kind === "rollout");
  const deployed = changes.filter(({ status }) => status === "succeeded");
  // One that was taken back before its turn met nobody.
  const failed = changes.filter(({ status, failedAt, createdAt }) => status !== "succeeded" && failedAt !== createdAt);
  const rollbacks = ended.filter(({ kind, status }) => kind === "rollback" && status === "succeeded");
  const met = deployed.length + failed.length;
  return {
    deployments: deployed.length,
    deploymentsPerDay: deployed.length / Math.max(1, (time.to - time.from) / dayMs),
    leadTimeMs: median(
      deployed.flatMap(({ committedAt, endedAt }) => (committedAt === undefined ? [] : [endedAt - committedAt])),
    ),
    changeFailureRate: met === 0 ? null : Math.min(1, (failed.length + rollbacks.length) / met),
    timeToRestoreMs: median([
      ...failed.flatMap(({ status, failedAt, endedAt }) =>
        failedAt === undefined || status !== "undone" ? [] : [endedAt - failedAt],
      ),
      ...rollbacks.map(({ createdAt, endedAt }) => endedAt - createdAt),
    ]),
  };
}

/** What is measured of a rollout; undefined while it goes on. */
export function endedRollout({
  id,
  kind,
  status,
  createdAt,
  failedAt,
  endedAt,
  version,
}: Rollout): EndedRollout | undefined {
  if (endedAt === undefined) return undefined;
  return { id, kind, status, createdAt, failedAt, endedAt, committedAt: version.committedAt };
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? null : (upper + lower) / 2;
}
