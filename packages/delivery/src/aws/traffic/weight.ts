import { createHash } from "node:crypto";
import {
  DeleteTargetGroupCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { TrysailError, type Millis } from "@trysail/core";
import type { RegionClients } from "../clients.ts";
import { isNamed } from "../failures.ts";
import type { ComputeGroup, Others, TrafficControl } from "../model.ts";
import { tagKeys } from "../tags.ts";
import { forwardOf, withWeight, type Weights } from "./forward.ts";
import { copyOf } from "./target-group.ts";
import { seenBy, targetsOf } from "./targets.ts";

const longestName = 32;

/** A target group's name for a server group's: AWS allows less in it, and fewer letters. */
export function targetGroupName(group: string): string {
  const hash = createHash("sha256").update(group).digest("hex").slice(0, 8);
  const readable = group
    .replaceAll(/[^a-zA-Z0-9-]/g, "-")
    .slice(-(longestName - hash.length - 1))
    .replace(/^-+/, "");
  return readable === "" ? hash : `${readable}-${hash}`;
}

export interface WeightFleet {
  readonly listener: string;
  readonly targetGroup: string;
}

/**
 * Each group has a target group of its own, made like the fleet's, and a listener's weights tell how much traffic it takes.
 *
 * The target group is in the listener while the group has instances, with weight 0 if it takes no traffic: only what is there
 * is health-checked. It is found by its name, which the group's name gives.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html
 */
export function weight(
  { loadBalancing }: RegionClients,
  cluster: string,
  fleet: WeightFleet,
  now: () => Millis,
): TrafficControl {
  const forward = forwardOf(loadBalancing, fleet.listener, now);

  /** The fleet's target group, unless a group that no rollout made serves in it: the changed one, or another. */
  const ownBeside = (changed: string, { seen }: Others): string | undefined =>
    changed === fleet.targetGroup || seen.some(({ targetGroups }) => targetGroups.includes(fleet.targetGroup))
      ? undefined
      : fleet.targetGroup;

  const set = (targetGroup: string, value: number | undefined, others: Others) =>
    forward.change((weights) => withWeight(weights, targetGroup, value, ownBeside(targetGroup, others)));

  async function find(group: string): Promise<string | undefined> {
    try {
      const { TargetGroups: [found] = [] } = await loadBalancing.send(
        new DescribeTargetGroupsCommand({ Names: [targetGroupName(group)] }),
      );
      return found?.TargetGroupArn;
    } catch (error) {
      if (isNamed(error, ...notFound)) return undefined;
      throw error;
    }
  }

  async function remove(targetGroup: string, others: Others): Promise<void> {
    await set(targetGroup, undefined, others);
    await loadBalancing.send(new DeleteTargetGroupCommand({ TargetGroupArn: targetGroup }));
  }

  /**
   * Removes target groups whose server group was never made, since its rollout was interrupted and then given up. They would
   * use up the listener's places.
   */
  async function tidy(weights: Weights, group: string, others: Others): Promise<void> {
    const isUsed = (arn: string, groups: readonly ComputeGroup[]) =>
      groups.some(({ targetGroups }) => targetGroups.includes(arn));
    const unused = [...weights].flatMap(([arn, value]) =>
      value > 0 || arn === fleet.targetGroup || isUsed(arn, others.seen) ? [] : [arn],
    );
    if (unused.length === 0) return;
    const { TagDescriptions = [] } = await loadBalancing.send(new DescribeTagsCommand({ ResourceArns: unused }));
    const now = await others.look();
    for (const { ResourceArn: arn = "", Tags = [] } of TagDescriptions) {
      const valueOf = (key: string) => Tags.find(({ Key }) => Key === key)?.Value;
      const isOurs = valueOf(tagKeys.cluster) === cluster && valueOf(tagKeys.serverGroup) !== group;
      if (isOurs && !isUsed(arn, now)) await remove(arn, others);
    }
  }

  const targetGroupOf = ({ name, targetGroups: [first] }: ComputeGroup): string => {
    if (first !== undefined) return first;
    throw new TrysailError(
      "no-target-group",
      `${name} has no target group of its own: it was not made by a rollout with weights.`,
      { fault: "user" },
    );
  };

  return {
    isDrainedByEmptying: true,

    async observe(groups) {
      const weights = await forward.read();
      return Promise.all(
        groups.map(async ({ instances, ...group }) => {
          const [arn] = group.targetGroups;
          const value = (arn === undefined ? undefined : weights.get(arn)) ?? 0;
          // What has no instances need not be asked for their health.
          const targets = arn === undefined || instances.length === 0 ? [] : [await targetsOf(loadBalancing, arn)];
          return {
            ...group,
            isServing: value > 0,
            weight: value,
            instances: instances.map((instance) => seenBy(targets, instance)),
          };
        }),
      );
    },

    async prepare(group, _, others) {
      const tags = { [tagKeys.cluster]: cluster, [tagKeys.serverGroup]: group };
      const arn = await copyOf(loadBalancing, fleet.targetGroup, targetGroupName(group), tags, await find(group));
      await tidy(await forward.read(), group, others);
      await forward.change((weights) => withWeight(weights, arn, weights.get(arn) ?? 0, ownBeside(arn, others)));
      return [arn];
    },

    async serve(group, action, others) {
      const isChecked = action.weight > 0 || group.size.desired > 0;
      await set(targetGroupOf(group), isChecked ? action.weight : undefined, others);
    },

    async resizing(group, { desired }, others) {
      const [arn] = group.targetGroups;
      if (arn === undefined || arn === fleet.targetGroup) return;
      await forward.change((weights) => {
        const value = weights.get(arn) ?? 0;
        if (value > 0) return weights;
        return withWeight(weights, arn, desired > 0 ? 0 : undefined, ownBeside(arn, others));
      });
    },

    async forget(group, others) {
      const arn = await find(group);
      if (arn !== undefined) await remove(arn, others);
    },

    measuredBy: (group) => ({ targetGroup: group?.targetGroups[0], listener: fleet.listener }),
  };
}

const notFound = ["TargetGroupNotFoundException", "TargetGroupNotFound"];
