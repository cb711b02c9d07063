import {
  AttachLoadBalancerTargetGroupsCommand,
  DetachLoadBalancerTargetGroupsCommand,
} from "@aws-sdk/client-auto-scaling";
import { DeregisterTargetsCommand, RegisterTargetsCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { RegionClients } from "../clients.ts";
import type { ComputeGroup, TrafficControl } from "../model.ts";
import { seenBy, targetsOf } from "./targets.ts";

/** Groups share target groups: one takes traffic while it is attached. */
export function attachment(clients: RegionClients, targetGroups: readonly string[]): TrafficControl {
  const { autoScaling, loadBalancing } = clients;

  async function setRegistered(group: ComputeGroup, instances: number | "all"): Promise<void> {
    for (const targetGroup of targetGroups) {
      const seen = await targetsOf(loadBalancing, targetGroup);
      const stateOf = (target: string) => seen.get(target)?.State ?? "";
      const isIn = (target: string) => /^(?:initial|healthy|unhealthy)$/.test(stateOf(target));
      const running = group.instances.flatMap(({ target, lifecycle }) =>
        target === undefined || lifecycle !== "running" ? [] : [target],
      );
      // Those that serve go on, the healthy ones first; then by id, so that each pass chooses the same.
      const rank = (target: string) => (stateOf(target) === "healthy" ? 0 : isIn(target) ? 1 : 2);
      const ordered = running.toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
      const chosen = new Set(ordered.slice(0, instances === "all" ? undefined : instances));
      const missing = running.filter((target) => chosen.has(target) && !isIn(target));
      const surplus = running.filter((target) => !chosen.has(target) && isIn(target));
      const of = (ids: readonly string[]) => ({ TargetGroupArn: targetGroup, Targets: ids.map((Id) => ({ Id })) });
      if (missing.length > 0) await loadBalancing.send(new RegisterTargetsCommand(of(missing)));
      // One that replaces such an instance is registered by Auto Scaling, and taken out again in the next pass.
      if (surplus.length > 0) await loadBalancing.send(new DeregisterTargetsCommand(of(surplus)));
    }
  }

  return {
    isDrainedByEmptying: false,

    async observe(groups) {
      const targets = await Promise.all(targetGroups.map((one) => targetsOf(loadBalancing, one)));
      return groups.map(({ instances, ...group }) => ({
        ...group,
        isServing: targetGroups.every((one) => group.targetGroups.includes(one)),
        weight: undefined,
        instances: instances.map((instance) => seenBy(targets, instance)),
      }));
    },

    prepare: (_, isServing) => Promise.resolve(isServing ? targetGroups : []),

    async serve(group, { instances }) {
      const ids = { AutoScalingGroupName: group.id, TargetGroupARNs: [...targetGroups] };
      if (instances === 0) {
        await autoScaling.send(new DetachLoadBalancerTargetGroupsCommand(ids));
        return;
      }
      const isAttached = targetGroups.every((one) => group.targetGroups.includes(one));
      if (!isAttached) await autoScaling.send(new AttachLoadBalancerTargetGroupsCommand(ids));
      await setRegistered(group, instances);
    },

    forget: () => Promise.resolve(),
  };
}
