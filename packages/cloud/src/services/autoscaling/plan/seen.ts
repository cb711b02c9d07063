import type { Millis } from "@trysail/core";
import type { Group } from "../model/group.ts";
import type { Hook } from "../model/hook.ts";
import type { GroupInstance, Launch } from "../model/instance.ts";
import type { Refresh } from "../model/refresh.ts";
import { mayLaunchAt } from "./back-off.ts";

/** A group as its controller sees it. */
export interface Seen {
  readonly group: Group;
  readonly instances: readonly GroupInstance[];
  readonly launches: readonly Launch[];
  readonly hooks: readonly Hook[];
  /** The refresh that goes on. */
  readonly refresh: Refresh | undefined;
}

/**
 * Whether launches may be tried in a zone now: not while it waits after failures, and after failures one at a time.
 */
export function openZones(seen: Seen, time: Millis): (zone: string) => boolean {
  const { failures } = seen.group;
  return (zone) => {
    const opensAt = mayLaunchAt(failures[zone]);
    if (opensAt === 0) return true;
    return opensAt <= time && !seen.launches.some((launch) => launch.zone === zone);
  };
}
