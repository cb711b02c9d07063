import { TrysailError } from "@trysail/core";
import { clusterName, isOver, parseServerGroupName } from "@trysail/delivery";
import type { ClusterName, Rollout, RolloutStore, StoredRollout, Versioned } from "@trysail/delivery";

type Stored = Versioned<StoredRollout>;

/** How many are read at once. */
const atOnce = 16;

/** Those of the ids that are there. */
export async function readAll(store: RolloutStore, ids: readonly string[]): Promise<readonly Stored[]> {
  const found: Stored[] = [];
  for (let from = 0; from < ids.length; from += atOnce) {
    const read = await Promise.all(ids.slice(from, from + atOnce).map((id) => store.read(id)));
    found.push(...read.filter((one) => one !== undefined));
  }
  return found;
}

/** All rollouts, or those of a cluster, the newest first. */
export async function allRollouts(store: RolloutStore, cluster?: ClusterName): Promise<readonly Stored[]> {
  const [open, ended] = [await openIds(store, cluster), await store.ended(cluster)];
  // One that ends meanwhile is in both.
  return newestFirst(await readAll(store, [...new Set([...open, ...ended])]));
}

const openIds = async (store: RolloutStore, cluster: ClusterName | undefined): Promise<readonly string[]> => {
  const open = await store.open();
  return cluster === undefined ? open : open.filter((id) => clusterPart(id) === clusterName(cluster));
};

/** A dot may be in a cluster's name too: what follows the last one is the rollout's own. */
const clusterPart = (id: string): string => id.slice(0, Math.max(0, id.lastIndexOf(".")));

const newestFirst = (all: readonly Stored[]): readonly Stored[] =>
  all.toSorted((a, b) => b.value.rollout.createdAt - a.value.rollout.createdAt);

/**
 * The cluster that a name means.
 *
 * @throws TrysailError `invalid-name` (fault: user)
 */
export function clusterOf(name: string): ClusterName {
  const parsed = parseServerGroupName(name);
  if (parsed !== undefined && parsed.sequence === undefined) {
    const { app, stack, detail } = parsed;
    return { app, stack, detail };
  }
  throw new TrysailError("invalid-name", `"${name}" is no cluster's name.`, {
    fault: "user",
    next: "Give application, stack and detail as in playback-prod-eu; the last two may be left out.",
  });
}

/**
 * The rollout that a command means: the one of that id; without an id, or with a cluster's name, the only one that goes on, else
 * the newest.
 *
 * @throws TrysailError `rollout-not-found` or `several-rollouts` (fault: user)
 */
export async function findRollout(store: RolloutStore, name: string | undefined): Promise<Stored> {
  if (name !== undefined) {
    const exact = await store.read(name);
    if (exact !== undefined) return exact;
  }
  const parsed = name === undefined ? undefined : parseServerGroupName(name);
  const isCluster = parsed !== undefined && parsed.sequence === undefined;
  if (name !== undefined && !isCluster) throw notFound(name);
  const cluster = isCluster ? clusterOf(name ?? "") : undefined;
  const going = (await readAll(store, await openIds(store, cluster))).filter(({ value }) => !isOver(value.rollout));
  const [only, ...others] = newestFirst(going);
  if (only !== undefined && others.length > 0) throw several([only, ...others].map(({ value }) => value.rollout));
  const found = only ?? (await allRollouts(store, cluster))[0];
  if (found === undefined) throw notFound(name);
  return found;
}

const notFound = (name: string | undefined): TrysailError =>
  new TrysailError(
    "rollout-not-found",
    name === undefined ? "There are no rollouts." : `There is no rollout ${name}.`,
    {
      fault: "user",
      next: "List them with: trysail rollout list",
    },
  );

const several = (rollouts: readonly Rollout[]): TrysailError =>
  new TrysailError("several-rollouts", `Several rollouts go on: ${rollouts.map(({ id }) => id).join(", ")}.`, {
    fault: "user",
    next: "Say which one you mean.",
  });
