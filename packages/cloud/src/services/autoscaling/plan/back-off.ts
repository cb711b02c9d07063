import type { Millis } from "@trysail/core";
import type { Failures } from "../model/group.ts";
import { isDead } from "../model/instance.ts";
import type { GroupInstance } from "../model/instance.ts";

/** The first wait after failed launches, doubled with each, and the longest. */
const firstWaitMs = 1_000;
const longestWaitMs = 300_000;

/** An instance that dies sooner than this after its launch, and has never been healthy, counts as a failed launch. */
const shortLifeMs = 10_000;

/** So many instances may die young in a row before the next one has to wait: one that is killed is replaced at once. */
const freeDeaths = 2;

/**
 * When the next launch in a zone may begin. A bad image and an application that dies at once would otherwise be
 * launched again for ever, as quickly as the machine can.
 */
export function mayLaunchAt(failures: Failures | undefined): Millis {
  if (failures === undefined || failures.count <= freeDeaths) return 0;
  return failures.lastAt + waitAfter(failures.count);
}

function waitAfter(count: number): Millis {
  return count <= freeDeaths ? 0 : Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(count - freeDeaths - 1, 30));
}

/** Whether an instance that has died has hardly lived. */
function diedYoung({ launchedAt, hasServed }: GroupInstance, now: Millis): boolean {
  return !hasServed && now - launchedAt < shortLifeMs;
}

/** Counts a death of a young instance; a quiet time makes the count begin anew. */
function afterEarlyDeath(before: Failures | undefined, now: Millis): Failures {
  // What was launched before the wait began tells nothing new.
  if (now < mayLaunchAt(before)) return { count: before?.count ?? 1, lastAt: now };
  const isQuiet = before === undefined || now - before.lastAt > 2 * waitAfter(before.count) + shortLifeMs;
  return { count: isQuiet ? 1 : before.count + 1, lastAt: now };
}

/** Counts a launch that EC2 has refused: what was refused once is refused again, so the wait begins with the first. */
export function afterRefusedLaunch(before: Failures | undefined, now: Millis): Failures {
  const counted = afterEarlyDeath(before, now);
  return { ...counted, count: Math.max(counted.count, freeDeaths + 1) };
}

/** What counts against the zones of a group when these instances go. */
export function afterDeaths(
  failures: Readonly<Record<string, Failures>>,
  going: readonly GroupInstance[],
  now: Millis,
): Readonly<Record<string, Failures>> {
  const counted = { ...failures };
  for (const instance of going)
    if (isDead(instance) && diedYoung(instance, now))
      counted[instance.zone] = afterEarlyDeath(counted[instance.zone], now);
  return counted;
}
