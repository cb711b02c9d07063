import type { Instance, Observation, ServerGroup } from "./model.ts";

const isReady = (instance: Instance) => instance.lifecycle === "running" && instance.health === "healthy";

/** Instances that are healthy, by the balancer where there is one: whether or not traffic is sent to their group. */
export const readyIn = (group: ServerGroup): number =>
  group.instances.filter((instance) => isReady(instance) && instance.isRegistered).length;

/** Healthy instances that traffic is sent to. */
export const servingIn = (group: ServerGroup): number => (group.isServing ? readyIn(group) : 0);

/** Of all groups, whatever they are for. */
export const serving = ({ groups }: Observation): number => groups.reduce((sum, group) => sum + servingIn(group), 0);

/** Instances that traffic may still be sent to: registered, or on their way out. */
export const inTraffic = (group: ServerGroup): number =>
  group.instances.filter(({ isRegistered, health }) => (isRegistered && group.isServing) || health === "draining")
    .length;

/** So much of a number of instances, rounded up; of any there are, at least one. */
export const shareOf = (percent: number, instances: number): number =>
  instances === 0 ? 0 : Math.max(1, Math.ceil((percent / 100) * instances));

/** For people: what is missing, and why. */
export function lackOf(group: ServerGroup, wanted: number): string {
  const ready = readyIn(group);
  const others = group.instances.filter((instance) => !(isReady(instance) && instance.isRegistered));
  const named = others
    .slice(0, 3)
    .map(({ id, lifecycle, health, reason }) => `${id}: ${reason ?? (lifecycle === "running" ? health : lifecycle)}`);
  const why = [
    ...named,
    ...(others.length > 3 ? [`${others.length - 3} more`] : []),
    ...(group.reason === undefined ? [] : [group.reason]),
  ];
  return `${ready} of ${wanted} instances of ${group.name} are healthy${why.length === 0 ? "" : ` (${why.join("; ")})`}`;
}
