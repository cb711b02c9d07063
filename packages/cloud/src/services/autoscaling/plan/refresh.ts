import type { Millis } from "@trysail/core";
import { at, launchCause, terminateCause } from "../model/causes.ts";
import { isSuspended } from "../model/group.ts";
import type { Group, Place } from "../model/group.ts";
import { isActive } from "../model/instance.ts";
import type { GroupInstance, TargetState } from "../model/instance.ts";
import { isReplacing } from "../model/refresh.ts";
import type { Refresh } from "../model/refresh.ts";
import { openZones } from "./seen.ts";
import type { Seen } from "./seen.ts";
import { later, nothing, now, together } from "./step.ts";
import type { Plan, Step } from "./step.ts";
import { choosePlace } from "./zones.ts";

/** A refresh that replaces nothing for so long fails. */
const patienceMs = 3_600_000;

/** How few may be healthy during a refresh, and how many there may be. */
export function bounds(
  { desired }: Pick<Group, "desired">,
  { preferences }: Refresh,
): { readonly least: number; readonly most: number } {
  return {
    least: Math.ceil((desired * preferences.minHealthyPercent) / 100),
    most: Math.max(desired, Math.floor((desired * preferences.maxHealthyPercent) / 100)),
  };
}

/** `unused`: no load balancer sends requests to the target group, and none checks. */
const mayCount: ReadonlySet<TargetState | undefined> = new Set(["healthy", "unused", "skipped"]);

interface Progress {
  /** Instances that are still to be replaced. */
  readonly old: readonly GroupInstance[];
  /** Of those, which may be replaced now. */
  readonly replaceable: readonly GroupInstance[];
  readonly active: readonly GroupInstance[];
  /** New ones that have not been in service for the time of their warm-up. */
  readonly cold: readonly GroupInstance[];
  readonly count: number;
  /** Replaced, with a replacement that is warm. */
  readonly done: number;
}

function progressOf({ group, instances, launches }: Seen, refresh: Refresh, time: Millis): Progress {
  const { preferences, total } = refresh;
  const isOld = ({ id }: GroupInstance) => refresh.old.includes(id);
  const active = instances.filter(isActive);
  const waiting = instances.filter((instance) => instance.lifecycle === "Standby" && isOld(instance));
  const old = [...active.filter(isOld), ...(preferences.standbyInstances === "Ignore" ? [] : waiting)];
  const cold = active.filter((instance) => !isOld(instance) && warmAt(instance, group, refresh) > time);
  const replaceable = old.filter(
    (instance) =>
      (!instance.protected || preferences.protectedInstances === "Refresh") &&
      (instance.lifecycle !== "Standby" || preferences.standbyInstances === "Terminate"),
  );
  const begunAt = refresh.rollback?.startedAt ?? refresh.startedAt;
  const warm = active.filter(
    (instance) => !isOld(instance) && instance.launchedAt >= begunAt && warmAt(instance, group, refresh) <= time,
  );
  const done = Math.min(total - old.length, warm.length);
  return { old, replaceable, active, cold, count: active.length + launches.length, done };
}

/** When a new instance counts: in service for its warm-up, and found healthy by all target groups that send it requests. */
function warmAt(
  { lifecycle, unhealthy, inServiceAt, targets }: GroupInstance,
  { targetGroups }: Pick<Group, "targetGroups">,
  { preferences }: Refresh,
): Millis {
  if (lifecycle !== "InService" || unhealthy !== undefined || inServiceAt === undefined) return Infinity;
  if (!targetGroups.every((arn) => mayCount.has(targets[arn]))) return Infinity;
  return inServiceAt + preferences.warmupSeconds * 1000;
}

/**
 * Goes on with an instance refresh: terminates old instances as far as the minimum of healthy ones allows, launches new
 * ones beyond the desired capacity as far as the maximum allows, waits for them to be warm, and holds at checkpoints.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-overview.html
 */
export function planRefresh(seen: Seen, time: Millis): Plan {
  const { group, refresh } = seen;
  if (refresh === undefined) return nothing;
  if (refresh.status === "Pending") return now(update({ ...refresh, status: "InProgress" }));
  if (refresh.status === "Baking") return bake(refresh, time);
  if (refresh.status === "Cancelling") return cancel(seen, refresh, time);
  if (!isReplacing(refresh) || isSuspended(group, "InstanceRefresh")) return nothing;
  const progress = progressOf(seen, refresh, time);
  const counted = count(refresh, progress, time);
  const steps = counted === refresh ? [] : [update(counted)];
  if (isComplete(seen, counted, progress)) return now(update(complete(counted, time)));
  if (time >= counted.progressAt + patienceMs) return now(update(giveUp(counted, seen.instances, time)));
  const next = steps.length > 0 ? now(...steps) : goOn(seen, counted, progress, time);
  return together(next, waitForWarmth(seen, counted, progress, time));
}

const update = (refresh: Refresh): Step => ({ do: "update-refresh", refresh });

function waitForWarmth({ group }: Seen, refresh: Refresh, { cold }: Progress, time: Millis): Plan {
  const times = [
    ...cold.map((instance) => warmAt(instance, group, refresh)),
    refresh.pausedUntil,
    refresh.progressAt + patienceMs,
  ];
  return later(Math.min(...times.filter((one) => one > time)));
}

/** Writes down how far it has come, and holds at a checkpoint that it has reached. */
function count(refresh: Refresh, { done, old, cold }: Progress, time: Millis): Refresh {
  const { total, preferences, checkpointsPassed } = refresh;
  const percentComplete = total === 0 ? 100 : Math.floor((100 * done) / total);
  const checkpoint = preferences.checkpoints[checkpointsPassed];
  const reached = checkpoint !== undefined && percentComplete >= checkpoint && checkpoint < 100;
  const [warming] = cold;
  const statusReason = reached
    ? `Waiting for ${preferences.checkpointDelaySeconds} seconds before continuing from the ${checkpoint}% checkpoint.`
    : warming === undefined
      ? refresh.pausedUntil > time
        ? refresh.statusReason
        : undefined
      : `Waiting for instances to warm up before continuing. For example: ${warming.id} is warming up.`;
  const toUpdate = old.length;
  const changed =
    reached ||
    percentComplete !== refresh.percentComplete ||
    toUpdate !== refresh.toUpdate ||
    statusReason !== refresh.statusReason;
  if (!changed) return refresh;
  return {
    ...refresh,
    percentComplete,
    toUpdate,
    statusReason,
    progressAt: percentComplete === refresh.percentComplete ? refresh.progressAt : time,
    ...(reached && {
      checkpointsPassed: checkpointsPassed + 1,
      pausedUntil: time + preferences.checkpointDelaySeconds * 1000,
    }),
  };
}

function isComplete({ group }: Seen, refresh: Refresh, { old, cold, count: all }: Progress): boolean {
  const { checkpoints } = refresh.preferences;
  // Who names a last checkpoint below 100 wants no more than that part to be replaced.
  const stopsEarly = checkpoints.length > 0 && refresh.checkpointsPassed >= checkpoints.length;
  return (old.length === 0 && cold.length === 0 && all >= group.desired) || (stopsEarly && cold.length === 0);
}

function complete(refresh: Refresh, time: Millis): Refresh {
  const ended = { ...refresh, statusReason: undefined, percentComplete: 100, toUpdate: 0 };
  if (refresh.status === "RollbackInProgress") return { ...ended, status: "RollbackSuccessful", endedAt: time };
  const { bakeSeconds } = refresh.preferences;
  if (bakeSeconds === 0) return { ...ended, status: "Successful", endedAt: time };
  return { ...ended, status: "Baking", bakesUntil: time + bakeSeconds * 1000 };
}

function bake(refresh: Refresh, time: Millis): Plan {
  const until = refresh.bakesUntil ?? time;
  return time < until ? later(until) : now(update({ ...refresh, status: "Successful", endedAt: time }));
}

/** What has begun is finished; nothing more is begun. */
function cancel(seen: Seen, refresh: Refresh, time: Millis): Plan {
  const { active } = progressOf(seen, refresh, time);
  const isMoving = seen.launches.length > 0 || active.some(({ lifecycle }) => lifecycle !== "InService");
  return isMoving ? nothing : now(update({ ...refresh, status: "Cancelled", endedAt: time }));
}

function giveUp(refresh: Refresh, instances: readonly GroupInstance[], time: Millis): Refresh {
  const statusReason = "Instances have not become healthy within an hour.";
  if (refresh.status === "RollbackInProgress")
    return { ...refresh, status: "RollbackFailed", statusReason, endedAt: time };
  if (!refresh.preferences.autoRollback) return { ...refresh, status: "Failed", statusReason, endedAt: time };
  return turnBack(refresh, instances, statusReason, time);
}

/** A refresh that goes back: what it has launched is replaced, by what there was before. */
export function turnBack(refresh: Refresh, instances: readonly GroupInstance[], reason: string, time: Millis): Refresh {
  const made = instances.filter((instance) => isActive(instance) && !refresh.old.includes(instance.id));
  const { percentComplete, toUpdate, preferences } = refresh;
  return {
    ...refresh,
    status: "RollbackInProgress",
    statusReason: undefined,
    rollback: { reason, startedAt: time, percentComplete, toUpdate },
    preferences: { ...preferences, checkpoints: [] },
    old: made.map(({ id }) => id),
    total: made.length,
    percentComplete: 0,
    toUpdate: made.length,
    checkpointsPassed: 0,
    pausedUntil: 0,
    progressAt: time,
    bakesUntil: undefined,
  };
}

function goOn(seen: Seen, refresh: Refresh, progress: Progress, time: Millis): Plan {
  const { group } = seen;
  if (refresh.pausedUntil > time) return nothing;
  const { least, most } = bounds(group, refresh);
  const { old, replaceable, active, cold, count: all } = progress;
  const checkpoint = refresh.preferences.checkpoints[refresh.checkpointsPassed] ?? 100;
  const replaced = refresh.total - old.length;
  // Never beyond the next checkpoint.
  const budget = Math.max(0, Math.ceil((refresh.total * checkpoint) / 100) - replaced);
  const isOld = new Set(old);
  const warm = active.filter((instance) => isOld.has(instance) || !cold.includes(instance)).filter(inService).length;

  const mayEnd = Math.min(warm - least, budget);
  const mayAdd = Math.min(most - all, Math.min(budget, old.length) - (all - group.desired));
  const isQuiet = cold.length === 0 && seen.launches.length === 0 && all >= group.desired;
  // Where neither a new one fits nor an old one can be missed, one is replaced all the same.
  const ends = mayEnd <= 0 && mayAdd <= 0 && isQuiet ? Math.min(1, budget) : mayEnd;
  const victims = isSuspended(group, "Terminate")
    ? []
    : replaceable.toSorted((a, b) => a.launchedAt - b.launchedAt).slice(0, Math.max(0, ends));
  const terminating = victims.map((instance): Step => {
    const cause = `${at(time, terminateCause.refresh())}  ${at(time, terminateCause.selected(instance.id))}`;
    return { do: "begin-termination", instance, cause };
  });
  if (terminating.length > 0) return now(...terminating);
  return isSuspended(group, "Launch") ? nothing : add(seen, mayAdd, active, time);
}

const inService = ({ lifecycle, unhealthy }: GroupInstance) => lifecycle === "InService" && unhealthy === undefined;

function add(seen: Seen, howMany: number, active: readonly GroupInstance[], time: Millis): Plan {
  const steps: Step[] = [];
  const taken: Place[] = [...active, ...seen.launches];
  for (let n = 0; n < howMany; n++) {
    const place = choosePlace(seen.group.places, taken, openZones(seen, time));
    if (place === undefined) break;
    steps.push({ do: "begin-launch", place, cause: at(time, launchCause.refresh()), balances: false });
    taken.push(place);
  }
  return now(...steps);
}
