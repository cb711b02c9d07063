import type { Capacity } from "../fleet/model.ts";
import { type Goal, type GroupGoal, type TrafficGoal } from "./goal.ts";
import { inTraffic, lackOf, readyIn, serving, servingIn, shareOf } from "./health.ts";
import type { Action, Observation, ServerGroup } from "./model.ts";

/** What is never gone below on the way. */
export interface Limits {
  /** Healthy instances that serve after each change that takes some from traffic. */
  readonly floor: number;
  /** Of what a group is to serve with, before anything is taken from another. */
  readonly healthyPercent: number;
}

/**
 * - `acting`: these changes come next; then look again.
 * - `waiting`: for what time brings.
 * - `guarded`: what comes next would leave too few that serve.
 */
export type Progress =
  | { readonly kind: "acting"; readonly actions: readonly Action[] }
  | { readonly kind: "waiting" | "guarded"; readonly for: string }
  | { readonly kind: "reached" };

/**
 * What to do next on the way from what is to what is to be, the same for every strategy and for the way back:
 *
 * 1. what is missing is made, and what is too small grows
 * 2. what is to take traffic gets it; with weights, once it is healthy
 * 3. **only when all that is to serve is healthy**, traffic is taken from what is not to, never below the floor
 * 4. only when that is drained, it shrinks or is deleted
 * 5. the mark of the version that the cluster runs moves, first away, then there
 *
 * Pure, and level-triggered: after an interruption it goes on from what is there.
 */
export function toward(goal: Goal, seen: Observation, limits: Limits): Progress {
  return (
    growing(goal, seen) ??
    opening(goal, seen, limits) ??
    unhealthy(goal, seen, limits) ??
    closing(goal, seen, limits) ??
    draining(goal, seen) ??
    shrinking(goal, seen, limits) ??
    marking(goal, seen) ?? { kind: "reached" }
  );
}

const acting = (actions: readonly Action[]): Progress | undefined =>
  actions.length === 0 ? undefined : { kind: "acting", actions };

const found = (seen: Observation, name: string): ServerGroup | undefined =>
  seen.groups.find((group) => group.name === name);

/** Goals with the groups that are there. */
function pairs(goal: Goal, seen: Observation): readonly (readonly [GroupGoal, ServerGroup])[] {
  return goal.groups.flatMap((wanted) => {
    const group = found(seen, wanted.group);
    return group === undefined || group.isDeleting ? [] : [[wanted, group] as const];
  });
}

function growing(goal: Goal, seen: Observation): Progress | undefined {
  const gone = goal.groups.filter(({ group, size }) => found(seen, group) === undefined && size.kind !== "zero");
  const lost = gone.find(({ version }) => version === undefined);
  if (lost !== undefined)
    return { kind: "waiting", for: `${lost.group} is gone, and tells no version of which it could be made again` };
  const made = gone.flatMap(({ group, role, version, size, traffic }): readonly Action[] =>
    version === undefined || size.kind === "zero"
      ? []
      : [{ kind: "create", group, role, version, size: size.size, isServing: traffic.instances !== 0 }],
  );
  const grown = pairs(goal, seen).flatMap(([{ group, size: wanted }, { size }]): readonly Action[] => {
    if (wanted.kind === "zero") return [];
    const { min, desired, max } = wanted.size;
    const larger: Capacity =
      wanted.kind === "at-least"
        ? { min: Math.max(min, size.min), desired: Math.max(desired, size.desired), max: Math.max(max, size.max) }
        : { ...size, desired: Math.max(min, size.desired), max: Math.max(max, size.max) };
    return isSame(larger, size) ? [] : [{ kind: "resize", group, size: larger }];
  });
  return acting([...made, ...grown]) ?? awaitedDeletion(goal, seen);
}

function awaitedDeletion(goal: Goal, seen: Observation): Progress | undefined {
  const group = goal.groups.find((wanted) => wanted.size.kind !== "zero" && found(seen, wanted.group)?.isDeleting);
  return group && { kind: "waiting", for: `an earlier ${group.group} is still being deleted` };
}

function opening(goal: Goal, seen: Observation, { healthyPercent }: Limits): Progress | undefined {
  if (seen.traffic === "none") return undefined;
  return acting(
    pairs(goal, seen).flatMap(([wanted, group]): readonly Action[] => {
      const { traffic } = wanted;
      if (!isBelow(group, traffic, seen.traffic)) return [];
      // With attachment the balancer looks at nothing that it does not send to.
      if (seen.traffic === "weight" && readyIn(group) < shareOf(healthyPercent, countOf(wanted, group))) return [];
      return [{ kind: "serve", group: group.name, ...traffic }];
    }),
  );
}

/** The gate: nothing is taken from traffic while what is to serve is not healthy. */
function unhealthy(goal: Goal, seen: Observation, { healthyPercent }: Limits): Progress | undefined {
  const lacks = pairs(goal, seen).flatMap(([wanted, group]) => {
    if (!wanted.isAwaited) return [];
    const needed = shareOf(healthyPercent, countOf(wanted, group));
    return readyIn(group) >= needed ? [] : [lackOf(group, needed)];
  });
  return lacks.length === 0 ? undefined : { kind: "waiting", for: lacks.join(", ") };
}

function closing(goal: Goal, seen: Observation, { floor }: Limits): Progress | undefined {
  if (seen.traffic === "none") return undefined;
  const closed = pairs(goal, seen).filter(([{ traffic }, group]) => isAbove(group, traffic, seen.traffic));
  const removed = goal.absent
    .map((name) => found(seen, name))
    .filter((group) => group !== undefined && !group.isDeleting && group.isServing) as readonly ServerGroup[];
  const before = serving(seen);
  let after = before;
  const actions: Action[] = [];
  const refused: string[] = [];
  for (const { group, traffic } of [
    ...removed.map((group) => ({ group, traffic: { instances: 0, weight: 0 } as TrafficGoal })),
    ...closed.map(([{ traffic }, group]) => ({ group, traffic })),
  ]) {
    const left = after - lossOf(group, traffic, seen.traffic);
    if (left < after && left < floor) refused.push(group.name);
    else {
      after = left;
      actions.push({ kind: "serve", group: group.name, ...traffic });
    }
  }
  if (actions.length > 0) return { kind: "acting", actions };
  if (refused.length === 0) return undefined;
  return {
    kind: "guarded",
    for: `${refused.join(" and ")} cannot be taken from traffic: of ${before} healthy instances at least ${floor} must go on serving`,
  };
}

/** How many healthy instances serve less. */
function lossOf(group: ServerGroup, traffic: TrafficGoal, by: Observation["traffic"]): number {
  const healthy = servingIn(group);
  if (traffic.instances === 0) return healthy;
  return by === "weight" || traffic.instances === "all" ? 0 : Math.max(0, healthy - traffic.instances);
}

function draining(goal: Goal, seen: Observation): Progress | undefined {
  if (seen.traffic === "none") return undefined;
  const leaving = [
    ...goal.absent,
    ...goal.groups.filter(({ traffic }) => traffic.instances === 0).map(({ group }) => group),
  ];
  const busy = leaving
    .map((name) => found(seen, name))
    .filter((group) => group !== undefined && !group.isDeleting && inTraffic(group) > 0) as readonly ServerGroup[];
  if (busy.length === 0) return undefined;
  return { kind: "waiting", for: `${busy.map(({ name }) => name).join(" and ")} to end the requests that it has` };
}

function shrinking(goal: Goal, seen: Observation, { floor }: Limits): Progress | undefined {
  const shrunk = pairs(goal, seen).flatMap(([{ group, size: wanted }, { size }]): readonly Action[] => {
    if (wanted.kind === "at-least") return [];
    const smaller: Capacity =
      wanted.kind === "zero"
        ? { min: 0, desired: 0, max: 0 }
        : { min: wanted.size.min, desired: size.desired, max: Math.max(wanted.size.max, size.desired) };
    return isSame(smaller, size) ? [] : [{ kind: "resize", group, size: smaller }];
  });
  const deleted = goal.absent
    .filter((name) => found(seen, name)?.isDeleting === false)
    .map((group): Action => ({ kind: "delete", group }));
  const actions = [...shrunk, ...deleted];
  // Without a balancer an instance serves as long as it is there: what ends it is what takes it from traffic.
  const ended = new Set(actions.flatMap((action) => (endsAll(action) ? [action.group] : [])));
  const after = seen.groups.reduce((sum, group) => sum + (ended.has(group.name) ? 0 : servingIn(group)), 0);
  if (after < serving(seen) && after < floor)
    return {
      kind: "guarded",
      for: `${[...ended].join(" and ")} cannot be ended: at least ${floor} must go on serving`,
    };
  return acting(actions);
}

const endsAll = (action: Action): boolean =>
  action.kind === "delete" || (action.kind === "resize" && action.size.desired === 0);

function marking({ promoted }: Goal, seen: Observation): Progress | undefined {
  if (promoted === undefined) return undefined;
  const others = seen.groups.filter((group) => group.isPromoted && group.name !== promoted && !group.isDeleting);
  if (others.length > 0) return acting(others.map(({ name: group }): Action => ({ kind: "demote", group })));
  return found(seen, promoted)?.isPromoted === false ? acting([{ kind: "promote", group: promoted }]) : undefined;
}

const isSame = (one: Capacity, other: Capacity): boolean =>
  one.min === other.min && one.desired === other.desired && one.max === other.max;

/** How many instances a group is to serve with. */
function countOf({ size, traffic }: GroupGoal, group: ServerGroup): number {
  if (traffic.instances !== "all") return traffic.instances;
  return size.kind === "at-least" ? size.size.desired : group.size.desired;
}

function registeredIn(group: ServerGroup): number {
  return group.instances.filter(({ isRegistered, lifecycle }) => isRegistered && lifecycle !== "ending").length;
}

const runningIn = (group: ServerGroup): number =>
  group.instances.filter(({ lifecycle }) => lifecycle === "running").length;

function isBelow(group: ServerGroup, traffic: TrafficGoal, by: Observation["traffic"]): boolean {
  if (traffic.instances === 0) return false;
  if (by === "weight") return (group.weight ?? 0) < traffic.weight;
  if (!group.isServing) return true;
  // Auto Scaling itself registers those that are still starting.
  return registeredIn(group) < Math.min(runningIn(group), traffic.instances === "all" ? Infinity : traffic.instances);
}

function isAbove(group: ServerGroup, traffic: TrafficGoal, by: Observation["traffic"]): boolean {
  if (by === "weight") return (group.weight ?? 0) > traffic.weight;
  if (traffic.instances === "all") return false;
  return group.isServing && (traffic.instances === 0 || registeredIn(group) > traffic.instances);
}
