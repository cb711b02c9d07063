import type { WorkloadId } from "../workloads.ts";
import type { Place, Places } from "./addresses.ts";
import { keyOf } from "./records.ts";
import type { Records } from "./records.ts";

/** Which place is whose, from the first time that it is asked for until it is given back. */
export interface Reservations {
  /** Takes one, the first time. */
  placeOf(id: WorkloadId): Place;
  find(id: WorkloadId): Place | undefined;
  giveBack(id: WorkloadId): void;
}

/** Begins with those that were written down. */
export function openReservations(records: Records, places: Places): Reservations {
  const byKey = new Map<string, Place>();
  for (const { key, place } of records.list()) {
    if (place === undefined) continue;
    byKey.set(key, place);
    places.keep(place);
  }
  return {
    placeOf(id) {
      const key = keyOf(id);
      const kept = byKey.get(key);
      if (kept !== undefined) return kept;
      const place = places.take();
      byKey.set(key, place);
      records.writePlace(key, place);
      return place;
    },
    find: (id) => byKey.get(keyOf(id)),
    giveBack(id) {
      const key = keyOf(id);
      const place = byKey.get(key);
      if (place === undefined) return;
      byKey.delete(key);
      places.giveBack(place);
    },
  };
}
