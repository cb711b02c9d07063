import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Handler } from "../../../kernel/service.ts";
import { readTags, tagList, withoutTags } from "../../../kernel/tags.ts";
import { errors } from "../errors.ts";
import type { Topic } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { findTopic, tables } from "../store.ts";

/** The topic of a tagged resource. @throws AwsError `ResourceNotFound` */
function taggedTopic(ctx: Context, arn: string): Topic {
  try {
    return findTopic(ctx, arn, "ResourceArn");
  } catch (error) {
    if (!isAwsError(error, "NotFound")) throw error;
    throw errors.ResourceNotFound("Resource does not exist");
  }
}

/** @see https://docs.aws.amazon.com/sns/latest/api/API_TagResource.html */
export const tagResource: Handler<Sdk, "tagResource"> = (ctx, input) => {
  const topic = taggedTopic(ctx, input.ResourceArn);
  ctx.table(tables.topics).put(topic.name, { ...topic, tags: readTags(input.Tags, topic.tags) });
  return {};
};

/** @see https://docs.aws.amazon.com/sns/latest/api/API_UntagResource.html */
export const untagResource: Handler<Sdk, "untagResource"> = (ctx, input) => {
  const topic = taggedTopic(ctx, input.ResourceArn);
  ctx.table(tables.topics).put(topic.name, { ...topic, tags: withoutTags(topic.tags, input.TagKeys) });
  return {};
};

/** @see https://docs.aws.amazon.com/sns/latest/api/API_ListTagsForResource.html */
export const listTagsForResource: Handler<Sdk, "listTagsForResource"> = (ctx, input) => ({
  Tags: tagList(taggedTopic(ctx, input.ResourceArn).tags),
});
