import type { Action } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Context } from "../../kernel/context.ts";
import { errors } from "./errors.ts";
import { limits } from "./limits.ts";
import { targetGroupsOf } from "./model.ts";
import type { LoadBalancer } from "./model.ts";
import { findTargetGroup, listenersOf, loadBalancerOf, rulesOf, tables } from "./store.ts";

/**
 * Notes which target groups a listener's default actions or a rule forward to now.
 *
 * @param user - the listener's or rule's ARN
 * @throws AwsError `TargetGroupNotFound`, `TargetGroupAssociationLimit`, `TooManyUniqueTargetGroupsPerLoadBalancer`,
 * `InvalidConfigurationRequest`
 */
export function setUses(
  ctx: Context,
  user: string,
  balancer: Pick<LoadBalancer, "arn" | "name" | "vpcId">,
  before: readonly Action[],
  actions: readonly Action[],
): void {
  const groups = targetGroupsOf(actions).map((arn) => findTargetGroup(ctx, arn));
  for (const { name, arn, vpcId } of groups) {
    const usedBy = loadBalancerOf(ctx, name);
    if (usedBy !== undefined && usedBy !== balancer.arn) {
      throw errors.TargetGroupAssociationLimit(
        `The following target groups cannot be associated with more than one load balancer: ${arn}`,
      );
    }
    if (vpcId !== undefined && vpcId !== balancer.vpcId)
      throw errors.InvalidConfigurationRequest(
        `The target group '${arn}' and the load balancer '${balancer.arn}' are not in the same VPC`,
      );
  }
  dropUses(ctx, user, before);
  for (const { name } of groups) ctx.table(tables.uses).put([name, user], balancer.arn);
  checkUniqueGroups(ctx, balancer, actions);
}

/** Notes that a listener or rule is gone. */
export function dropUses(ctx: Context, user: string, actions: readonly Action[]): void {
  for (const arn of targetGroupsOf(actions)) ctx.table(tables.uses).delete([groupName(arn), user]);
}

function groupName(arn: string): string {
  return arn.split("/")[1] ?? "";
}

function checkUniqueGroups(ctx: Context, { name }: Pick<LoadBalancer, "name">, added: readonly Action[]): void {
  const max = limits["target-groups-per-application-load-balancer"];
  const listeners = listenersOf(ctx, name);
  const all = [
    ...added,
    ...listeners.flatMap((listener) => [
      ...listener.defaultActions,
      ...rulesOf(ctx, listener).flatMap(({ actions }) => actions),
    ]),
  ];
  if (new Set(targetGroupsOf(all)).size > max) {
    throw errors.TooManyUniqueTargetGroupsPerLoadBalancer(
      `The maximum number of target groups for a load balancer is '${max}'`,
    );
  }
}
