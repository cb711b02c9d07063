import { fileURLToPath } from "node:url";
import type { WorkloadSpec } from "../workloads.ts";
import { addressOf, reachedAt } from "./addresses.ts";
import type { Place } from "./addresses.ts";

/** What applications listen on if nothing else is said. */
const usualPort = 8080;

/** What programs of this machine need, and are given as Trysail has it. */
const inherited = /^(PATH|LANG|LC_\w+|TZ|TMPDIR)$/;

export interface Surroundings {
  readonly own: Readonly<Record<string, string | undefined>>;
  readonly place: Place;
  readonly lowestPort: number;
}

/** The whole environment of a workload. */
export function environmentOf(
  { environment, port = usualPort }: Pick<WorkloadSpec, "environment" | "port">,
  { own, place, lowestPort }: Surroundings,
): Record<string, string> {
  const base = Object.fromEntries(
    Object.entries(own).flatMap(([name, value]) =>
      value !== undefined && inherited.test(name) ? [[name, value]] : [],
    ),
  );
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
