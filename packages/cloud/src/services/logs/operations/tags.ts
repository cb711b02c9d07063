import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import type { LogGroup } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { findGroup, nameInArn, tables } from "../store.ts";

function add(ctx: Context, group: LogGroup, tags: Readonly<Record<string, string>>): void {
  ctx.table(tables.groups).put(group.name, { ...group, tags: { ...group.tags, ...tags } });
}

function take(ctx: Context, group: LogGroup, keys: readonly string[]): void {
  const kept = Object.entries(group.tags).filter(([key]) => !keys.includes(key));
  ctx.table(tables.groups).put(group.name, { ...group, tags: Object.fromEntries(kept) });
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html */
export const tagResource: Handler<Sdk, "tagResource"> = (ctx, input) => {
  add(ctx, findGroup(ctx, nameInArn(input.resourceArn)), input.tags);
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagResource.html */
export const untagResource: Handler<Sdk, "untagResource"> = (ctx, input) => {
  take(ctx, findGroup(ctx, nameInArn(input.resourceArn)), input.tagKeys);
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsForResource.html */
export const listTagsForResource: Handler<Sdk, "listTagsForResource"> = (ctx, input) => ({
  tags: { ...findGroup(ctx, nameInArn(input.resourceArn)).tags },
});

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagLogGroup.html */
export const tagLogGroup: Handler<Sdk, "tagLogGroup"> = (ctx, input) => {
  add(ctx, findGroup(ctx, input.logGroupName), input.tags);
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagLogGroup.html */
export const untagLogGroup: Handler<Sdk, "untagLogGroup"> = (ctx, input) => {
  take(ctx, findGroup(ctx, input.logGroupName), input.tags);
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsLogGroup.html */
export const listTagsLogGroup: Handler<Sdk, "listTagsLogGroup"> = (ctx, input) => ({
  tags: { ...findGroup(ctx, input.logGroupName).tags },
});
