import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { tagList, withoutTags } from "../../../kernel/tags.ts";
import { kindOfArn } from "../arns.ts";
import { errors } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { findListener, findLoadBalancer, findRule, findTargetGroup, tables } from "../store.ts";
import { withTags } from "../tagging.ts";

/** @throws AwsError `ValidationError`, and what each kind has for one that does not exist */
function checkResource(ctx: Context, arn: string): void {
  switch (kindOfArn(arn)) {
    case "load balancer":
      return void findLoadBalancer(ctx, arn);
    case "listener":
      return void findListener(ctx, arn);
    case "listener rule":
      return void findRule(ctx, arn);
    case "target group":
      return void findTargetGroup(ctx, arn);
    case undefined:
      throw errors.ValidationError(`'${arn}' is not a valid load balancer, target group, listener or rule ARN`);
  }
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AddTags.html */
export const addTags: Handler<Sdk, "addTags"> = (ctx, input) => {
  const tags = ctx.table(tables.tags);
  for (const arn of input.ResourceArns) {
    checkResource(ctx, arn);
    tags.put(arn, withTags(tags.get(arn) ?? {}, input.Tags));
  }
  return {};
};

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RemoveTags.html */
export const removeTags: Handler<Sdk, "removeTags"> = (ctx, input) => {
  const tags = ctx.table(tables.tags);
  for (const arn of input.ResourceArns) {
    checkResource(ctx, arn);
    tags.put(arn, withoutTags(tags.get(arn) ?? {}, input.TagKeys));
  }
  return {};
};

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html */
export const describeTags: Handler<Sdk, "describeTags"> = (ctx, input) => {
  if (input.ResourceArns.length > 20)
    throw errors.ValidationError("Tags of at most 20 resources can be described at a time");
  return {
    TagDescriptions: input.ResourceArns.map((arn) => {
      checkResource(ctx, arn);
      return { ResourceArn: arn, Tags: tagList(ctx.table(tables.tags).get(arn) ?? {}) };
    }),
  };
};
