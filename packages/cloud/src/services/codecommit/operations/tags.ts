import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { parseRepositoryArn } from "../model.ts";
import type { Repository } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { findRepository, saveRepository } from "../store.ts";

const mostTags = 50;

/** @throws AwsError `TooManyTagsException` */
export function addTags(before: Repository["tags"], added: Readonly<Record<string, string>>): Repository["tags"] {
  const tags = { ...before, ...added };
  if (Object.keys(tags).length > mostTags)
    throw errors.TooManyTagsException(`The maximum number of tags for a repository is ${mostTags}.`);
  return tags;
}

function find(ctx: Context, arn: string): Repository {
  const name = parseRepositoryArn(ctx, arn);
  if (name === undefined)
    throw errors.InvalidResourceArnException(`The value for the resource ARN is not valid: ${arn}`);
  return findRepository(ctx, name);
}

/** @see https://docs.aws.amazon.com/codecommit/latest/APIReference/API_TagResource.html */
export const tagResource: Handler<Sdk, "tagResource"> = (ctx, input) => {
  const repository = find(ctx, input.resourceArn);
  saveRepository(ctx, { ...repository, tags: addTags(repository.tags, input.tags) });
  return {};
};

/** @see https://docs.aws.amazon.com/codecommit/latest/APIReference/API_UntagResource.html */
export const untagResource: Handler<Sdk, "untagResource"> = (ctx, input) => {
  const repository = find(ctx, input.resourceArn);
  const kept = Object.entries(repository.tags).filter(([key]) => !input.tagKeys.includes(key));
  saveRepository(ctx, { ...repository, tags: Object.fromEntries(kept) });
  return {};
};

/** @see https://docs.aws.amazon.com/codecommit/latest/APIReference/API_ListTagsForResource.html */
export const listTagsForResource: Handler<Sdk, "listTagsForResource"> = (ctx, input) => ({
  tags: { ...find(ctx, input.resourceArn).tags },
});
