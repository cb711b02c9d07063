import { TrysailError, type Millis } from "@trysail/core";
import type { Version } from "../plan/model.ts";
import { newRollout, type Rollout } from "../plan/rollout.ts";
import { clusterName, type ClusterName } from "../server-groups/name.ts";
import type { RolloutSpec } from "../spec/model.ts";
import type { Versioned } from "../store/bucket.ts";
import type { PipelineJob, StoredRollout } from "../store/model.ts";
import type { RolloutStore } from "../store/rollouts.ts";
import { eventsBetween } from "./events.ts";

export interface Start {
  readonly id: string;
  readonly kind: Rollout["kind"];
  readonly spec: RolloutSpec;
  readonly version: Version;
  readonly job?: PipelineJob | undefined;
}

/** `playback-prod.20261127-061500`: sorts by time within its cluster. */
export function rolloutId(cluster: ClusterName, now: Millis): string {
  return `${clusterName(cluster)}.${new Date(now).toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15)}`;
}

/**
 * Stores a new rollout; a worker goes on with it. Repeating it with the same id changes nothing.
 *
 * @throws TrysailError `rollout-exists` if there is another one of that id
 */
export async function startRollout(store: RolloutStore, start: Start, now: Millis): Promise<Versioned<StoredRollout>> {
  const { id, kind, spec, version, job } = start;
  const rollout = newRollout({ id, kind, spec, version }, now);
  const stored: StoredRollout = {
    format: 1,
    rollout,
    lease: undefined,
    outbox: eventsBetween(undefined, rollout, now),
    job,
    calls: { reading: 0, changing: 0 },
  };
  const existing = await store.read(id);
  const written = existing ?? (await store.create(stored)) ?? (await store.read(id));
  if (written === undefined || written.value.rollout.version.id !== version.id)
    throw new TrysailError("rollout-exists", `There is another rollout ${id} already.`, {
      fault: "user",
      next: "Try again in a second.",
    });
  return written;
}
