import { fileURLToPath } from "node:url";
import type { Job } from "../runner.ts";
import { addressOf, reachedAt } from "./addresses.ts";
import type { Place } from "./addresses.ts";

/** What applications listen on if nothing else is said. */
export const usualPort = 8080;

/** What programs of this machine need, and are given as Trysail has it. */
const inherited = /^(PATH|LANG|LC_\w+|TZ|TMPDIR)$/;

/** What a workload's environment begins with. */
export function inheritedFrom(own: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(own).flatMap(([name, value]) =>
      value !== undefined && inherited.test(name) ? [[name, value]] : [],
    ),
  );
}

export interface Surroundings {
  readonly inherited: Readonly<Record<string, string>>;
  readonly place: Place;
  readonly lowestPort: number;
}

/** The whole environment of a workload that is a process of this machine. */
export function environmentOf(
  { environment, port }: Job["given"],
  { inherited: base, place, lowestPort }: Surroundings,
): Record<string, string> {
  const reached = reachedAt(place, port, lowestPort);
  return {
    ...base,
    PORT: String(reached.port),
    ...environment,
    HOST: addressOf(place),
    TRYSAIL_LISTEN: [addressOf(place), lowestPort, ...(place.kind === "shared" ? [place.firstPort] : [])].join(" "),
    NODE_OPTIONS: [environment["NODE_OPTIONS"] ?? "", `--require ${quoted(preloadFile())}`].join(" ").trim(),
  };
}

/** Moves servers of Node programs to the workload's address. */
function preloadFile(): string {
  return fileURLToPath(new URL("./node-preload.cjs", import.meta.url));
}

/** As Node reads `NODE_OPTIONS`. */
function quoted(text: string): string {
  return /[\s"\\]/.test(text) ? `"${text.replace(/["\\]/g, String.raw`\$&`)}"` : text;
}
