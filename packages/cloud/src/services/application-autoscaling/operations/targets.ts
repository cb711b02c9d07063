import type { ScalableTarget } from "@aws-sdk/client-application-auto-scaling";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { withoutTags } from "../../../kernel/tags.ts";
import { errors } from "../errors.ts";
import { dimension, parseResourceId } from "../model.ts";
import type { Target } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { arnOf, checkNamed, findTarget, tables } from "../store.ts";

/** The service's desired count. @throws AwsError `ValidationException` if there is no such service */
export async function capacityOf(ctx: Context, resourceId: string): Promise<number> {
  const named = parseResourceId(resourceId);
  if (named === undefined)
    throw errors.ValidationException(
      `Unsupported service namespace, resource type or scalable dimension: ${resourceId}`,
    );
  try {
    const { services: [found] = [] } = await ctx.call.ecs.describeServices({
      cluster: named.cluster,
      services: [named.service],
    });
    if (found !== undefined && found.status !== "INACTIVE") return found.desiredCount ?? 0;
  } catch (error) {
    if (!isAwsError(error)) throw error;
  }
  throw errors.ValidationException(`ECS service doesn't exist: ${resourceId}`);
}

/** The service-linked role that AWS makes for a target. */
function linkedRole({ account }: Context): string {
  return `arn:aws:iam::${account}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService`;
}

/** @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html */
export const registerScalableTarget: Handler<Sdk, "registerScalableTarget"> = async (ctx, input) => {
  checkNamed(input);
  await capacityOf(ctx, input.ResourceId);
  const target = ctx.transaction(() => {
    const targets = ctx.table(tables.targets);
    const before = targets.get(input.ResourceId);
    const min = input.MinCapacity ?? before?.min;
    const max = input.MaxCapacity ?? before?.max;
    if (min === undefined || max === undefined)
      throw errors.ValidationException("MinCapacity and MaxCapacity must be specified for a new scalable target.");
    if (min < 0 || max < 0) throw errors.ValidationException("MinCapacity and MaxCapacity must not be negative.");
    if (min > max) throw errors.ValidationException("Maximum capacity cannot be less than minimum capacity");
    const made: Target = {
      resourceId: input.ResourceId,
      arn: before?.arn ?? arnOf(ctx, `scalable-target/${ctx.ids.hex(30)}`),
      min,
      max,
      roleArn: linkedRole(ctx),
      createdAt: before?.createdAt ?? ctx.now,
      suspended: {
        DynamicScalingInSuspended: false,
        DynamicScalingOutSuspended: false,
        ScheduledScalingSuspended: false,
        ...before?.suspended,
        ...input.SuspendedState,
      },
      tags: before?.tags ?? input.Tags ?? {},
    };
    targets.put(made.resourceId, made);
    return made;
  });
  return { ScalableTargetARN: target.arn };
};

/** With its policies and scheduled actions. @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeregisterScalableTarget.html */
export const deregisterScalableTarget: Handler<Sdk, "deregisterScalableTarget"> = (ctx, input) => {
  checkNamed(input);
  const { resourceId } = findTarget(ctx, input.ResourceId);
  for (const rows of [ctx.table(tables.policies), ctx.table(tables.scheduledActions)])
    for (const key of rows.keys({ prefix: [resourceId] })) rows.delete(key);
  ctx.table(tables.targets).delete(resourceId);
  return {};
};

function describe(target: Target): ScalableTarget {
  return {
    ServiceNamespace: "ecs",
    ResourceId: target.resourceId,
    ScalableDimension: dimension,
    MinCapacity: target.min,
    MaxCapacity: target.max,
    RoleARN: target.roleArn,
    CreationTime: new Date(target.createdAt),
    SuspendedState: target.suspended,
    ScalableTargetARN: target.arn,
  };
}

/** @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html */
export const describeScalableTargets: Handler<Sdk, "describeScalableTargets"> = (ctx, input) => {
  checkNamed(input);
  const asked = input.ResourceIds === undefined ? undefined : new Set(input.ResourceIds);
  const found = [...ctx.table(tables.targets).values()].filter(
    ({ resourceId }) => asked === undefined || asked.has(resourceId),
  );
  const { items, next } = pageOfList(found, input.NextToken, input.MaxResults ?? 50, errors.InvalidNextTokenException);
  return { ScalableTargets: items.map(describe), NextToken: next };
};

function byArn(ctx: Context, arn: string): Target {
  for (const target of ctx.table(tables.targets).values()) if (target.arn === arn) return target;
  throw errors.ResourceNotFoundException(`Unable to find a scalable target for the ARN: ${arn}`, { ResourceName: arn });
}

/** @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TagResource.html */
export const tagResource: Handler<Sdk, "tagResource"> = (ctx, input) => {
  const target = byArn(ctx, input.ResourceARN);
  ctx.table(tables.targets).put(target.resourceId, { ...target, tags: { ...target.tags, ...input.Tags } });
  return {};
};

/** @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_UntagResource.html */
export const untagResource: Handler<Sdk, "untagResource"> = (ctx, input) => {
  const target = byArn(ctx, input.ResourceARN);
  ctx.table(tables.targets).put(target.resourceId, { ...target, tags: withoutTags(target.tags, input.TagKeys) });
  return {};
};

/** @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ListTagsForResource.html */
export const listTagsForResource: Handler<Sdk, "listTagsForResource"> = (ctx, input) => ({
  Tags: { ...byArn(ctx, input.ResourceARN).tags },
});
