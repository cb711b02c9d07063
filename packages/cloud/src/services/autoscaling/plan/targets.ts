import type { Millis } from "@trysail/core";
import { isSuspended } from "../model/group.ts";
import type { Group } from "../model/group.ts";
import { isDead } from "../model/instance.ts";
import type { GroupInstance } from "../model/instance.ts";
import { later, nothing, now, together } from "./step.ts";
import type { Plan } from "./step.ts";

/** Brings an instance in service into all target groups of its group, and out of those that it has left. */
export function planTargets(group: Group, instance: GroupInstance, time: Millis): Plan {
  const missing = group.targetGroups.filter((arn) => instance.targets[arn] === undefined);
  const left = Object.keys(instance.targets).filter((arn) => !group.targetGroups.includes(arn));
  return together(
    missing.length === 0 ? nothing : now({ do: enter(group), instance, targetGroups: missing }),
    left.length === 0 ? nothing : leave(instance, left, time).plan,
  );
}

function enter(group: Group): "register" | "skip" {
  // As in AWS, instances that come into service meanwhile are not registered when the process is resumed.
  return isSuspended(group, "AddToLoadBalancer") ? "skip" : "register";
}

/**
 * Takes an instance out of target groups, and waits until its last requests have been answered.
 *
 * @returns whether it has left them all
 */
export function leave(
  instance: GroupInstance,
  targetGroups: readonly string[],
  time: Millis,
): { readonly plan: Plan; readonly left: boolean } {
  const entries = targetGroups.map((arn) => ({ arn, state: instance.targets[arn] ?? "skipped" }));
  const inside = entries.filter(({ state }) => state !== "skipped");
  const isLeaving = ({ state }: (typeof entries)[number]) => state === "draining" || state === "unhealthy.draining";
  const staying = inside.filter((entry) => !isLeaving(entry)).map(({ arn }) => arn);
  if (staying.length > 0) return { plan: now({ do: "deregister", instance, targetGroups: staying }), left: false };
  const leaving = inside.map(({ arn }) => arn);
  // What is dead answers nothing: there is no request to wait for.
  if (leaving.length === 0 || isDead(instance)) return { plan: nothing, left: true };
  if (time >= instance.lookAt)
    return { plan: now({ do: "look-at-targets", instance, targetGroups: leaving }), left: false };
  return { plan: later(instance.lookAt), left: false };
}
