import { createHash } from "node:crypto";
import {
  CreateTargetGroupCommand,
  DeleteTargetGroupCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ModifyTargetGroupAttributesCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { TrysailError } from "@trysail/core";
import type { RegionClients } from "../clients.ts";
import { isNamed } from "../failures.ts";
import type { ComputeGroup, TrafficControl } from "../model.ts";
import { forwardOf, withWeight } from "./forward.ts";
import { seenBy, targetsOf } from "./targets.ts";

const longestName = 32;

/** A target group's name for a server group's: AWS allows less in it, and fewer letters. */
export function targetGroupName(group: string): string {
  const hash = createHash("sha256").update(group).digest("hex").slice(0, 8);
  const readable = group
    .replaceAll(/[^a-zA-Z0-9-]/g, "-")
    .slice(-(longestName - hash.length - 1))
    .replace(/^-+/, "");
  return `${readable}-${hash}`;
}

/**
 * Each group has a target group of its own, made like the fleet's, and a listener's weights tell how much traffic it takes.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html
 */
export function weight(
  { loadBalancing }: RegionClients,
  fleet: { readonly listener: string; readonly targetGroup: string },
): TrafficControl {
  const forward = forwardOf(loadBalancing, fleet.listener);
  const own = fleet.targetGroup;

  async function setWeight(targetGroup: string, value: number, keep: boolean): Promise<void> {
    const before = await forward.read();
    const after = withWeight(before, targetGroup, value, { own, keep });
    const isSame = before.size === after.size && [...after].every(([arn, one]) => before.get(arn) === one);
    if (!isSame) await forward.write(after);
  }

  async function find(group: string): Promise<string | undefined> {
    try {
      const { TargetGroups: [found] = [] } = await loadBalancing.send(
        new DescribeTargetGroupsCommand({ Names: [targetGroupName(group)] }),
      );
      return found?.TargetGroupArn;
    } catch (error) {
      if (isNamed(error, "TargetGroupNotFoundException", "TargetGroupNotFound")) return undefined;
      throw error;
    }
  }

  const targetGroupOf = ({ name, targetGroups }: ComputeGroup): string => {
    const [first] = targetGroups;
    if (first === undefined)
      throw new TrysailError(
        "no-target-group",
        `${name} has no target group of its own: it was not made by a rollout with weights.`,
        {
          fault: "user",
        },
      );
    return first;
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

    async prepare(group) {
      const existing = await find(group);
      const arn = existing ?? (await copyOf(loadBalancing, own, targetGroupName(group)));
      await setWeight(arn, (await forward.read()).get(arn) ?? 0, true);
      return [arn];
    },

    async serve(group, action) {
      await setWeight(targetGroupOf(group), action.weight, false);
    },

    async forget(group) {
      const arn = await find(group);
      if (arn === undefined) return;
      await setWeight(arn, 0, false);
      await loadBalancing.send(new DeleteTargetGroupCommand({ TargetGroupArn: arn }));
    },
  };
}

/** A target group with another one's settings, health check and attributes. */
async function copyOf(loadBalancing: RegionClients["loadBalancing"], source: string, name: string): Promise<string> {
  const { TargetGroups: [like] = [] } = await loadBalancing.send(
    new DescribeTargetGroupsCommand({ TargetGroupArns: [source] }),
  );
  const { Attributes = [] } = await loadBalancing.send(
    new DescribeTargetGroupAttributesCommand({ TargetGroupArn: source }),
  );
  if (like === undefined)
    throw new TrysailError("no-target-group", `There is no target group ${source}.`, { fault: "user" });
  const { TargetGroups: [made] = [] } = await loadBalancing.send(
    new CreateTargetGroupCommand({
      Name: name,
      Protocol: like.Protocol,
      ProtocolVersion: like.ProtocolVersion,
      Port: like.Port,
      VpcId: like.VpcId,
      TargetType: like.TargetType,
      IpAddressType: like.IpAddressType,
      HealthCheckProtocol: like.HealthCheckProtocol,
      HealthCheckPort: like.HealthCheckPort,
      HealthCheckEnabled: like.HealthCheckEnabled,
      HealthCheckPath: like.HealthCheckPath,
      HealthCheckIntervalSeconds: like.HealthCheckIntervalSeconds,
      HealthCheckTimeoutSeconds: like.HealthCheckTimeoutSeconds,
      HealthyThresholdCount: like.HealthyThresholdCount,
      UnhealthyThresholdCount: like.UnhealthyThresholdCount,
      Matcher: like.Matcher,
    }),
  );
  const arn = made?.TargetGroupArn;
  if (arn === undefined)
    throw new TrysailError(
      "answer-without-name",
      "Elastic Load Balancing tells no ARN of the target group that it made.",
    );
  if (Attributes.length > 0)
    await loadBalancing.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: arn, Attributes }));
  return arn;
}
