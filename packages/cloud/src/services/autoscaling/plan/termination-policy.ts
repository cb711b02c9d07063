import type { Millis } from "@trysail/core";
import type { GroupInstance, LaunchedFrom } from "../model/instance.ts";
import { countByZone } from "./zones.ts";

/** @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html */
export const terminationPolicies = [
  "AllocationStrategy",
  "ClosestToNextInstanceHour",
  "Default",
  "NewestInstance",
  "OldestInstance",
  "OldestLaunchConfiguration",
  "OldestLaunchTemplate",
] as const;

const hourMs = 3_600_000;

/**
 * The instance that scaling in terminates next: in the zone with the most instances (zones that the group has left go
 * first), the one that its termination policies single out.
 *
 * @returns undefined if all are protected
 */
export function chooseVictim(
  zones: readonly string[],
  policies: readonly string[],
  instances: readonly GroupInstance[],
  now: Millis,
): GroupInstance | undefined {
  const candidates = instances.filter((instance) => !instance.protected);
  // Protected instances count for the balance: they are there.
  const counts = countByZone(zones, instances);
  const weight = (zone: string) => (zones.includes(zone) ? (counts.get(zone) ?? 0) : Number.MAX_SAFE_INTEGER);
  const heaviest = Math.max(...candidates.map(({ zone }) => weight(zone)));
  let left: readonly GroupInstance[] = candidates.filter(({ zone }) => weight(zone) === heaviest);
  for (const policy of [...policies, "Default"]) left = narrow(policy, left, now);
  // AWS takes any of those that are left; always the same one is easier to follow.
  return left.toSorted((a, b) => a.launchedAt - b.launchedAt || (a.id < b.id ? -1 : 1))[0];
}

function narrow(policy: string, instances: readonly GroupInstance[], now: Millis): readonly GroupInstance[] {
  const toHour = ({ launchedAt }: GroupInstance) => hourMs - ((now - launchedAt) % hourMs);
  switch (policy) {
    case "OldestInstance":
      return lowest(instances, ({ launchedAt }) => launchedAt);
    case "NewestInstance":
      return lowest(instances, ({ launchedAt }) => -launchedAt);
    case "ClosestToNextInstanceHour":
      return lowest(instances, toHour);
    case "OldestLaunchTemplate":
    case "OldestLaunchConfiguration":
      return lowest(instances, ({ from }) => ageOfSource(from));
    case "Default":
      return lowest(
        lowest(instances, ({ from }) => ageOfSource(from)),
        toHour,
      );
    default:
      // AllocationStrategy tells nothing where all are on demand and of one type.
      return instances;
  }
}

/** Launch configurations go before launch templates, old versions before new ones. */
function ageOfSource(from: LaunchedFrom): number {
  return from.kind === "template" ? Number(from.template.version) : 0;
}

function lowest(instances: readonly GroupInstance[], of: (instance: GroupInstance) => number) {
  const least = Math.min(...instances.map(of));
  return instances.filter((instance) => of(instance) === least);
}
