import type { Millis } from "@trysail/core";
import type { Rollout } from "./rollout.ts";
import { timeText } from "./steps.ts";

/** The regions of the first wave that is not done, if it may go on, or what it waits for. */
export function dueRegions(
  rollout: Rollout,
  now: Millis,
): { regions: readonly string[]; wakeAt?: Millis; waiting?: string } {
  const { waves } = rollout.spec;
  const index = waves.findIndex((wave) =>
    wave.regions.some((region) => rollout.regions[region]?.phase !== "succeeded"),
  );
  const wave = waves[index];
  if (wave === undefined) return { regions: [] };
  const before = waves[index - 1];
  if (before === undefined || rollout.isPromoted) return { regions: wave.regions };
  const succeeded = before.regions.map((region) => {
    const state = rollout.regions[region];
    return state?.phase === "succeeded" ? state.at : now;
  });
  const until = Math.max(...succeeded) + before.bakeMs;
  if (now >= until) return { regions: wave.regions };
  return {
    regions: [],
    wakeAt: until,
    waiting: `the bake time of ${before.regions.join(", ")} (${timeText(until - now)})`,
  };
}

/** Going back by waves, a wave is not undone before those after it. */
export function undoingRegions({ spec, regions }: Rollout): readonly string[] {
  const undoing = (region: string) => regions[region]?.phase === "undoing";
  if (spec.rollback.order === "all-at-once") return Object.keys(regions).filter(undoing);
  const last = spec.waves.findLast((wave) => wave.regions.some(undoing));
  return last?.regions.filter(undoing) ?? [];
}

/** Waiting for those that are undone before it takes nothing from a region's own time. */
export function turnAtOf({ spec, regions }: Rollout, region: string): Millis | undefined {
  if (spec.rollback.order === "all-at-once" || regions[region]?.phase !== "undoing") return undefined;
  const own = spec.waves.findIndex((wave) => wave.regions.includes(region));
  const ends = spec.waves.slice(own + 1).flatMap((wave) =>
    wave.regions.flatMap((later) => {
      const state = regions[later];
      return state?.phase === "undone" || state?.phase === "halted" ? [state.at] : [];
    }),
  );
  return ends.length === 0 ? undefined : Math.max(...ends);
}
