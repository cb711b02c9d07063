import type { Millis } from "@trysail/core";
import { isSuspended, zonesOf } from "../model/group.ts";
import type { Place } from "../model/group.ts";
import { at, join, launchCause, terminateCause } from "../model/causes.ts";
import { isActive, isTerminating } from "../model/instance.ts";
import type { GroupInstance } from "../model/instance.ts";
import { isReplacing } from "../model/refresh.ts";
import { afterDeaths, mayLaunchAt } from "./back-off.ts";
import { bounds } from "./refresh.ts";
import { openZones } from "./seen.ts";
import type { Seen } from "./seen.ts";
import { later, nothing, now, together } from "./step.ts";
import type { Plan, Step } from "./step.ts";
import { chooseVictim } from "./termination-policy.ts";
import { choosePlace, countByZone, zoneToFill } from "./zones.ts";

/**
 * Brings a group to its desired capacity: replaces what is unhealthy, launches what is missing, terminates what is too
 * much, and then balances the zones.
 */
export function planCapacity(seen: Seen, time: Millis): Plan {
  const { group, instances } = seen;
  if (group.deleting) return endAll(instances, time);
  const mayTerminate = !isSuspended(group, "Terminate");
  const active = instances.filter(isActive);
  const unhealthy =
    mayTerminate && !isSuspended(group, "ReplaceUnhealthy")
      ? active.filter((instance) => instance.unhealthy !== undefined)
      : [];
  const kept = active.filter((instance) => !unhealthy.includes(instance));
  // The replacement does not wait until the unhealthy one has gone.
  const replacing = now(...unhealthy.map((instance) => replace(instance, time)));
  // Those that have died young make the next ones wait, also before they have gone.
  const failures = afterDeaths(group.failures, unhealthy, time);
  const launching = launchMissing({ ...seen, group: { ...group, failures } }, kept, unhealthy.length, time);
  const plan = together(replacing, launching);
  if (plan.steps.length > 0) return plan;
  const shrinking = mayTerminate ? terminateExcess(seen, kept, time) : nothing;
  if (shrinking.steps.length > 0) return shrinking;
  const isReached = kept.length + seen.launches.length === group.desired;
  if (isReached && group.changes.length > 0) return now({ do: "forget-changes" });
  return together(plan, balance(seen, kept, time), renew(seen, kept, time));
}

function endAll(instances: readonly GroupInstance[], time: Millis): Plan {
  const staying = instances.filter((instance) => !isTerminating(instance));
  return now(
    ...staying.map((instance): Step => {
      const cause = at(time, terminateCause.difference(staying.length, 0));
      return { do: "begin-termination", instance, cause: join(cause, selected(instance, time)) };
    }),
  );
}

const selected = ({ id }: GroupInstance, time: Millis) => at(time, terminateCause.selected(id));

function replace(instance: GroupInstance, time: Millis): Step {
  const cause = at(time, terminateCause.unhealthy(instance.unhealthy ?? "ec2"));
  return { do: "begin-termination", instance, cause };
}

function launchMissing(seen: Seen, kept: readonly GroupInstance[], unhealthy: number, time: Millis): Plan {
  const { group, launches, refresh } = seen;
  const count = kept.length + launches.length;
  const missing = group.desired - count;
  if (missing <= 0 || isSuspended(group, "Launch")) return nothing;
  const steps: Step[] = [];
  const taken: Place[] = [...kept, ...launches];
  const isOpen = openZones(seen, time);
  // After failures a zone is tried with one launch at a time.
  const isFree = (zone: string) =>
    isOpen(zone) &&
    (mayLaunchAt(group.failures[zone]) === 0 ||
      !steps.some((step) => step.do === "begin-launch" && step.place.zone === zone));
  for (let n = 0; n < missing; n++) {
    const place = choosePlace(group.places, taken, isFree);
    if (place === undefined) break;
    const cause =
      n < unhealthy
        ? at(time, launchCause.unhealthy())
        : refresh !== undefined && isReplacing(refresh) && group.changes.length === 0
          ? at(time, launchCause.refresh())
          : join(...group.changes, at(time, launchCause.difference(count, group.desired)));
    steps.push({ do: "begin-launch", place, cause, balances: false });
    taken.push(place);
  }
  if (steps.length === missing) return now(...steps);
  const opening = zonesOf(group)
    .map((zone) => mayLaunchAt(group.failures[zone]))
    .filter((opensAt) => opensAt > time);
  return together(now(...steps), opening.length === 0 ? nothing : later(Math.min(...opening)));
}

function terminateExcess(seen: Seen, kept: readonly GroupInstance[], time: Millis): Plan {
  const { group, launches, refresh } = seen;
  const count = kept.length + launches.length;
  const balancing = [...kept, ...launches].filter(({ balances }) => balances).length;
  const replacing = refresh !== undefined && isReplacing(refresh);
  const surplus = replacing ? bounds(group, refresh).most - group.desired : 0;
  const excess = count - group.desired - Math.max(balancing, surplus);
  const left = [...kept];
  const steps: Step[] = [];
  for (let n = 0; n < excess; n++) {
    // What a refresh is to replace anyway goes first.
    const old = replacing ? left.filter(({ id }) => refresh.old.includes(id)) : [];
    const from = old.some((instance) => !instance.protected) ? old : left;
    const victim = chooseVictim(zonesOf(group), group.terminationPolicies, from, time);
    if (victim === undefined) break;
    const cause = join(
      ...group.changes,
      at(time, terminateCause.difference(count, count - excess)),
      selected(victim, time),
    );
    steps.push({ do: "begin-termination", instance: victim, cause });
    left.splice(left.indexOf(victim), 1);
  }
  return now(...steps);
}

/** Whether nothing is under way, so that what is not urgent may begin. */
function isSettled({ group, launches, refresh }: Seen, kept: readonly GroupInstance[]): boolean {
  return (
    refresh === undefined &&
    launches.length === 0 &&
    kept.length === group.desired &&
    kept.every(({ lifecycle, unhealthy }) => lifecycle === "InService" && unhealthy === undefined) &&
    !isSuspended(group, "Launch") &&
    !isSuspended(group, "Terminate")
  );
}

/** Launches one instance more in the emptiest zone; when it is in service, scaling in takes one from the fullest. */
function balance(seen: Seen, kept: readonly GroupInstance[], time: Millis): Plan {
  const { group } = seen;
  if (!isSettled(seen, kept) || isSuspended(group, "AZRebalance")) return nothing;
  const zones = zonesOf(group);
  const fill = zoneToFill(zones, kept, openZones(seen, time));
  if (fill === undefined) return nothing;
  const place = choosePlace(group.places, kept, (zone) => zone === fill);
  if (place === undefined) return nothing;
  const counts = countByZone(zones, kept);
  const cause = at(time, launchCause.balance([...counts.keys()], [...counts.values()]));
  return now({ do: "begin-launch", place, cause, balances: true });
}

/** Replaces the oldest of the instances that have lived for longer than the group allows. */
function renew(seen: Seen, kept: readonly GroupInstance[], time: Millis): Plan {
  const { maxLifetimeSeconds } = seen.group;
  if (maxLifetimeSeconds === undefined || !isSettled(seen, kept)) return nothing;
  const [oldest] = kept.filter((instance) => !instance.protected).toSorted((a, b) => a.launchedAt - b.launchedAt);
  if (oldest === undefined) return nothing;
  const endsAt = oldest.launchedAt + maxLifetimeSeconds * 1000;
  if (time < endsAt) return later(endsAt);
  return now({ do: "begin-termination", instance: oldest, cause: at(time, terminateCause.lifetime()) });
}
