import type { Place } from "../model/group.ts";

/** How many instances there are in each zone of the group; zones that it has left come after its own. */
export function countByZone(zones: readonly string[], instances: readonly Pick<Place, "zone">[]): Map<string, number> {
  const counts = new Map(zones.map((zone) => [zone, 0]));
  for (const { zone } of instances) counts.set(zone, (counts.get(zone) ?? 0) + 1);
  return counts;
}

/**
 * Where the next instance goes: the open zone with the fewest instances, and in it the subnet with the fewest.
 *
 * @param isOpen - whether launches may be tried in a zone now
 * @returns undefined if no zone is open
 */
export function choosePlace(
  places: readonly Place[],
  instances: readonly Place[],
  isOpen: (zone: string) => boolean,
): Place | undefined {
  const counts = countByZone([], instances);
  const inSubnet = (place: Place) =>
    instances.filter(({ zone, subnet }) => zone === place.zone && subnet === place.subnet).length;
  const [first] = places
    .filter(({ zone }) => isOpen(zone))
    .map((place, order) => ({ place, order, inZone: counts.get(place.zone) ?? 0, inSubnet: inSubnet(place) }))
    .sort((a, b) => a.inZone - b.inZone || a.inSubnet - b.inSubnet || a.order - b.order);
  return first?.place;
}

/**
 * The zone that an instance more would bring balance to: one with two fewer than another, or any while instances are in
 * zones that the group has left. Only what may be terminated can move.
 */
export function zoneToFill(
  zones: readonly string[],
  instances: readonly (Pick<Place, "zone"> & { readonly protected: boolean })[],
  isOpen: (zone: string) => boolean,
): string | undefined {
  const counts = countByZone(zones, instances);
  const [fewest] = zones.filter(isOpen).toSorted((a, b) => (counts.get(a) ?? 0) - (counts.get(b) ?? 0));
  if (fewest === undefined) return undefined;
  const unbalanced = instances.some(
    (instance) =>
      !instance.protected &&
      (!zones.includes(instance.zone) || (counts.get(instance.zone) ?? 0) - (counts.get(fewest) ?? 0) > 1),
  );
  return unbalanced ? fewest : undefined;
}
