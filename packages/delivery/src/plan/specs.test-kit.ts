import type { RolloutSpec } from "../spec/model.ts";
import { noLosses } from "./losses.ts";
import type { Instance, Observation, ServerGroup, Unreachable, Version } from "./model.ts";
import { planRegion } from "./region.ts";
import type { RegionContext, RegionPlan, RegionState, RunningRegion } from "./state.ts";
import type { RegionTask } from "./task.ts";

export const second = 1_000;
export const minute = 60 * second;

/** The two groups of most tests: what serves, and what is to replace it. */
export const oldGroup = "playback-prod-v000";
export const newGroup = "playback-prod-v001";
export const old: Version = { id: "old", artifact: "s3://builds/old.zip" };
export const fresh: Version = { id: "new", artifact: "s3://builds/new.zip" };
export const size = { min: 2, desired: 4, max: 8 };

type Parts = "strategy" | "guards" | "rollback" | "timeouts";
export type SpecGiven = Partial<Omit<RolloutSpec, Parts>> & { readonly [Part in Parts]?: Partial<RolloutSpec[Part]> };

/** A red/black rollout through two regions, one after the other, but for what is given. */
export function specWith({ strategy, guards, rollback, timeouts, ...given }: SpecGiven = {}): RolloutSpec {
  return {
    cluster: { app: "playback", stack: "prod", detail: undefined },
    fleetParameter: "/trysail/fleets/playback-prod",
    waves: [
      { regions: ["us-west-2"], bakeMs: 0 },
      { regions: ["us-east-1"], bakeMs: 0 },
    ],
    strategy: {
      type: "red-black",
      percentages: [100],
      pause: { kind: "time", ms: 0 },
      scaleDown: true,
      delayBeforeScaleDownMs: 0,
      keep: 1,
      ...strategy,
    },
    canary: undefined,
    analysis: [],
    alarms: [],
    windows: {},
    guards: { minimumHealthyPercent: 100, healthyPercent: 100, lostInstances: 2, ...guards },
    rollback: { automatic: true, order: "all-at-once", ...rollback },
    timeouts: { healthyMs: 30 * minute, promoteMs: 60 * minute, ...timeouts },
    whenBusy: "queue",
    ...given,
  };
}

/** One instance of each, compared for two minutes, judged after each. */
export const canary: NonNullable<RolloutSpec["canary"]> = {
  regions: ["us-west-2"],
  instances: 1,
  warmupMs: 0,
  lifetimeMs: 2 * minute,
  intervalMs: minute,
  lookbackMs: 0,
  judge: "scale-free",
  config: { metrics: [{ name: "errors", groups: ["all"] }], thresholds: { pass: 75, marginal: 50 } },
  queries: {},
};

/** A healthy instance that takes traffic, but for what is given. */
export const instanceWith = (id: string, given: Partial<Instance> = {}): Instance => ({
  id,
  lifecycle: "running",
  isRegistered: true,
  health: "healthy",
  ...given,
});

/** As many healthy instances as one says, `i-1` and so on. */
export const healthy = (count: number): readonly Instance[] =>
  Array.from({ length: count }, (_, index) => instanceWith(`i-${index + 1}`));

/** A group of healthy instances that serves; of the new version if it is the new group; but for what is given. */
export function groupWith(name: string, given: Partial<ServerGroup> = {}): ServerGroup {
  const sized = given.size ?? size;
  return {
    name,
    role: "server",
    version: name === newGroup ? fresh : old,
    createdAt: name === newGroup ? 2 : 1,
    size: sized,
    instances: healthy(sized.desired),
    isServing: true,
    weight: undefined,
    isDeleting: false,
    isPromoted: name === oldGroup,
    ...given,
  };
}

/** A group that is kept to go back to: without instances and traffic. */
export const keptGroup = (name: string, given: Partial<ServerGroup> = {}): ServerGroup =>
  groupWith(name, { size: { min: 0, desired: 0, max: 0 }, isServing: false, isPromoted: false, ...given });

export const seenWith = (groups: readonly ServerGroup[], given: Partial<Observation> = {}): Observation => ({
  kind: "seen",
  at: 0,
  traffic: "attachment",
  capacity: size,
  groups,
  alarms: [],
  ...given,
});

/** A region's part of a rollout: of the new version, from the old group on, but for what is given. */
export const taskWith = (given: Partial<RegionTask> = {}): RegionTask => ({
  source: { group: oldGroup, version: old, size, isServing: true },
  others: [],
  target: { group: newGroup, version: fresh, found: undefined },
  capacity: size,
  canary: undefined,
  ...given,
});

/** A region in the first step, begun at 0, with nothing known of its instances. */
export const runningWith = (given: Partial<RunningRegion> = {}): RunningRegion => ({
  phase: "running",
  task: taskWith(),
  step: 0,
  since: 0,
  reachedAt: undefined,
  isPromoted: false,
  watch: { losses: noLosses, scores: [], analysis: undefined },
  ...given,
});

export const contextWith = (spec: SpecGiven = {}, given: Partial<RegionContext> = {}): RegionContext => ({
  spec: specWith(spec),
  region: "us-west-2",
  version: fresh,
  kind: "rollout",
  isPaused: false,
  ...given,
});

/** What is planned for a region when all that is new is stored, as a worker does it. */
export function planned(
  context: RegionContext,
  before: RegionState,
  seen: Observation | Unreachable,
  now: number,
): RegionPlan {
  let plan = planRegion(context, before, seen, now);
  for (let state = before; plan.state !== state; plan = planRegion(context, state, seen, now)) state = plan.state;
  return plan;
}

export const silent = (given: Partial<Unreachable> = {}): Unreachable => ({
  kind: "unreachable",
  at: 0,
  code: "ServiceUnavailable",
  message: "EC2 is not available",
  isTransient: true,
  ...given,
});
