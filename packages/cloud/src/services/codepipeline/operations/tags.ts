import type { Tag } from "@aws-sdk/client-codepipeline";
import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import { errors } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";

type Tags = Readonly<Record<string, string>>;

/** @see https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html */
const mostTags = 50;
const largestPage = 100;

/** @throws AwsError `InvalidTagsException`, `TooManyTagsException` */
export function readTags(tags: readonly Tag[] | undefined, onto: Tags = {}): Tags {
  const given = (tags ?? []).map(({ key = "", value = "" }): [string, string] => {
    if (key === "" || key.length > 128 || value.length > 256)
      throw errors.InvalidTagsException(
        `The tag '${key}' must have a key of 1 to 128 characters and a value of at most 256.`,
      );
    return [key, value];
  });
  const all = { ...onto, ...Object.fromEntries(given) };
  if (Object.keys(all).length > mostTags)
    throw errors.TooManyTagsException(`A resource can have at most ${mostTags} tags.`);
  return all;
}

export function tagList(tags: Tags): Tag[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

/** The tags of the pipeline, webhook or custom action type that an ARN names, and the way to change them. */
function tagged(ctx: Context, arn: string): { readonly tags: Tags; save(tags: Tags): void } {
  const match = /^arn:[^:]+:codepipeline:(?<region>[^:]*):(?<account>\d{12}):(?<resource>.+)$/.exec(arn);
  if (match?.groups === undefined)
    throw errors.InvalidArnException(`The ARN '${arn}' is not that of a CodePipeline resource.`);
  const { resource = "" } = match.groups;
  const missing = () => errors.ResourceNotFoundException(`The resource '${arn}' was not found.`);
  const [kind, name] = resource.includes(":")
    ? [resource.slice(0, resource.indexOf(":")), resource.slice(resource.indexOf(":") + 1)]
    : ["pipeline", resource];
  const rowOf = <V extends { readonly tags: Tags }>(
    rows: { get(key: string): V | undefined; put(key: string, value: V): void },
    key: string,
  ) => {
    const row = rows.get(key);
    if (row === undefined) throw missing();
    return { tags: row.tags, save: (tags: Tags) => rows.put(key, { ...row, tags }) };
  };
  switch (kind) {
    case "pipeline":
      return rowOf(ctx.table(tables.pipelines), name);
    case "webhook":
      return rowOf(ctx.table(tables.webhooks), name);
    case "actiontype": {
      const [owner, category, provider, version] = name.split("/");
      return rowOf(ctx.table(tables.customTypes), `${category}/${owner}/${provider}/${version}`);
    }
    default:
      throw missing();
  }
}

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_TagResource.html */
export const tagResource: Handler<Sdk, "tagResource"> = (ctx, input) => {
  const { tags, save } = tagged(ctx, input.resourceArn);
  save(readTags(input.tags, tags));
  return {};
};

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_UntagResource.html */
export const untagResource: Handler<Sdk, "untagResource"> = (ctx, input) => {
  const { tags, save } = tagged(ctx, input.resourceArn);
  save(Object.fromEntries(Object.entries(tags).filter(([key]) => !input.tagKeys.includes(key))));
  return {};
};

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ListTagsForResource.html */
export const listTagsForResource: Handler<Sdk, "listTagsForResource"> = (ctx, input) => {
  const { tags } = tagged(ctx, input.resourceArn);
  const { items, next } = pageOfList(
    tagList(tags),
    input.nextToken,
    input.maxResults ?? largestPage,
    errors.InvalidNextTokenException,
  );
  return { tags: items, nextToken: next };
};
