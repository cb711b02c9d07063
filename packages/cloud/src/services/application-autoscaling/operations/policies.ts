import type { Alarm, ScalingPolicy } from "@aws-sdk/client-application-auto-scaling";
import { partitionOf } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { alarmsNamed } from "../../../scaling/keep-alarms.ts";
import { alarmNames } from "../../../scaling/tracking-alarms.ts";
import { errors } from "../errors.ts";
import { dimension } from "../model.ts";
import type { Policy } from "../model.ts";
import { trackedMetric } from "../policies/tracking.ts";
import type { Sdk } from "../sdk.ts";
import { arnOf, checkNamed, findTarget, tables } from "../store.ts";

/** @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html */
export const putScalingPolicy: Handler<Sdk, "putScalingPolicy"> = (ctx, input) => {
  checkNamed(input);
  const { resourceId } = findTarget(ctx, input.ResourceId);
  const policies = ctx.table(tables.policies);
  const before = policies.get([resourceId, input.PolicyName]);
  const type = input.PolicyType ?? before?.type ?? "StepScaling";
  if (type === "PredictiveScaling")
    throw errors.ValidationException("Trysail has no predictive scaling: use TargetTrackingScaling or StepScaling.");
  const step = input.StepScalingPolicyConfiguration ?? before?.step;
  const tracking = input.TargetTrackingScalingPolicyConfiguration ?? before?.tracking;
  if ((type === "StepScaling" ? step : tracking) === undefined)
    throw errors.ValidationException(`${type}PolicyConfiguration cannot be null for the policy type ${type}.`);
  const metric = type === "StepScaling" || tracking === undefined ? undefined : trackedMetric(resourceId, tracking);
  if (typeof metric === "string") throw errors.ValidationException(metric);
  if (metric !== undefined && !((tracking?.TargetValue ?? 0) > 0))
    throw errors.ValidationException("TargetValue must be greater than 0.");
  const policy: Policy = {
    ...before,
    name: input.PolicyName,
    resourceId,
    arn:
      before?.arn ??
      arnOf(ctx, `scalingPolicy:${ctx.ids.uuid()}:resource/ecs/${resourceId}:policyName/${input.PolicyName}`).replace(
        ":application-autoscaling:",
        ":autoscaling:",
      ),
    type,
    step: type === "StepScaling" ? step : undefined,
    tracking: type === "StepScaling" ? undefined : tracking,
    alarmsId: before?.alarmsId ?? ctx.ids.uuid(),
    createdAt: before?.createdAt ?? ctx.now,
  };
  policies.put([resourceId, policy.name], policy);
  return { PolicyARN: policy.arn, Alarms: ownAlarms(ctx, policy) };
};

/** The alarms that a target tracking policy has of its own: a controller keeps them. */
function ownAlarms(ctx: Context, { tracking, resourceId, alarmsId }: Policy): Alarm[] {
  if (tracking === undefined) return [];
  const { high, low } = alarmNames({ scales: resourceId, alarmsId });
  const names = tracking.DisableScaleIn === true ? [high] : [high, low];
  return names.map((AlarmName) => ({
    AlarmName,
    AlarmARN: `arn:${partitionOf(ctx.region)}:cloudwatch:${ctx.region}:${ctx.account}:alarm:${AlarmName}`,
  }));
}

/** @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeleteScalingPolicy.html */
export const deleteScalingPolicy: Handler<Sdk, "deleteScalingPolicy"> = (ctx, input) => {
  checkNamed(input);
  if (!ctx.table(tables.policies).delete([input.ResourceId, input.PolicyName]))
    throw errors.ObjectNotFoundException(
      `No scaling policy found for service namespace: ecs, resource ID: ${input.ResourceId}, scalable dimension: ${dimension}, policy name: ${input.PolicyName}`,
    );
  return {};
};

async function describe(ctx: Context, policy: Policy): Promise<ScalingPolicy> {
  const alarms = await alarmsNamed(ctx, { ActionPrefix: policy.arn });
  return {
    PolicyARN: policy.arn,
    PolicyName: policy.name,
    ServiceNamespace: "ecs",
    ResourceId: policy.resourceId,
    ScalableDimension: dimension,
    PolicyType: policy.type,
    ...(policy.step !== undefined && { StepScalingPolicyConfiguration: policy.step }),
    ...(policy.tracking !== undefined && { TargetTrackingScalingPolicyConfiguration: policy.tracking }),
    Alarms: alarms.map(({ AlarmName, AlarmArn }) => ({ AlarmName, AlarmARN: AlarmArn })),
    CreationTime: new Date(policy.createdAt),
  };
}

/** @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalingPolicies.html */
export const describeScalingPolicies: Handler<Sdk, "describeScalingPolicies"> = async (ctx, input) => {
  checkNamed(input);
  const names = input.PolicyNames === undefined ? undefined : new Set(input.PolicyNames);
  const prefix = input.ResourceId === undefined ? [] : [input.ResourceId];
  const found = [...ctx.table(tables.policies).values({ prefix })].filter(
    ({ name, arn }) => names === undefined || names.has(name) || names.has(arn),
  );
  const { items, next } = pageOfList(found, input.NextToken, input.MaxResults ?? 50, errors.InvalidNextTokenException);
  return { ScalingPolicies: await Promise.all(items.map((policy) => describe(ctx, policy))), NextToken: next };
};
