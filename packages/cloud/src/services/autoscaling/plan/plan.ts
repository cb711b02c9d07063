import type { Millis } from "@trysail/core";
import { planCapacity } from "./capacity.ts";
import { planInstance } from "./lifecycle.ts";
import { planRefresh } from "./refresh.ts";
import type { Seen } from "./seen.ts";
import { nothing, now, together } from "./step.ts";
import type { Plan } from "./step.ts";

/**
 * Everything that is to be done for a group now.
 *
 * How many instances there are to be is decided when what is known of each is settled, and a refresh goes on when their
 * number is right: each decision is made of the state that the one before has left.
 */
export function plan(seen: Seen, time: Millis): Plan {
  const { group, hooks, instances, launches } = seen;
  const ownSteps = together(...instances.map((instance) => planInstance(group, hooks, instance, time)));
  const begun = now(...launches.map((launch) => ({ do: "launch", launch }) as const));
  const first = together(begun, ownSteps);
  // Whether an instance is healthy decides how many are missing.
  if (ownSteps.steps.some((step) => step.do === "mark-unhealthy" || step.do === "abandon-launch")) return first;
  const capacity = planCapacity(seen, time);
  if (capacity.steps.length > 0) return together(first, capacity);
  return together(first, capacity, group.deleting ? nothing : planRefresh(seen, time));
}
