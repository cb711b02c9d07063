import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import type { Tags } from "../../../kernel/tags.ts";
import { tagList, withoutTags } from "../../../kernel/tags.ts";
import { errors } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { findStream, nameInArn, putStream, tables } from "../store.ts";

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_AddTagsToStream.html */
export const addTagsToStream: Handler<Sdk, "addTagsToStream"> = (ctx, input) => {
  const stream = findStream(ctx, input);
  putStream(ctx, { ...stream, tags: { ...stream.tags, ...input.Tags } });
  return {};
};

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RemoveTagsFromStream.html */
export const removeTagsFromStream: Handler<Sdk, "removeTagsFromStream"> = (ctx, input) => {
  const stream = findStream(ctx, input);
  putStream(ctx, { ...stream, tags: withoutTags(stream.tags, input.TagKeys) });
  return {};
};

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListTagsForStream.html */
export const listTagsForStream: Handler<Sdk, "listTagsForStream"> = (ctx, input) => {
  const { Limit: most = 50, ExclusiveStartTagKey: after = "" } = input;
  const tags = tagList(findStream(ctx, input).tags)
    .toSorted((a, b) => (a.Key < b.Key ? -1 : 1))
    .filter(({ Key }) => Key > after);
  return { Tags: tags.slice(0, most), HasMoreTags: tags.length > most };
};

/** Changes the tags of a stream or a consumer. @throws AwsError `ResourceNotFoundException` */
function changeTags(ctx: Context, arn: string, change: (tags: Tags) => Tags): Tags {
  const name = nameInArn(arn);
  const consumer = /\/consumer\/(?<name>[^:]+):\d+$/.exec(arn)?.groups?.["name"];
  if (name !== undefined && consumer !== undefined) {
    const row = ctx.table(tables.consumers).get([name, consumer]);
    if (row === undefined) throw errors.ResourceNotFoundException(`Resource ${arn} not found.`);
    const tags = change(row.tags);
    if (tags !== row.tags) ctx.table(tables.consumers).put([name, consumer], { ...row, tags });
    return tags;
  }
  const stream = findStream(ctx, { StreamARN: arn });
  const tags = change(stream.tags);
  if (tags !== stream.tags) putStream(ctx, { ...stream, tags });
  return tags;
}

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_TagResource.html */
export const tagResource: Handler<Sdk, "tagResource"> = (ctx, input) => {
  changeTags(ctx, input.ResourceARN, (tags) => ({ ...tags, ...input.Tags }));
  return {};
};

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UntagResource.html */
export const untagResource: Handler<Sdk, "untagResource"> = (ctx, input) => {
  changeTags(ctx, input.ResourceARN, (tags) => withoutTags(tags, input.TagKeys));
  return {};
};

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListTagsForResource.html */
export const listTagsForResource: Handler<Sdk, "listTagsForResource"> = (ctx, input) => ({
  Tags: tagList(changeTags(ctx, input.ResourceARN, (tags) => tags)),
});
