import type { ScalingPolicy } from "@aws-sdk/client-application-auto-scaling";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { dimension } from "../model.ts";
import type { Policy } from "../model.ts";
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
  const policy: Policy = {
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
    createdAt: before?.createdAt ?? ctx.now,
  };
  policies.put([resourceId, policy.name], policy);
  return { PolicyARN: policy.arn, Alarms: [] };
};

/** @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeleteScalingPolicy.html */
export const deleteScalingPolicy: Handler<Sdk, "deleteScalingPolicy"> = (ctx, input) => {
  checkNamed(input);
  if (!ctx.table(tables.policies).delete([input.ResourceId, input.PolicyName]))
    throw errors.ObjectNotFoundException(
      `No scaling policy found for service namespace: ecs, resource ID: ${input.ResourceId}, scalable dimension: ${dimension}, policy name: ${input.PolicyName}`,
    );
  return {};
};

function describe(policy: Policy): ScalingPolicy {
  return {
    PolicyARN: policy.arn,
    PolicyName: policy.name,
    ServiceNamespace: "ecs",
    ResourceId: policy.resourceId,
    ScalableDimension: dimension,
    PolicyType: policy.type,
    ...(policy.step !== undefined && { StepScalingPolicyConfiguration: policy.step }),
    ...(policy.tracking !== undefined && { TargetTrackingScalingPolicyConfiguration: policy.tracking }),
    Alarms: [],
    CreationTime: new Date(policy.createdAt),
  };
}

/** @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalingPolicies.html */
export const describeScalingPolicies: Handler<Sdk, "describeScalingPolicies"> = (ctx, input) => {
  checkNamed(input);
  const names = input.PolicyNames === undefined ? undefined : new Set(input.PolicyNames);
  const prefix = input.ResourceId === undefined ? [] : [input.ResourceId];
  const found = [...ctx.table(tables.policies).values({ prefix })].filter(
    ({ name, arn }) => names === undefined || names.has(name) || names.has(arn),
  );
  const { items, next } = pageOfList(found, input.NextToken, input.MaxResults ?? 50, errors.InvalidNextTokenException);
  return { ScalingPolicies: items.map(describe), NextToken: next };
};
