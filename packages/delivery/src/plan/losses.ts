import type { Instance, ServerGroup } from "./model.ts";

/** Instances of a new version that were seen, and how many of them died or fell ill by themselves. */
export interface Losses {
  readonly lost: number;
  /** Of the newest. */
  readonly reasons: readonly string[];
  /** By group and instance, of those that are there: whether they were healthy, or were counted as lost already. */
  readonly groups: Readonly<Record<string, Readonly<Record<string, "starting" | "healthy" | "lost">>>>;
}

export const noLosses: Losses = { lost: 0, reasons: [], groups: {} };

const reasonsKept = 5;

/**
 * What is known after another look: the same object if nothing is new.
 *
 * An instance is lost when it is gone, or on its way, without its group having become smaller; and when it was healthy
 * and is not any more. Each counts once.
 */
export function watchLosses(before: Losses, groups: readonly ServerGroup[]): Losses {
  let { lost, reasons } = before;
  const lose = (id: string, reason: string) => {
    lost += 1;
    reasons = [...reasons, `${id}: ${reason}`].slice(-reasonsKept);
  };
  const watched = Object.fromEntries(
    groups.map((group) => {
      const known = before.groups[group.name];
      const instances: Record<string, "starting" | "healthy" | "lost"> = {};
      const there = group.instances.filter(({ lifecycle }) => lifecycle !== "ending");
      // So many may go: the group has become smaller.
      let surplus = Object.keys(known ?? {}).length - group.size.desired;
      for (const instance of there) {
        const was = known?.[instance.id];
        const isIll = was === "healthy" && instance.health === "unhealthy";
        if (isIll) lose(instance.id, instance.reason ?? "unhealthy");
        instances[instance.id] =
          isIll || was === "lost" ? "lost" : instance.health === "healthy" ? "healthy" : (was ?? "starting");
      }
      for (const [id, was] of Object.entries(known ?? {})) {
        if (id in instances || was === "lost") continue;
        if (surplus-- > 0) continue;
        lose(id, endOf(group.instances.find((instance) => instance.id === id)));
      }
      return [group.name, instances] as const;
    }),
  );
  const after: Losses = { lost, reasons, groups: watched };
  return JSON.stringify(after) === JSON.stringify(before) ? before : after;
}

const endOf = (instance: Instance | undefined): string => instance?.reason ?? "it is gone";
