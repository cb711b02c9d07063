import type { Observation, Unreachable } from "./model.ts";
import { newRollout, planRollout, type Rollout } from "./rollout.ts";
import {
  fresh,
  groupWith,
  keptGroup,
  minute,
  newGroup,
  oldGroup,
  runningWith,
  seenWith,
  specWith,
  taskWith,
  type SpecGiven,
} from "./specs.test-kit.ts";
import type { RegionState } from "./state.ts";

/** Looks at a region: before the rollout, after it, and with an alarm. */
export const serving = seenWith([groupWith(oldGroup)]);
export const swapped = seenWith([keptGroup(oldGroup), groupWith(newGroup, { isPromoted: true })]);
export const alarming = { ...swapped, alarms: ["errors"] };

/** A region in each of its states. */
export const pending: RegionState = { phase: "pending" };
const { watch } = runningWith();
export const succeeded = (at = 0): RegionState => ({ phase: "succeeded", task: taskWith(), at, watch });
export const undoing = (since = 0): RegionState => ({ phase: "undoing", task: taskWith(), reason: "code 500", since });
export const undone = (at = 0): RegionState => ({ phase: "undone", reason: "code 500", at, left: undefined });
export const halted = (given: { readonly task?: undefined } = {}): RegionState => ({
  phase: "halted",
  task: taskWith(),
  reason: "code 500",
  at: 0,
  left: "It does not answer",
  ...given,
});

/** One region first, then two. */
export const waves = [
  { regions: ["us-west-2"], bakeMs: 10 * minute },
  { regions: ["us-east-1", "eu-west-1"], bakeMs: 0 },
];

/** A rollout that goes on, with its regions in states, in the order west, east, Ireland. */
export function rolloutWith(
  [west, east = pending, ireland = pending]: readonly RegionState[],
  spec: SpecGiven = {},
  given: Partial<Rollout> = {},
): Rollout {
  const begun = newRollout({ id: "r1", kind: "rollout", spec: specWith({ waves, ...spec }), version: fresh }, 0);
  return {
    ...begun,
    status: "running",
    regions: { "us-west-2": west!, "us-east-1": east, "eu-west-1": ireland },
    ...given,
  };
}

type Looks = Readonly<Record<string, Observation | Unreachable>>;
export const everywhere = (seen: Observation | Unreachable): Looks =>
  Object.fromEntries(["us-west-2", "us-east-1", "eu-west-1"].map((region) => [region, seen]));

/** What is planned when all that is new is stored. */
export function settledPlan(before: Rollout, looks: Looks, now: number) {
  let plan = planRollout(before, looks, now);
  for (let rollout = before; plan.rollout !== rollout; plan = planRollout(rollout, looks, now)) rollout = plan.rollout;
  return plan;
}

/** The regions in which something is to be done. */
export const acting = (plan: { readonly actions: Readonly<Record<string, readonly unknown[]>> }) =>
  Object.keys(plan.actions).filter((region) => plan.actions[region]!.length > 0);
export const phases = ({ regions }: Rollout) => Object.values(regions).map(({ phase }) => phase);
