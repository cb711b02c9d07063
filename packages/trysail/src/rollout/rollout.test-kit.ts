import { isOver, rolloutStore } from "@trysail/delivery";
import type {
  CanarySpec,
  Instance,
  RegionTask,
  Rollout,
  RolloutSpec,
  RolloutStore,
  RolloutView,
  ServerGroup,
  StoredRollout,
  Version,
  Watch,
} from "@trysail/delivery";
import type { ShownRollout } from "./shown.ts";

/** 2026-11-27T06:15:00Z, when the rollouts of the tests begin. */
export const begin = Date.UTC(2026, 10, 27, 6, 15);
export const after = (seconds: number): number => begin + seconds * 1000;

export const old: Version = { id: "71ac0de", artifact: "s3://builds/old.zip" };
export const fresh: Version = { id: "8f3a2c1", artifact: "s3://builds/new.zip", commit: "8f3a2c1000000000" };
export const size = { min: 4, desired: 4, max: 8 };

export const canary: CanarySpec = {
  regions: ["us-west-2"],
  instances: 1,
  warmupMs: 0,
  lifetimeMs: 1_800_000,
  intervalMs: 600_000,
  lookbackMs: 0,
  judge: "scale-free",
  config: { metrics: [], groupWeights: {}, thresholds: { pass: 90, marginal: 50 } },
  queries: {},
};

export const spec: RolloutSpec = {
  cluster: { app: "playback", stack: "prod", detail: undefined },
  fleetParameter: "/trysail/fleets/playback-prod",
  waves: [
    { regions: ["us-west-2"], bakeMs: 600_000 },
    { regions: ["us-east-1", "eu-west-1"], bakeMs: 0 },
  ],
  strategy: {
    type: "rolling-red-black",
    percentages: [50, 100],
    pause: { kind: "time", ms: 60_000 },
    scaleDown: true,
    delayBeforeScaleDownMs: 0,
    keep: 1,
  },
  canary,
  analysis: [],
  alarms: [],
  windows: {},
  guards: { minimumHealthyPercent: 90, healthyPercent: 100, lostInstances: 2 },
  rollback: { automatic: true, order: "all-at-once" },
  timeouts: { healthyMs: 1_800_000, promoteMs: 259_200_000 },
  whenBusy: "queue",
};

export const task: RegionTask = {
  source: { group: "playback-prod-v011", version: old, size, isServing: true },
  others: [],
  target: { group: "playback-prod-v012", version: fresh, found: undefined },
  capacity: size,
  canary: undefined,
};

export const unwatched: Watch = { losses: { lost: 0, reasons: [], groups: {} }, scores: [], analysis: undefined };

export const rollout = (given: Partial<Rollout> = {}): Rollout => ({
  id: "playback-prod.20261127-061500",
  kind: "rollout",
  spec,
  version: fresh,
  createdAt: begin,
  status: "running",
  reason: undefined,
  failedAt: undefined,
  endedAt: undefined,
  isPaused: false,
  isPromoted: false,
  regions: { "us-west-2": { phase: "pending" }, "us-east-1": { phase: "pending" }, "eu-west-1": { phase: "pending" } },
  ...given,
});

/** @param health - of each instance */
export function group(
  name: string,
  version: Version | undefined,
  health: readonly Instance["health"][],
  given: Partial<ServerGroup> = {},
): ServerGroup {
  return {
    name,
    role: "server",
    version,
    createdAt: begin,
    size: { min: 0, desired: health.length, max: 8 },
    instances: health.map((of, index) => ({
      id: `i-${name.slice(-1)}${index}`,
      lifecycle: "running",
      isRegistered: true,
      health: of,
    })),
    isServing: health.length > 0,
    weight: undefined,
    isDeleting: false,
    isPromoted: false,
    ...given,
  };
}

export function shown(
  given: Partial<Rollout>,
  view?: Partial<RolloutView>,
  stored: Partial<StoredRollout> = {},
): ShownRollout {
  return {
    stored: {
      format: 1,
      rollout: rollout(given),
      lease: { worker: "one", until: after(3600) },
      outbox: [],
      job: undefined,
      calls: { reading: 0, changing: 0 },
      ...stored,
    },
    view: view && { at: after(3600), waiting: {}, regions: {}, ...view },
    others: [],
    isLocal: true,
    worker: "trysail worker",
    trouble: undefined,
  };
}

/** Rollouts kept in memory, written only by who has read what is there. */
export function memoryStore(): RolloutStore {
  const objects = new Map<string, { readonly text: string; readonly etag: string }>();
  let written = 0;
  const put = (key: string, text: string) => {
    const etag = `"${(written += 1)}"`;
    objects.set(key, { text, etag });
    return etag;
  };
  return rolloutStore({
    async read<T>(key: string) {
      const found = objects.get(key);
      return found && { value: JSON.parse(found.text) as T, etag: found.etag };
    },
    create: async (key, value) => (objects.has(key) ? undefined : { value, etag: put(key, JSON.stringify(value)) }),
    replace: async (key, before, value) =>
      objects.get(key)?.etag === before.etag ? { value, etag: put(key, JSON.stringify(value)) } : undefined,
    put: async (key, body) => void put(key, body),
    text: async (key) => objects.get(key)?.text,
    remove: async (key, before) => objects.get(key)?.etag === before.etag && objects.delete(key),
    list: async (prefix, from = "") =>
      [...objects.keys()].filter((key) => key.startsWith(prefix) && key > from).toSorted(),
  });
}

/** Puts rollouts into a store, those that are over to the ended ones. */
export async function storeAll(store: RolloutStore, ...rollouts: readonly Partial<Rollout>[]): Promise<void> {
  for (const given of rollouts) {
    const stored = await store.create(shown(given, undefined, { lease: undefined }).stored);
    if (stored === undefined) throw new Error(`There are two rollouts ${given.id}.`);
    if (isOver(stored.value.rollout)) await store.end(stored);
  }
}
