import type { TargetHealth } from "../data-plane.ts";

/** What deciding whether a target gets requests needs to know of it. */
export interface Member {
  readonly state: TargetHealth["state"];
  /** Its instance has ended: nobody is there. */
  readonly exited: boolean;
}

/** When the group is so unhealthy that its unhealthy members get requests too. */
export interface MinimumHealthy {
  /** @defaultValue 1 */
  readonly count: number;
  /** Of all members that are not draining. @defaultValue 0: off */
  readonly percentage: number;
}

/**
 * The members of a target group that get new requests: the healthy ones; if they are too few, all but those that are
 * known to be gone.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health.html
 */
export function usableTargets<T extends Member>(members: readonly T[], minimum: MinimumHealthy): readonly T[] {
  const used = members.filter(({ state }) => state !== "draining");
  const healthy = used.filter(({ state }) => state === "healthy");
  const tooFew = healthy.length < minimum.count || healthy.length * 100 < minimum.percentage * used.length;
  return tooFew ? used.filter(({ exited }) => !exited) : healthy;
}
