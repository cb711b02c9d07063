import type { Capacity } from "../fleet/model.ts";
import {
  clusterName,
  nextSequence,
  parseServerGroupName,
  serverGroupName,
  type ClusterName,
} from "../server-groups/name.ts";
import type { RolloutSpec } from "../spec/model.ts";
import { exactly, fullTraffic, noTraffic, pinned, trafficOf, type Goal, type GroupGoal } from "./goal.ts";
import { shareOf } from "./health.ts";
import type { Observation, ServerGroup, Version } from "./model.ts";
import type { Step } from "./steps.ts";

/**
 * What a region's part of a rollout is about: what was there at its begin, and what it makes. Decided once and stored before
 * the first change, so that who takes over makes no second group.
 */
export interface RegionTask {
  /** What served. */
  readonly source: FoundGroup | undefined;
  /** What served besides. */
  readonly others: readonly FoundGroup[];
  readonly target: {
    readonly group: string;
    readonly version: Version;
    /** As it was before; undefined for one that the rollout makes. */
    readonly found: FoundGroup | undefined;
  };
  /** What the target has in the end. */
  readonly capacity: Capacity;
  /** The two groups that are compared; undefined without a canary, and where nothing served. */
  readonly canary: { readonly canary: string; readonly baseline: string; readonly version: Version } | undefined;
}

export interface FoundGroup {
  readonly group: string;
  readonly version: Version | undefined;
  readonly size: Capacity;
  readonly isServing: boolean;
}

const foundGroup = ({ name, version, size, isServing }: ServerGroup): FoundGroup => ({
  group: name,
  version,
  size,
  isServing,
});

/** The clusters of a cluster's canary and baseline groups, as Spinnaker names them. */
export const trialCluster = (cluster: ClusterName, role: "canary" | "baseline"): ClusterName => ({
  ...cluster,
  detail: cluster.detail === undefined ? role : `${cluster.detail}-${role}`,
});

/**
 * What the rollout is about in a region that looks like that.
 *
 * @returns a sentence if it cannot be begun
 */
export function taskOf(
  spec: RolloutSpec,
  version: Version,
  kind: "rollout" | "rollback",
  hasCanary: boolean,
  seen: Observation,
): RegionTask | string {
  const servers = seen.groups
    .filter(({ role, isDeleting }) => role === "server" && !isDeleting)
    .toSorted((a, b) => b.createdAt - a.createdAt || (a.name < b.name ? 1 : -1));
  const kept = kind === "rollback" ? servers.find((group) => group.version?.id === version.id) : undefined;
  const active = servers.filter((group) => group !== kept && group.isServing && group.size.desired > 0);
  // The newest that serves; one that is marked is the one, whatever somebody started besides.
  const source = active.find(({ isPromoted }) => isPromoted) ?? active[0];
  const group = kept?.name ?? nextName(spec.cluster, seen);
  if (group === undefined) return `All 1000 numbers of ${clusterName(spec.cluster)} are taken.`;
  // A group that is gone back to, and is all that serves, stays as large as it is.
  const own = kept?.isServing === true && kept.size.desired > 0 ? kept.size : seen.capacity;
  const capacity = source?.size ?? own;
  let canary: RegionTask["canary"];
  if (hasCanary && source !== undefined) {
    const names = (["canary", "baseline"] as const).map((role) => nextName(trialCluster(spec.cluster, role), seen));
    const [canaryName, baselineName] = names;
    if (canaryName === undefined || baselineName === undefined) return "All 1000 numbers of its canaries are taken.";
    if (source.version === undefined)
      return `${source.name} tells no version, so that no baseline can be made of it: tag it with trysail:version and trysail:artifact, or roll out once without a canary.`;
    canary = { canary: canaryName, baseline: baselineName, version: source.version };
  }
  return {
    source: source && foundGroup(source),
    others: active.filter((one) => one !== source).map(foundGroup),
    target: { group, version, found: kept && foundGroup(kept) },
    capacity,
    canary,
  };
}

function nextName(cluster: ClusterName, { groups }: Observation): string | undefined {
  const name = clusterName(cluster);
  const own = groups.flatMap((group) => {
    const parsed = parseServerGroupName(group.name);
    return parsed?.sequence !== undefined && clusterName(parsed) === name
      ? [{ sequence: parsed.sequence, createdAt: group.createdAt }]
      : [];
  });
  const newest = own.toSorted((a, b) => b.createdAt - a.createdAt || b.sequence - a.sequence)[0];
  const sequence = nextSequence(newest?.sequence, new Set(own.map((one) => one.sequence)));
  return sequence === undefined ? undefined : serverGroupName(cluster, sequence);
}

/** What the region is to look like in a step. */
export function goalOf(spec: RolloutSpec, task: RegionTask, step: Step, seen: Observation): Goal {
  const { source, others, capacity } = task;
  const whole = capacity.desired;
  const previous = [...(source === undefined ? [] : [source]), ...others];
  const full = previous.map((found) => served(found, whole));
  const trial = step.kind === "canary" ? trialOf(spec, task, whole) : [];
  const absent = trialsIn(seen).filter((name) => trial.every(({ group }) => group !== name));
  const base = { absent, promoted: undefined };
  switch (step.kind) {
    case "canary":
      return { ...base, groups: [...full, ...trial] };
    case "end-canary":
      return { ...base, groups: full };
    case "grow":
    case "shift": {
      const instances = shareOf(step.percent, whole);
      const target = targetOf(task, instances);
      // While it grows, what was shifted before stays with it.
      const taken = step.kind === "grow" ? shareBefore(spec, step.percent, whole) : instances;
      return { ...base, groups: [...previous.map((found) => lessened(found, whole, taken)), target] };
    }
    case "promote":
      return { ...base, groups: [...previous.map(left(spec, whole)), released(task)], promoted: task.target.group };
    case "scale-down":
      return { ...base, groups: [...full.map(emptied), released(task)], promoted: task.target.group };
    case "clean-up":
      return {
        absent: [...absent, ...surplus(spec, task, seen)],
        groups: [released(task)],
        promoted: task.target.group,
      };
  }
}

/**
 * What the region is to look like when its part is undone: as it was found. What holds its size is let go last, when nothing
 * of the new version takes traffic any more.
 */
export function undoneGoal(task: RegionTask, seen: Observation): Goal {
  const { source, others, target, capacity } = task;
  const back = target.found;
  const now = seen.groups.find(({ name }) => name === target.group);
  const targetGoal: readonly GroupGoal[] =
    back === undefined || now === undefined
      ? []
      : [
          {
            group: target.group,
            role: "server",
            version: target.version,
            size: back.size.desired === 0 ? { kind: "zero" } : { kind: "released", size: back.size },
            traffic: back.isServing ? fullTraffic(back.size.desired, capacity.desired) : noTraffic,
            isAwaited: false,
          },
        ];
  const absent = [...trialsIn(seen), ...(back === undefined ? [target.group] : [])];
  const isGone = absent.every((name) => seen.groups.every((group) => group.name !== name || group.isDeleting));
  const isBack = isGone && (back === undefined || back.isServing || now?.isServing !== true);
  const previous = [...(source === undefined ? [] : [source]), ...others].map((found) => ({
    ...served(found, capacity.desired),
    isAwaited: true,
    ...(isBack ? { size: { kind: "released", size: found.size } as const } : {}),
  }));
  return { groups: [...previous, ...targetGoal], absent, promoted: source?.group };
}

/** What served before, at its size, which nothing makes smaller meanwhile. */
const served = ({ group, version, size }: FoundGroup, whole: number): GroupGoal => ({
  group,
  role: "server",
  version,
  size: { kind: "at-least", size: pinned(size) },
  traffic: fullTraffic(size.desired, whole),
  isAwaited: false,
});

const closed = (goal: GroupGoal): GroupGoal => ({ ...goal, traffic: noTraffic });
const emptied = (goal: GroupGoal): GroupGoal => ({ ...goal, traffic: noTraffic, size: { kind: "zero" } });

/** With traffic for the part of it that stands for the capacity which the new version does not have yet. */
function lessened(found: FoundGroup, whole: number, taken: number): GroupGoal {
  const goal = served(found, whole);
  if (taken === 0) return goal;
  const instances = Math.ceil((found.size.desired * (whole - taken)) / whole);
  return { ...goal, traffic: trafficOf(instances, whole) };
}

/** What the step before has shifted already. */
function shareBefore({ strategy }: RolloutSpec, percent: number, whole: number): number {
  if (strategy.type !== "rolling-red-black") return 0;
  const earlier = strategy.percentages.filter((one) => one < percent).at(-1);
  return earlier === undefined ? 0 : shareOf(earlier, whole);
}

function targetOf({ target, capacity }: RegionTask, instances: number): GroupGoal {
  const isWhole = instances >= capacity.desired;
  return {
    group: target.group,
    role: "server",
    version: target.version,
    size: { kind: "at-least", size: isWhole ? pinned(capacity) : exactly(instances) },
    traffic: fullTraffic(instances, capacity.desired),
    isAwaited: true,
  };
}

const released = (task: RegionTask): GroupGoal => ({
  ...targetOf(task, task.capacity.desired),
  size: { kind: "released", size: task.capacity },
});

/** What is left of an old group when the new one is promoted: with `none` it goes on serving. */
const left =
  ({ strategy }: RolloutSpec, whole: number) =>
  (found: FoundGroup): GroupGoal => {
    const goal = served(found, whole);
    return {
      ...(strategy.type === "none" ? goal : closed(goal)),
      size: { kind: "released", size: found.size },
    };
  };

function trialOf({ canary }: RolloutSpec, task: RegionTask, whole: number): readonly GroupGoal[] {
  if (canary === undefined || task.canary === undefined) return [];
  const { canary: canaryGroup, baseline, version } = task.canary;
  return (
    [
      [baseline, "baseline", version],
      [canaryGroup, "canary", task.target.version],
    ] as const
  ).map(([group, role, of]) => ({
    group,
    role,
    version: of,
    size: { kind: "at-least", size: exactly(canary.instances) },
    traffic: fullTraffic(canary.instances, whole),
    isAwaited: true,
  }));
}

const trialsIn = ({ groups }: Observation): readonly string[] =>
  groups.filter(({ role }) => role !== "server").map(({ name }) => name);

/**
 * Groups beyond those that are kept: what was replaced is kept first, then the newest. None that takes traffic or that no rollout
 * made. By age alone, the version that was gone back from would be kept, and not the one that served since.
 */
function surplus(
  { strategy }: RolloutSpec,
  { target, source, others }: RegionTask,
  { groups }: Observation,
): readonly string[] {
  const replaced = new Set([source, ...others].flatMap((found) => (found ? [found.group] : [])));
  return groups
    .filter((group) => group.role === "server" && group.name !== target.group && !group.isDeleting)
    .filter((group) => replaced.has(group.name) || (!group.isServing && group.version !== undefined))
    .toSorted((a, b) => Number(replaced.has(b.name)) - Number(replaced.has(a.name)) || b.createdAt - a.createdAt)
    .slice(strategy.keep)
    .map(({ name }) => name);
}
