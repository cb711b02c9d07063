import type { Capacity } from "../fleet/model.ts";
import type { Role, Version } from "./model.ts";

/** What a region is to look like. What it does not name stays as it is. */
export interface Goal {
  readonly groups: readonly GroupGoal[];
  /** Groups that are not to be there. */
  readonly absent: readonly string[];
  /** The group that is marked as what the cluster runs, and no other; undefined: marks stay. */
  readonly promoted: string | undefined;
}

export interface GroupGoal {
  readonly group: string;
  readonly role: Role;
  /** What it is made of where it is not there; undefined for one that no rollout made, which cannot be made again. */
  readonly version: Version | undefined;
  readonly size: SizeGoal;
  readonly traffic: TrafficGoal;
  /** Whether nothing is taken from others before it serves in good health. */
  readonly isAwaited: boolean;
}

/**
 * - `at-least`: not below, in any of the three. What has grown by itself stays.
 * - `released`: the minimum and maximum are these again, and what it has stays.
 * - `zero`: no instances, and none may come.
 */
export type SizeGoal =
  | { readonly kind: "at-least"; readonly size: Capacity }
  | { readonly kind: "released"; readonly size: Capacity }
  | { readonly kind: "zero" };

/** By instances (with attachment) and by weight. `all` are those that it has. */
export interface TrafficGoal {
  readonly instances: number | "all";
  readonly weight: number;
}

export const noTraffic: TrafficGoal = { instances: 0, weight: 0 };

/** Weights tell percents of the cluster's capacity, so that every instance gets the same. */
export function trafficOf(instances: number, capacity: number): TrafficGoal {
  if (instances === 0) return noTraffic;
  return { instances, weight: Math.min(999, Math.max(1, Math.round((100 * instances) / Math.max(1, capacity)))) };
}

/** Full traffic for a group with so many instances. */
export const fullTraffic = (instances: number, capacity: number): TrafficGoal => ({
  instances: "all",
  weight: instances === 0 ? 100 : trafficOf(instances, capacity).weight,
});

/** With the minimum at the desired size, so that nothing scales it in meanwhile. */
export const pinned = (size: Capacity): Capacity => ({ ...size, min: size.desired });

/** A size of so many instances, pinned from both sides. */
export const exactly = (instances: number): Capacity => ({ min: instances, desired: instances, max: instances });
