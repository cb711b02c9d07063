import { messageOf, TrysailError } from "@trysail/core";
import { clusterName, isOver } from "@trysail/delivery";
import type { RolloutStore } from "@trysail/delivery";
import { setTimeout as wait } from "node:timers/promises";
import type { Rollouts } from "./connect-rollouts.ts";
import type { ShownRollout } from "./shown.ts";

/** How often a rollout that goes on is looked at. */
const lookMs = 1000;

/** A network that is away for less ends no view of an hour. */
const longestTroubleMs = 120_000;

export interface FollowOptions {
  readonly signal?: AbortSignal | undefined;
  readonly now: () => number;
  /** @defaultValue of a timer */
  readonly pause?: (ms: number) => Promise<void>;
}

/**
 * Looks at a rollout again and again, until it is over. The last look is of the end.
 *
 * @throws TrysailError `rollout-not-found` (fault: user); what hinders the first look, and any for two minutes
 */
export async function* followRollout(
  rollouts: Pick<Rollouts, "store" | "isLocal" | "flags">,
  id: string,
  options: FollowOptions,
): AsyncGenerator<ShownRollout, void> {
  const { now, signal, pause = (ms) => wait(ms, undefined, { signal }) } = options;
  let last: ShownRollout | undefined;
  let readAt = now();
  for (;;) {
    try {
      last = await lookAt(rollouts, id);
      readAt = now();
      yield last;
    } catch (error) {
      if (last === undefined || error instanceof TrysailError || now() - readAt > longestTroubleMs) throw error;
      yield { ...last, trouble: messageOf(error) };
    }
    if (isOver(last.stored.rollout)) return;
    await pause(lookMs);
  }
}

async function lookAt(
  { store, isLocal, flags }: Pick<Rollouts, "store" | "isLocal" | "flags">,
  id: string,
): Promise<ShownRollout> {
  const [found, view] = await Promise.all([store.read(id), store.view(id)]);
  if (found === undefined)
    throw new TrysailError("rollout-not-found", `There is no rollout ${id}.`, {
      fault: "user",
      next: "List them with: trysail rollout list",
    });
  const { rollout } = found.value;
  const others = rollout.status === "queued" ? await othersOf(store, id, clusterName(rollout.spec.cluster)) : [];
  return { stored: found.value, view, others, isLocal, worker: `trysail worker${flags}`, trouble: undefined };
}

const othersOf = async (store: RolloutStore, id: string, cluster: string): Promise<readonly string[]> =>
  (await store.open()).filter((other) => other !== id && other.slice(0, other.lastIndexOf(".")) === cluster);

/** The next rollout that begins and was not shown yet, of a cluster. */
export async function nextRollout(store: RolloutStore, cluster: string, known: ReadonlySet<string>): Promise<string> {
  for (;;) {
    const next = (await store.open()).find((id) => !known.has(id) && id.slice(0, id.lastIndexOf(".")) === cluster);
    if (next !== undefined) return next;
    await wait(lookMs);
  }
}
