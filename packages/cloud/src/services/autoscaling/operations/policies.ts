import type { PutScalingPolicyCommandInput, ScalingPolicy } from "@aws-sdk/client-auto-scaling";
import { partitionOf } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors, refuse } from "../errors.ts";
import { at, desiredChange } from "../model/causes.ts";
import type { Group } from "../model/group.ts";
import { isActive } from "../model/instance.ts";
import { adjusted, adjustmentTypes, stepFor } from "../model/policy.ts";
import type { Adjustment, AdjustmentType, Policy } from "../model/policy.ts";
import type { Sdk } from "../sdk.ts";
import { findGroup, findLiveGroup, instancesOf, putGroup, tables } from "../store.ts";
import { inCooldown, withDesired } from "./groups.ts";

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScalingPolicy.html */
export const putScalingPolicy: Handler<Sdk, "putScalingPolicy"> = (ctx, input) => {
  const group = findLiveGroup(ctx, input.AutoScalingGroupName);
  const { PolicyName: name } = input;
  if (name === "" || name.length > 255) throw errors.ValidationError("Policy names have between 1 and 255 characters.");
  const before = ctx.table(tables.policies).get([group.name, name]);
  const arn =
    before?.arn ??
    `arn:${partitionOf(ctx.region)}:autoscaling:${ctx.region}:${ctx.account}:scalingPolicy:${ctx.ids.uuid()}:autoScalingGroupName/${group.name}:policyName/${name}`;
  const policy = readPolicy(input, { name, arn, group: group.name, enabled: input.Enabled ?? true });
  ctx.table(tables.policies).put([group.name, name], policy);
  return { PolicyARN: arn, Alarms: [] };
};

function readPolicy(
  input: PutScalingPolicyCommandInput,
  base: Pick<Policy, "name" | "arn" | "group" | "enabled">,
): Policy {
  const { PolicyType: type = "SimpleScaling", EstimatedInstanceWarmup: warmupSeconds } = input;
  switch (type) {
    case "SimpleScaling":
      if (input.ScalingAdjustment === undefined)
        throw errors.ValidationError("ScalingAdjustment must be specified for policy type SimpleScaling.");
      return {
        ...base,
        type,
        adjustment: readAdjustment(input),
        by: input.ScalingAdjustment,
        cooldownSeconds: input.Cooldown,
      };
    case "StepScaling": {
      const { StepAdjustments: steps = [], MetricAggregationType: aggregation = "Average" } = input;
      if (steps.length === 0)
        throw errors.ValidationError("StepAdjustments must be specified for policy type StepScaling.");
      return { ...base, type, adjustment: readAdjustment(input), steps, aggregation, warmupSeconds };
    }
    case "TargetTrackingScaling": {
      const { TargetTrackingConfiguration: tracking } = input;
      if (tracking === undefined)
        throw errors.ValidationError(
          "TargetTrackingConfiguration must be specified for policy type TargetTrackingScaling.",
        );
      return { ...base, type, tracking, warmupSeconds };
    }
    case "PredictiveScaling":
      throw refuse("predictive scaling policies");
    default:
      throw errors.ValidationError(`Invalid policy type: ${type}`);
  }
}

function readAdjustment(input: PutScalingPolicyCommandInput): Adjustment {
  const { AdjustmentType: type, MinAdjustmentStep: step, MinAdjustmentMagnitude: magnitude } = input;
  if (type === undefined || !(adjustmentTypes as readonly string[]).includes(type))
    throw errors.ValidationError(`Invalid adjustment type: ${type}. Valid types are: [${adjustmentTypes.join(", ")}]`);
  return { type: type as AdjustmentType, minMagnitude: magnitude ?? step };
}

/** By its name in a group, or by its ARN. @throws AwsError `ValidationError` if there is none */
function findPolicy(ctx: Context, group: string | undefined, nameOrArn: string): Policy {
  const arn = /:autoScalingGroupName\/(?<group>.+):policyName\/(?<name>.+)$/.exec(nameOrArn)?.groups;
  const owner = arn?.["group"] ?? group;
  if (owner === undefined)
    throw errors.ValidationError(
      "The name of the Auto Scaling group is required where the policy is given by its name.",
    );
  const policy = ctx.table(tables.policies).get([findGroup(ctx, owner).name, arn?.["name"] ?? nameOrArn]);
  if (policy === undefined) throw errors.ValidationError(`PolicyName not found - ${nameOrArn}`);
  return policy;
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeletePolicy.html */
export const deletePolicy: Handler<Sdk, "deletePolicy"> = (ctx, input) => {
  const { group, name } = findPolicy(ctx, input.AutoScalingGroupName, input.PolicyName);
  ctx.table(tables.policies).delete([group, name]);
  return {};
};

function show(policy: Policy): ScalingPolicy {
  const common = {
    AutoScalingGroupName: policy.group,
    PolicyName: policy.name,
    PolicyARN: policy.arn,
    PolicyType: policy.type,
    Enabled: policy.enabled,
    Alarms: [],
  };
  switch (policy.type) {
    case "SimpleScaling":
      return {
        ...common,
        ...showAdjustment(policy.adjustment),
        ScalingAdjustment: policy.by,
        Cooldown: policy.cooldownSeconds,
      };
    case "StepScaling":
      return {
        ...common,
        ...showAdjustment(policy.adjustment),
        StepAdjustments: [...policy.steps],
        MetricAggregationType: policy.aggregation,
        EstimatedInstanceWarmup: policy.warmupSeconds,
      };
    case "TargetTrackingScaling":
      return { ...common, TargetTrackingConfiguration: policy.tracking, EstimatedInstanceWarmup: policy.warmupSeconds };
    default:
      return policy satisfies never;
  }
}

const showAdjustment = ({ type, minMagnitude }: Adjustment) => ({
  AdjustmentType: type,
  MinAdjustmentMagnitude: minMagnitude,
});

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribePolicies.html */
export const describePolicies: Handler<Sdk, "describePolicies"> = (ctx, input) => {
  const { AutoScalingGroupName: group, PolicyNames: names = [], PolicyTypes: types = [] } = input;
  const all = [
    ...ctx.table(tables.policies).values(group === undefined ? {} : { prefix: [findGroup(ctx, group).name] }),
  ];
  const wanted = all.filter(
    ({ name, arn, type }) =>
      (names.length === 0 || names.includes(name) || names.includes(arn)) &&
      (types.length === 0 || types.includes(type)),
  );
  const { items, next } = pageOfList(wanted, input.NextToken, input.MaxRecords ?? 50, errors.InvalidNextToken);
  return { ScalingPolicies: items.map(show), NextToken: next };
};

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ExecutePolicy.html */
export const executePolicy: Handler<Sdk, "executePolicy"> = (ctx, input) => {
  const policy = findPolicy(ctx, input.AutoScalingGroupName, input.PolicyName);
  const group = findLiveGroup(ctx, policy.group);
  if (!policy.enabled) throw errors.ValidationError(`The policy ${policy.name} is disabled.`);
  switch (policy.type) {
    case "SimpleScaling": {
      if ((input.HonorCooldown ?? false) && ctx.now < group.cooldownUntil) throw inCooldown(group);
      const desired = adjusted(policy.adjustment, policy.by, group.desired, group);
      const cooldownUntil = ctx.now + (policy.cooldownSeconds ?? group.cooldownSeconds) * 1000;
      scale(ctx, { ...group, ...(desired !== group.desired && { cooldownUntil }) }, policy, desired);
      return {};
    }
    case "StepScaling": {
      const { MetricValue: value, BreachThreshold: threshold } = input;
      if (value === undefined || threshold === undefined)
        throw errors.ValidationError(
          "MetricValue and BreachThreshold must be specified to execute a step scaling policy.",
        );
      const by = stepFor(policy.steps, value - threshold);
      if (by === undefined) return {};
      scale(ctx, group, policy, stepped(ctx, group, policy, by));
      return {};
    }
    case "TargetTrackingScaling":
      throw errors.ValidationError(`Unsupported policy type TargetTrackingScaling for ExecutePolicy: ${policy.name}`);
    default:
      return policy satisfies never;
  }
};

/**
 * What a step leads to. While new instances warm up, the step is reckoned from those that are warm, so that the same
 * breach does not scale out twice.
 */
function stepped(ctx: Context, group: Group, policy: Extract<Policy, { type: "StepScaling" }>, by: number): number {
  const { adjustment, warmupSeconds = group.warmupSeconds ?? group.cooldownSeconds } = policy;
  const isCold = ({ inServiceAt }: { inServiceAt: number | undefined }) =>
    inServiceAt === undefined || ctx.now < inServiceAt + warmupSeconds * 1000;
  const warming = instancesOf(ctx, group.name).filter(isActive).filter(isCold).length;
  const fromAll = adjusted(adjustment, by, group.desired, group);
  if (fromAll <= group.desired) return fromAll;
  return Math.max(group.desired, adjusted(adjustment, by, Math.max(0, group.desired - warming), group));
}

function scale(ctx: Context, group: Group, policy: Policy, desired: number): void {
  const change = at(ctx.now, desiredChange.policy(policy.name, group.desired, desired));
  putGroup(ctx, withDesired({ ...group, desired }, group.desired, change));
}
