import {
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
  type TargetHealth,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Instance } from "../../plan/model.ts";
import { isNamed } from "../failures.ts";
import type { ComputeInstance } from "../model.ts";

/** What a target group says of its targets, by their ids. */
export type Targets = ReadonlyMap<string, TargetHealth>;

/** Empty for a target group that is not there. */
export async function targetsOf(loadBalancing: ElasticLoadBalancingV2Client, targetGroup: string): Promise<Targets> {
  try {
    const { TargetHealthDescriptions: all = [] } = await loadBalancing.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: targetGroup }),
    );
    return new Map(all.map(({ Target, TargetHealth: health = {} }) => [Target?.Id ?? "", health]));
  } catch (error) {
    if (isNamed(error, "TargetGroupNotFoundException", "TargetGroupNotFound")) return new Map();
    throw error;
  }
}

const healths: Readonly<Record<string, Instance["health"]>> = {
  initial: "starting",
  healthy: "healthy",
  unhealthy: "unhealthy",
  "unhealthy.draining": "draining",
  draining: "draining",
};

/** An instance as all of its target groups see it: the worst counts. */
export function seenBy(targets: readonly Targets[], { id, lifecycle, target, reason }: ComputeInstance): Instance {
  const seen = targets.map((one) => one.get(target ?? ""));
  const health = seen.map((one) => healths[one?.State ?? ""] ?? "unknown");
  const order: readonly Instance["health"][] = ["draining", "unhealthy", "unknown", "starting", "healthy"];
  const worst = order.find((one) => health.includes(one)) ?? "unknown";
  const told = seen.find((one) => one !== undefined && one.State !== "healthy");
  return {
    id,
    lifecycle,
    isRegistered: seen.length > 0 && seen.every((one) => one !== undefined && !/draining/.test(one.State ?? "")),
    health: worst,
    reason: reason ?? told?.Description ?? told?.Reason,
  };
}
