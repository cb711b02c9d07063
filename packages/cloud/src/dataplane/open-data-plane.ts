import type { Log } from "@trysail/core";
import type { Workloads } from "../runtime/workloads.ts";
import type { DataPlane, PlaneScope } from "./data-plane.ts";
import { RegionPlane } from "./region-plane.ts";

/** Whose workloads the workers are. */
export const dataPlaneService = "dataplane";

export interface DataPlaneOptions {
  readonly workloads: Pick<Workloads, "start" | "find" | "remove">;
  /** A folder of that name, for a worker's own use. */
  readonly folder: (name: string) => string;
  /** The worker's program, in JavaScript. */
  readonly workerFile: () => Promise<string>;
  readonly log: Log;
  /** Undefined if the function cannot be invoked. */
  readonly invokeFunction: (scope: PlaneScope, functionArn: string, payload: string) => Promise<string | undefined>;
}

export interface OpenDataPlane extends DataPlane {
  /** Lets go of the workers, which go on. */
  close(): void;
}

/** Load balancers in worker processes, which are workloads: they survive Trysail, and the next one finds them. */
export function openDataPlane(options: DataPlaneOptions): OpenDataPlane {
  const regions = new Map<string, RegionPlane>();
  const listeners = new Set<(scope: PlaneScope) => void>();
  const trafficListeners = new Set<(scope: PlaneScope) => void>();
  const nameOf = ({ account, region }: PlaneScope) => `${account}-${region}`;

  const regionOf = (scope: PlaneScope): RegionPlane => {
    const name = nameOf(scope);
    const known = regions.get(name);
    if (known !== undefined) return known;
    const { account, region } = scope;
    const plane = new RegionPlane({
      ...options,
      id: { service: dataPlaneService, account, region, name: "balancers" },
      folder: options.folder(name),
      invokeFunction: (functionArn, payload) => options.invokeFunction(scope, functionArn, payload),
      changed: () => {
        for (const listener of listeners) listener(scope);
      },
      trafficTold: () => {
        for (const listener of trafficListeners) listener(scope);
      },
    });
    regions.set(name, plane);
    return plane;
  };

  return {
    async apply(scope, config) {
      return { failures: await regionOf(scope).apply(config) };
    },
    health: (scope) => regions.get(nameOf(scope))?.health ?? [],
    takeTraffic: (scope) => regions.get(nameOf(scope))?.takeTraffic() ?? [],
    onTraffic(listener) {
      trafficListeners.add(listener);
      return () => void trafficListeners.delete(listener);
    },
    targetExited: (scope, host) => regions.get(nameOf(scope))?.exited(host),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      for (const region of regions.values()) region.close();
    },
  };
}
