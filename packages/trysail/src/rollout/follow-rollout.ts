import { TrysailError } from "@trysail/core";
import { clusterName, isOver } from "@trysail/delivery";
import type { RolloutStore } from "@trysail/delivery";
import { setTimeout as wait } from "node:timers/promises";
import type { Rollouts } from "./connect-rollouts.ts";
import type { ShownRollout } from "./shown.ts";

/** How often a rollout that goes on is looked at. */
const lookMs = 1000;

/** Looks at a rollout again and again, until it is over. The last look is of the end. */
export async function* followRollout(
  { store, isLocal }: Pick<Rollouts, "store" | "isLocal">,
  id: string,
  signal?: AbortSignal,
): AsyncGenerator<ShownRollout, void> {
  for (;;) {
    const shown = await lookAt(store, id, isLocal);
    yield shown;
    if (isOver(shown.stored.rollout)) return;
    await wait(lookMs, undefined, { signal });
  }
}

async function lookAt(store: RolloutStore, id: string, isLocal: boolean): Promise<ShownRollout> {
  const [found, view] = await Promise.all([store.read(id), store.view(id)]);
  if (found === undefined)
    throw new TrysailError("rollout-not-found", `There is no rollout ${id}.`, {
      fault: "user",
      next: "List them with: trysail rollout list",
    });
  const { rollout } = found.value;
  const others = rollout.status === "queued" ? await othersOf(store, id, clusterName(rollout.spec.cluster)) : [];
  return { stored: found.value, view, others, isLocal };
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
