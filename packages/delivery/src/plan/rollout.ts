import type { Millis } from "@trysail/core";
import type { RolloutSpec } from "../spec/model.ts";
import type { Action, Observation, Unreachable, Version } from "./model.ts";
import { answerRegion, planRegion } from "./region.ts";
import type { Answer, Question, RegionContext, RegionState } from "./state.ts";
import { stepAt, stepsOf } from "./steps.ts";
import { dueRegions, turnAtOf, undoingRegions } from "./waves.ts";

/** A version on its way through the regions. Plain data: the record that is stored. */
export interface Rollout {
  readonly id: string;
  /** A rollback puts back a group that is kept, where there is one. */
  readonly kind: "rollout" | "rollback";
  readonly spec: RolloutSpec;
  readonly version: Version;
  readonly createdAt: Millis;
  /** - `queued`: another rollout of the cluster goes on.
   *  - `halted`: it failed, and something is left that a person must look at. */
  readonly status: "queued" | "running" | "undoing" | "succeeded" | "undone" | "halted";
  /** What made it fail, or who; undefined as long as nothing did. */
  readonly reason: string | undefined;
  /** When the reason came up. */
  readonly failedAt: Millis | undefined;
  readonly endedAt: Millis | undefined;
  readonly isPaused: boolean;
  /** Whether a person let the next wave begin before the bake time is over; taken back when all of it has begun. */
  readonly isPromoted: boolean;
  readonly regions: Readonly<Record<string, RegionState>>;
}

export const isOver = ({ status }: Rollout): boolean =>
  status === "succeeded" || status === "undone" || status === "halted";

/** A rollout that waits for its turn. */
export function newRollout(about: Pick<Rollout, "id" | "kind" | "spec" | "version">, now: Millis): Rollout {
  const regions = about.spec.waves.flatMap((wave) => wave.regions);
  return {
    ...about,
    createdAt: now,
    status: "queued",
    reason: undefined,
    failedAt: undefined,
    endedAt: undefined,
    isPaused: false,
    isPromoted: false,
    regions: Object.fromEntries(regions.map((region) => [region, { phase: "pending" } as const])),
  };
}

/** What one pass says. Either the rollout is another one, and is stored first, or there is something to do. */
export interface RolloutPlan {
  readonly rollout: Rollout;
  /** By region. */
  readonly actions: Readonly<Record<string, readonly Action[]>>;
  readonly questions: Readonly<Record<string, readonly Question[]>>;
  /** By region, for people; the key is empty for what all wait for. */
  readonly waiting: Readonly<Record<string, string>>;
  readonly wakeAt: Millis | undefined;
}

type Observations = Readonly<Record<string, Observation | Unreachable>>;

/** Regions that must be looked at for the next pass. */
export function regionsToSee(rollout: Rollout, now: Millis): readonly string[] {
  if (rollout.status !== "running" && rollout.status !== "undoing") return [];
  const due = new Set(dueRegions(rollout, now).regions);
  return Object.entries(rollout.regions).flatMap(([region, { phase }]) =>
    phase === "running" || phase === "undoing" || phase === "succeeded" || (phase === "pending" && due.has(region))
      ? [region]
      : [],
  );
}

/**
 * The next of a rollout: the regions of a wave side by side, a barrier and a bake time between waves; the first failure
 * anywhere stops all, and undoes what went out. Pure.
 */
export function planRollout(rollout: Rollout, observations: Observations, now: Millis): RolloutPlan {
  if (rollout.status !== "running" && rollout.status !== "undoing") return idle(rollout, { "": statusText(rollout) });
  const due = dueRegions(rollout, now);
  const forward = new Set(rollout.status === "running" ? due.regions : []);
  const backward = new Set(undoingRegions(rollout));
  const regions: Record<string, RegionState> = { ...rollout.regions };
  const actions: Record<string, readonly Action[]> = {};
  const questions: Record<string, readonly Question[]> = {};
  const waiting: Record<string, string> = due.waiting === undefined ? {} : { "": due.waiting };
  const wakes: (Millis | undefined)[] = [due.wakeAt];
  for (const [region, state] of Object.entries(rollout.regions)) {
    const seen = observations[region];
    if (state.phase === "pending" && !forward.has(region)) continue;
    if (state.phase === "undoing" && !backward.has(region)) {
      waiting[region] = "the regions that are undone before it";
      continue;
    }
    if (seen === undefined) continue;
    const plan = planRegion(contextOf(rollout, region), state, seen, now);
    regions[region] = plan.state;
    actions[region] = plan.actions;
    questions[region] = plan.questions;
    waiting[region] = plan.waiting;
    wakes.push(plan.wakeAt);
  }
  const next = settled({ ...rollout, regions }, now);
  if (!isSame(next, rollout)) return idle(next, waiting);
  return { rollout, actions, questions, waiting, wakeAt: earliest(wakes) };
}

/** With another state nothing is done: it is stored first. */
const idle = (rollout: Rollout, waiting: Readonly<Record<string, string>>): RolloutPlan => ({
  rollout,
  actions: {},
  questions: {},
  waiting,
  wakeAt: undefined,
});

export const contextOf = (rollout: Rollout, region: string): RegionContext => ({
  spec: rollout.spec,
  region,
  version: rollout.version,
  kind: rollout.kind,
  isPaused: rollout.isPaused,
  turnAt: turnAtOf(rollout, region),
});

/** What follows for the whole from how its regions are. */
function settled(rollout: Rollout, now: Millis): Rollout {
  const states = Object.entries(rollout.regions);
  const phases = new Set(states.map(([, { phase }]) => phase));
  if (rollout.status === "running") {
    const bad = states.find(([, { phase }]) => phase === "undoing" || phase === "undone" || phase === "halted");
    if (bad !== undefined) {
      const [region, state] = bad;
      return stopped(rollout, `${region}: ${"reason" in state ? state.reason : "failed"}`, now);
    }
    if (phases.size === 1 && phases.has("succeeded")) return { ...rollout, status: "succeeded", endedAt: now };
    // A region that cannot begin yet is not to fall back into the bake time.
    const hasBegun = dueRegions(rollout, now).regions.every((region) => rollout.regions[region]?.phase !== "pending");
    return rollout.isPromoted && hasBegun ? { ...rollout, isPromoted: false } : rollout;
  }
  if (phases.has("undoing") || rollout.status !== "undoing") return rollout;
  return { ...rollout, status: phases.has("halted") ? "halted" : "undone", endedAt: now };
}

/** Nothing goes on, and what went out is undone. */
function stopped(rollout: Rollout, reason: string, now: Millis): Rollout {
  const { automatic } = rollout.spec.rollback;
  const regions = Object.fromEntries(
    Object.entries(rollout.regions).map(([region, state]): [string, RegionState] => {
      if (state.phase !== "running" && state.phase !== "succeeded") return [region, state];
      const { task } = state;
      if (automatic) return [region, { phase: "undoing", task, reason, since: now }];
      // What has succeeded is whole, and stays.
      if (state.phase === "succeeded") return [region, state];
      return [
        region,
        { phase: "halted", task, reason, at: now, left: "rollback.automatic is off: it is left as it is." },
      ];
    }),
  );
  return settled(
    {
      ...rollout,
      regions,
      status: "undoing",
      reason: rollout.reason ?? reason,
      failedAt: rollout.failedAt ?? now,
      endedAt: undefined,
    },
    now,
  );
}

/** What a person, or a pipeline, wants of a rollout that goes on. */
export type Command =
  | { readonly kind: "pause" | "resume" | "promote" }
  /** Undoes all that it changed; one that is halted, again. */
  | { readonly kind: "abort"; readonly reason: string };

/**
 * The rollout after a command.
 *
 * @returns a sentence if the command has no meaning now
 */
export function commanded(rollout: Rollout, command: Command, now: Millis): Rollout | string {
  const { id, status } = rollout;
  if (command.kind === "abort") return aborted(rollout, command.reason, now);
  if (status !== "running" && status !== "queued")
    return `${id} is ${statusText(rollout)}: there is nothing to ${command.kind}.`;
  switch (command.kind) {
    case "pause":
      return { ...rollout, isPaused: true };
    case "resume":
      return resumed(rollout, now);
    case "promote":
      return promoted(rollout, now);
  }
}

/** A step that was held up in its changes has its whole time again. */
function resumed(rollout: Rollout, now: Millis): Rollout {
  if (!rollout.isPaused) return rollout;
  const regions = Object.fromEntries(
    Object.entries(rollout.regions).map(([region, state]): [string, RegionState] =>
      state.phase === "running" && state.reachedAt === undefined ? [region, { ...state, since: now }] : [region, state],
    ),
  );
  return { ...rollout, regions, isPaused: false };
}

/** Ends the pauses that go on, or the bake time. A canary is not cut short: its judgement says when it is over. */
function promoted(rollout: Rollout, now: Millis): Rollout | string {
  let isAny = false;
  const regions = Object.fromEntries(
    Object.entries(rollout.regions).map(([region, state]): [string, RegionState] => {
      if (state.phase !== "running" || state.reachedAt === undefined) return [region, state];
      if (stepAt(stepsOf(rollout.spec, region, rollout.kind), state.step).kind === "canary") return [region, state];
      isAny = true;
      return [region, { ...state, isPromoted: true }];
    }),
  );
  if (isAny) return { ...rollout, regions };
  if (dueRegions(rollout, now).wakeAt !== undefined) return { ...rollout, isPromoted: true };
  return `${rollout.id} waits for nothing that could be promoted.`;
}

function aborted(rollout: Rollout, reason: string, now: Millis): Rollout | string {
  switch (rollout.status) {
    case "queued":
      return { ...rollout, status: "undone", reason, failedAt: now, endedAt: now };
    case "running":
      return backward(rollout, reason, now);
    case "halted":
      return backward(rollout, rollout.reason ?? reason, now);
    case "undoing":
      return rollout;
    case "succeeded":
    case "undone":
      return `${rollout.id} is ${statusText(rollout)}: there is nothing to abort. To go back to an earlier version: trysail rollout rollback.`;
  }
}

/** All regions that were changed go back, whatever `rollback.automatic` says. */
function backward(rollout: Rollout, reason: string, now: Millis): Rollout {
  const regions = Object.fromEntries(
    Object.entries(rollout.regions).map(([region, state]): [string, RegionState] =>
      "task" in state && state.task !== undefined && state.phase !== "undoing"
        ? [region, { phase: "undoing", task: state.task, reason, since: now }]
        : [region, state],
    ),
  );
  return settled(
    { ...rollout, regions, status: "undoing", reason, failedAt: rollout.failedAt ?? now, endedAt: undefined },
    now,
  );
}

/** The rollout after what was found out for one of its regions. */
export function answered(rollout: Rollout, region: string, answer: Answer, now: Millis): Rollout {
  const state = rollout.regions[region];
  // It may have come to its end while that was found out.
  if (state === undefined || isOver(rollout)) return rollout;
  const after = answerRegion(contextOf(rollout, region), state, answer, now);
  return after === state ? rollout : settled({ ...rollout, regions: { ...rollout.regions, [region]: after } }, now);
}

/** For people. */
export function statusText({ status }: Rollout): string {
  const texts = {
    queued: "waiting for its turn",
    running: "running",
    undoing: "being undone",
    succeeded: "done",
    undone: "undone",
    halted: "halted",
  } as const;
  return texts[status];
}

const isSame = (one: Rollout, other: Rollout): boolean =>
  one.status === other.status &&
  one.isPromoted === other.isPromoted &&
  Object.entries(one.regions).every(([region, state]) => other.regions[region] === state);

const earliest = (times: readonly (Millis | undefined)[]): Millis | undefined => {
  const all = times.filter((time) => time !== undefined);
  return all.length === 0 ? undefined : Math.min(...all);
};
