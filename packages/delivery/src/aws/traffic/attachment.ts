import { AttachLoadBalancerTargetGroupsCommand, UpdateAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import { DeregisterTargetsCommand, RegisterTargetsCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { detachTargetGroups } from "../auto-scaling/target-groups.ts";
import type { RegionClients } from "../clients.ts";
import type { ComputeGroup, TrafficControl } from "../model.ts";
import { seenBy, targetsOf } from "./targets.ts";

/**
 * Groups share target groups: one takes traffic while it is attached.
 *
 * A group that serves with some of its instances only is attached, and the others are taken out one by one. What that means
 * to Auto Scaling:
 *
 * - It registers an instance once, when that is launched or the group is attached: what was taken out stays out.
 * - Where the balancer judges, an instance that is not registered any more "can be terminated and replaced". So the balancer
 *   does not judge the group meanwhile: only what EC2 itself finds broken is replaced.
 * - An instance that replaces another is registered. Where that is one too many, the next pass takes one out again.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
 */
export function attachment(clients: RegionClients, targetGroups: readonly string[]): TrafficControl {
  const { autoScaling, loadBalancing } = clients;

  async function setRegistered(group: ComputeGroup, instances: number | "all"): Promise<void> {
    const running = group.instances.flatMap(({ target, lifecycle }) =>
      target === undefined || lifecycle !== "running" ? [] : [target],
    );
    const count = instances === "all" ? running.length : Math.min(instances, running.length);
    // First, in both directions: what is interrupted after it is repeated, since the targets are not yet as they should be.
    await setJudge(group, count === running.length);
    for (const targetGroup of targetGroups) {
      const seen = await targetsOf(loadBalancing, targetGroup);
      const stateOf = (target: string) => seen.get(target)?.State ?? "";
      const isIn = (target: string) => isRegisteredState(stateOf(target));
      // Those that serve go on, the healthy ones first; then by id, so that each pass chooses the same.
      const rank = (target: string) => (stateOf(target) === "healthy" ? 0 : isIn(target) ? 1 : 2);
      const ordered = running.toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
      const chosen = new Set(ordered.slice(0, count));
      const missing = running.filter((target) => chosen.has(target) && !isIn(target));
      const surplus = running.filter((target) => !chosen.has(target) && isIn(target));
      const of = (ids: readonly string[]) => ({ TargetGroupArn: targetGroup, Targets: ids.map((Id) => ({ Id })) });
      if (missing.length > 0) await loadBalancing.send(new RegisterTargetsCommand(of(missing)));
      if (surplus.length > 0) await loadBalancing.send(new DeregisterTargetsCommand(of(surplus)));
    }
  }

  async function setJudge({ id, isJudgedByBalancer }: ComputeGroup, isByBalancer: boolean): Promise<void> {
    if (isJudgedByBalancer === isByBalancer) return;
    const HealthCheckType = isByBalancer ? "ELB" : "EC2";
    await autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: id, HealthCheckType }));
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
      const attached = targetGroups.filter((one) => group.targetGroups.includes(one));
      if (instances === 0) {
        await detachTargetGroups(autoScaling, group.id, attached);
        return;
      }
      if (attached.length < targetGroups.length)
        await autoScaling.send(
          new AttachLoadBalancerTargetGroupsCommand({
            AutoScalingGroupName: group.id,
            TargetGroupARNs: [...targetGroups],
          }),
        );
      await setRegistered(group, instances);
    },

    resizing: () => Promise.resolve(),
    forget: () => Promise.resolve(),
    measuredBy: () => ({ targetGroup: targetGroups[0], listener: undefined }),
  };
}

/** Whether requests are sent to it, or would be if it were healthy. */
const isRegisteredState = (state: string): boolean => /^(?:initial|healthy|unhealthy|unused|unavailable)$/.test(state);
