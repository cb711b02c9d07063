import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { parseArn } from "../model.ts";
import type { Tags } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { findConnection, findHost, tables } from "../store.ts";

const mostTags = 200;

/** Adds tags. @throws AwsError `LimitExceededException` */
export function readTags(
  before: Tags,
  added: readonly { readonly Key: string | undefined; readonly Value: string | undefined }[] | undefined,
): Tags {
  const tags = { ...before, ...Object.fromEntries((added ?? []).map(({ Key = "", Value = "" }) => [Key, Value])) };
  if (Object.keys(tags).length > mostTags)
    throw errors.LimitExceededException(`A resource has at most ${mostTags} tags.`);
  return tags;
}

export function listTags(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function tagsOf(ctx: Context, arn: string): Tags {
  return parseArn(ctx, arn)?.kind === "host" ? findHost(ctx, arn).tags : findConnection(ctx, arn).tags;
}

function saveTags(ctx: Context, arn: string, tags: Tags): void {
  if (parseArn(ctx, arn)?.kind === "host") {
    const host = findHost(ctx, arn);
    ctx.table(tables.hosts).put(host.id, { ...host, tags });
    return;
  }
  const connection = findConnection(ctx, arn);
  ctx.table(tables.connections).put(connection.id, { ...connection, tags });
}

/** @see https://docs.aws.amazon.com/codestar-connections/latest/APIReference/API_TagResource.html */
export const tagResource: Handler<Sdk, "tagResource"> = (ctx, input) => {
  saveTags(ctx, input.ResourceArn, readTags(tagsOf(ctx, input.ResourceArn), input.Tags));
  return {};
};

/** @see https://docs.aws.amazon.com/codestar-connections/latest/APIReference/API_UntagResource.html */
export const untagResource: Handler<Sdk, "untagResource"> = (ctx, input) => {
  const kept = Object.entries(tagsOf(ctx, input.ResourceArn)).filter(([key]) => !input.TagKeys.includes(key));
  saveTags(ctx, input.ResourceArn, Object.fromEntries(kept));
  return {};
};

/** @see https://docs.aws.amazon.com/codestar-connections/latest/APIReference/API_ListTagsForResource.html */
export const listTagsForResource: Handler<Sdk, "listTagsForResource"> = (ctx, input) => ({
  Tags: listTags(tagsOf(ctx, input.ResourceArn)),
});
