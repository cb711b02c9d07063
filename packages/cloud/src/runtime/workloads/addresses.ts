import { createHash } from "node:crypto";
import { firstPortOf, reachablePort, sharedPlaces, sharedPort } from "./ports.ts";

/** Where a workload is: an address of its own, or a share of the ports of 127.0.0.1. */
export type Place =
  | { readonly kind: "own"; readonly address: string }
  | { readonly kind: "shared"; readonly firstPort: number };

/** Hands out places that are not taken. */
export interface Places {
  take(): Place;
  /** Takes one that was handed out before. */
  keep(place: Place): void;
  giveBack(place: Place): void;
}

/** In 127.X.0.0/16, without what ends in 0 and 255. */
const addressesPerRange = 256 * 254;

/**
 * Places of a data folder. Where they begin is told by its name, so that two Trysails of one machine are unlikely to meet;
 * 127.0.X.X is left to others. A place that was given back is handed out again after all others.
 */
export function createPlaces(dataFolder: string, hasOwnAddresses: boolean): Places {
  const hash = createHash("sha256").update(dataFolder).digest();
  const range = 1 + ((hash[0] ?? 0) % 254);
  const size = hasOwnAddresses ? addressesPerRange : sharedPlaces;
  const at = (index: number): Place =>
    hasOwnAddresses
      ? { kind: "own", address: `127.${range}.${Math.floor(index / 254)}.${1 + (index % 254)}` }
      : { kind: "shared", firstPort: firstPortOf(index) };
  const taken = new Set<string>();
  let next = hash.readUInt32BE(1) % size;

  return {
    take() {
      for (let tries = 0; tries < size; tries += 1) {
        const place = at(next);
        next = (next + 1) % size;
        if (taken.has(textOf(place))) continue;
        taken.add(textOf(place));
        return place;
      }
      throw new Error("All addresses are taken.");
    },
    keep: (place) => void taken.add(textOf(place)),
    giveBack: (place) => void taken.delete(textOf(place)),
  };
}

/** @example "127.8.3.1", "127.0.0.1 12000" */
export function textOf(place: Place): string {
  return place.kind === "own" ? place.address : `127.0.0.1 ${place.firstPort}`;
}

/** Reads what {@link textOf} wrote; undefined if it is something else. */
export function parsePlace(text: string): Place | undefined {
  const [, address, firstPort] = /^(127\.\d+\.\d+\.\d+)(?: (\d+))?$/.exec(text) ?? [];
  if (address === undefined) return undefined;
  return firstPort === undefined ? { kind: "own", address } : { kind: "shared", firstPort: Number(firstPort) };
}

export const addressOf = (place: Place): string => (place.kind === "own" ? place.address : "127.0.0.1");

/** Where a port of the place is reached. */
export function reachedAt(place: Place, port: number, lowestPort: number): { host: string; port: number } {
  return place.kind === "own"
    ? { host: place.address, port: reachablePort(port, lowestPort) }
    : { host: "127.0.0.1", port: sharedPort(port, place.firstPort) };
}
