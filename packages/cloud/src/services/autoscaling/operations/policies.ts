import type { Alarm, PutScalingPolicyCommandInput, ScalingPolicy } from "@aws-sdk/client-auto-scaling";
import { partitionOf } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors, refuse } from "../errors.ts";
import { alarmsNamed } from "../../../scaling/keep-alarms.ts";
import { desiredChange } from "../model/causes.ts";
import { trackedMetric } from "../model/policy.ts";
import { adjustmentTypes } from "../../../scaling/adjustment.ts";
import type { Adjustment, AdjustmentType } from "../../../scaling/adjustment.ts";
import { alarmNames } from "../../../scaling/tracking-alarms.ts";
import type { Policy } from "../model/policy.ts";
import type { Sdk } from "../sdk.ts";
import { executeSimple, executeStep } from "../policies/execute.ts";
import { findGroup, findLiveGroup, tables } from "../store.ts";
import { inCooldown } from "./groups.ts";

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScalingPolicy.html */
export const putScalingPolicy: Handler<Sdk, "putScalingPolicy"> = (ctx, input) => {
  const group = findLiveGroup(ctx, input.AutoScalingGroupName);
  const { PolicyName: name } = input;
  if (name === "" || name.length > 255) throw errors.ValidationError("Policy names have between 1 and 255 characters.");
  const before = ctx.table(tables.policies).get([group.name, name]);
  const arn =
    before?.arn ??
    `arn:${partitionOf(ctx.region)}:autoscaling:${ctx.region}:${ctx.account}:scalingPolicy:${ctx.ids.uuid()}:autoScalingGroupName/${group.name}:policyName/${name}`;
  const alarmsId = before?.type === "TargetTrackingScaling" ? before.alarmsId : ctx.ids.uuid();
  const policy = readPolicy(input, { name, arn, group: group.name, enabled: input.Enabled ?? true }, alarmsId);
  ctx.table(tables.policies).put([group.name, name], policy);
  return { PolicyARN: arn, Alarms: ownAlarms(ctx, policy) };
};

/** The alarms that a target tracking policy has of its own: a controller keeps them. */
function ownAlarms(ctx: Context, policy: Policy): Alarm[] {
  if (policy.type !== "TargetTrackingScaling") return [];
  const { high, low } = alarmNames({ scales: policy.group, alarmsId: policy.alarmsId });
  const names = policy.tracking.DisableScaleIn === true ? [high] : [high, low];
  return names.map((AlarmName) => ({
    AlarmName,
    AlarmARN: `arn:${partitionOf(ctx.region)}:cloudwatch:${ctx.region}:${ctx.account}:alarm:${AlarmName}`,
  }));
}

function readPolicy(
  input: PutScalingPolicyCommandInput,
  base: Pick<Policy, "name" | "arn" | "group" | "enabled">,
  alarmsId: string,
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
      const metric = trackedMetric(base.group, tracking);
      if (typeof metric === "string") throw errors.ValidationError(metric);
      if (!((tracking.TargetValue ?? 0) > 0)) throw errors.ValidationError("TargetValue must be greater than 0.");
      return { ...base, type, tracking, warmupSeconds, alarmsId };
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

function show(policy: Policy, alarms: readonly Alarm[]): ScalingPolicy {
  const common = {
    AutoScalingGroupName: policy.group,
    PolicyName: policy.name,
    PolicyARN: policy.arn,
    PolicyType: policy.type,
    Enabled: policy.enabled,
    Alarms: [...alarms],
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
export const describePolicies: Handler<Sdk, "describePolicies"> = async (ctx, input) => {
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
  const shown = await Promise.all(items.map(async (policy) => show(policy, await alarmsOf(ctx, policy))));
  return { ScalingPolicies: shown, NextToken: next };
};

/** The alarms that call a policy. */
async function alarmsOf(ctx: Context, { arn }: Policy): Promise<Alarm[]> {
  const found = await alarmsNamed(ctx, { ActionPrefix: arn });
  return found.map(({ AlarmName, AlarmArn }) => ({ AlarmName, AlarmARN: AlarmArn }));
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ExecutePolicy.html */
export const executePolicy: Handler<Sdk, "executePolicy"> = (ctx, input) => {
  const policy = findPolicy(ctx, input.AutoScalingGroupName, input.PolicyName);
  const group = findLiveGroup(ctx, policy.group);
  if (!policy.enabled) throw errors.ValidationError(`The policy ${policy.name} is disabled.`);
  const cause = (from: number, to: number) => desiredChange.policy(policy.name, from, to);
  switch (policy.type) {
    case "SimpleScaling": {
      if ((input.HonorCooldown ?? false) && ctx.now < group.cooldownUntil) throw inCooldown(group);
      executeSimple(ctx, group, policy, cause);
      return {};
    }
    case "StepScaling": {
      const { MetricValue: value, BreachThreshold: threshold } = input;
      if (value === undefined || threshold === undefined)
        throw errors.ValidationError(
          "MetricValue and BreachThreshold must be specified to execute a step scaling policy.",
        );
      executeStep(ctx, group, policy, value - threshold, cause);
      return {};
    }
    case "TargetTrackingScaling":
      throw errors.ValidationError(`Unsupported policy type TargetTrackingScaling for ExecutePolicy: ${policy.name}`);
    default:
      return policy satisfies never;
  }
};
