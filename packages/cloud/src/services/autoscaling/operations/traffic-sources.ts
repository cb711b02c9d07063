import type { TrafficSourceIdentifier } from "@aws-sdk/client-auto-scaling";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors, refuse } from "../errors.ts";
import type { Group } from "../model/group.ts";
import type { GroupInstance } from "../model/instance.ts";
import type { Sdk } from "../sdk.ts";
import { changeGroup, findGroup, findLiveGroup, instancesOf } from "../store.ts";

/** The target groups that a request names, in either of its two ways. */
export function targetGroupsOf(
  arns: readonly string[] = [],
  sources: readonly Partial<TrafficSourceIdentifier>[] = [],
): readonly string[] {
  const named = sources.map(({ Identifier = "", Type: type = "elbv2" }) => {
    if (type !== "elbv2") throw refuse(`traffic sources of the type ${type}`);
    return Identifier;
  });
  return [...new Set([...arns, ...named])];
}

/** @throws AwsError `ValidationError` if one does not exist, or takes no instances */
export async function checkTargetGroups(ctx: Context, arns: readonly string[]): Promise<void> {
  for (const arn of arns) {
    const type = await typeOf(ctx, arn);
    if (type === undefined)
      throw errors.ValidationError(`Provided Target Groups may not be valid. Please ensure they exist and try again.`);
    if (type !== "instance")
      throw errors.ValidationError(
        `Provided Target Groups have an invalid target type. Please ensure all provided Target Groups have target type of instance.`,
      );
  }
}

async function typeOf(ctx: Context, arn: string): Promise<string | undefined> {
  try {
    const { TargetGroups: [found] = [] } = await ctx.call.elasticloadbalancing.describeTargetGroups({
      TargetGroupArns: [arn],
    });
    return found?.TargetType;
  } catch (error) {
    if (isAwsError(error, "TargetGroupNotFound", "ValidationError")) return undefined;
    throw error;
  }
}

async function attach(ctx: Context, name: string, arns: readonly string[]): Promise<void> {
  findLiveGroup(ctx, name);
  await checkTargetGroups(ctx, arns);
  ctx.transaction(() =>
    changeGroup(ctx, name, (group) => ({ ...group, targetGroups: [...new Set([...group.targetGroups, ...arns])] })),
  );
}

function detach(ctx: Context, name: string, arns: readonly string[]): void {
  const group = findLiveGroup(ctx, name);
  const unknown = arns.filter((arn) => !group.targetGroups.includes(arn));
  if (unknown.length > 0)
    throw errors.ValidationError(
      `Trying to remove Target Groups that are not part of the group: [${unknown.join(", ")}]`,
    );
  changeGroup(ctx, name, (current) => ({
    ...current,
    targetGroups: current.targetGroups.filter((arn) => !arns.includes(arn)),
  }));
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AttachLoadBalancerTargetGroups.html */
export const attachLoadBalancerTargetGroups: Handler<Sdk, "attachLoadBalancerTargetGroups"> = async (ctx, input) => {
  await attach(ctx, input.AutoScalingGroupName, input.TargetGroupARNs);
  return {};
};

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DetachLoadBalancerTargetGroups.html */
export const detachLoadBalancerTargetGroups: Handler<Sdk, "detachLoadBalancerTargetGroups"> = (ctx, input) => {
  detach(ctx, input.AutoScalingGroupName, input.TargetGroupARNs);
  return {};
};

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AttachTrafficSources.html */
export const attachTrafficSources: Handler<Sdk, "attachTrafficSources"> = async (ctx, input) => {
  await attach(ctx, input.AutoScalingGroupName, targetGroupsOf([], input.TrafficSources));
  return {};
};

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DetachTrafficSources.html */
export const detachTrafficSources: Handler<Sdk, "detachTrafficSources"> = (ctx, input) => {
  detach(ctx, input.AutoScalingGroupName, targetGroupsOf([], input.TrafficSources));
  return {};
};

/** How far a group's instances have come into a target group, or out of one that it has left. */
function statesOf(
  group: Group,
  instances: readonly GroupInstance[],
): { readonly arn: string; readonly state: string }[] {
  const inService = instances.filter(({ lifecycle }) => lifecycle === "InService");
  const attached = group.targetGroups.map((arn) => {
    const targets = inService.map((instance) => instance.targets[arn]);
    if (targets.some((target) => target === undefined)) return { arn, state: "Adding" };
    return { arn, state: targets.includes("healthy") ? "InService" : "Added" };
  });
  const leaving = new Set(inService.flatMap(({ targets }) => Object.keys(targets)));
  for (const arn of group.targetGroups) leaving.delete(arn);
  return [...attached, ...[...leaving].map((arn) => ({ arn, state: "Removing" }))];
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeLoadBalancerTargetGroups.html */
export const describeLoadBalancerTargetGroups: Handler<Sdk, "describeLoadBalancerTargetGroups"> = (ctx, input) => {
  const group = findGroup(ctx, input.AutoScalingGroupName);
  const all = statesOf(group, instancesOf(ctx, group.name));
  const { items, next } = pageOfList(all, input.NextToken, input.MaxRecords ?? 100, errors.InvalidNextToken);
  return {
    LoadBalancerTargetGroups: items.map(({ arn, state }) => ({ LoadBalancerTargetGroupARN: arn, State: state })),
    NextToken: next,
  };
};

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeTrafficSources.html */
export const describeTrafficSources: Handler<Sdk, "describeTrafficSources"> = (ctx, input) => {
  const group = findGroup(ctx, input.AutoScalingGroupName);
  const all = (input.TrafficSourceType ?? "elbv2") === "elbv2" ? statesOf(group, instancesOf(ctx, group.name)) : [];
  const { items, next } = pageOfList(all, input.NextToken, input.MaxRecords ?? 50, errors.InvalidNextToken);
  return {
    TrafficSources: items.map(({ arn, state }) => ({
      TrafficSource: arn,
      Identifier: arn,
      Type: "elbv2",
      State: state,
    })),
    NextToken: next,
  };
};

/** There are no Classic Load Balancers. @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeLoadBalancers.html */
export const describeLoadBalancers: Handler<Sdk, "describeLoadBalancers"> = (ctx, input) => {
  findGroup(ctx, input.AutoScalingGroupName);
  return { LoadBalancers: [] };
};
