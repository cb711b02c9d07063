import type { Millis } from "@trysail/core";
import type { RegionContext, RegionPlan, RegionState } from "./state.ts";
import type { RegionTask } from "./task.ts";

/** A plan that does nothing but what is added, and what is waited for. */
export const say = (state: RegionState, waiting: string, rest: Partial<RegionPlan> = {}): RegionPlan => ({
  state,
  actions: [],
  questions: [],
  waiting,
  wakeAt: undefined,
  ...rest,
});

/** A region's state after a failure there: it goes back, or is left as the spec says. */
export function failed(context: RegionContext, task: RegionTask, reason: string, now: Millis): RegionPlan {
  const state: RegionState = context.spec.rollback.automatic
    ? { phase: "undoing", task, reason, since: now }
    : { phase: "halted", task, reason, at: now, left: "rollback.automatic is off: everything is left as it is." };
  return say(state, reason);
}
