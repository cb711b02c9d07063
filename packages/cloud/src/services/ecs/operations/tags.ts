import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { withoutTags } from "../../../kernel/tags.ts";
import type { Tags } from "../../../kernel/tags.ts";
import { clusterInArn, resourceOf, shortNameOf } from "../arns.ts";
import { errors } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { findCluster, findService, findTask, tables } from "../store.ts";
import { readTags, tagList } from "../tags.ts";
import { definitionOfArn } from "./task-definitions.ts";

interface Tagged {
  readonly tags: Tags;
  save(tags: Tags): void;
}

/** What an ARN names, with its tags. @throws AwsError `InvalidParameterException`, `ClusterNotFoundException`, … */
function find(ctx: Context, arn: string): Tagged {
  const kind = resourceOf(arn)?.split("/")[0];
  const cluster = clusterInArn(arn) ?? "default";
  switch (kind) {
    case "cluster": {
      const found = findCluster(ctx, arn);
      return { tags: found.tags, save: (tags) => ctx.table(tables.clusters).put(found.name, { ...found, tags }) };
    }
    case "service": {
      const found = findService(ctx, cluster, shortNameOf(arn));
      if (found === undefined) throw errors.ServiceNotFoundException("Service not found.");
      return {
        tags: found.tags,
        save: (tags) => ctx.table(tables.services).put([found.cluster, found.name], { ...found, tags }),
      };
    }
    case "task": {
      const found = findTask(ctx, cluster, arn);
      if (found === undefined) throw errors.InvalidParameterException("The specified task was not found.");
      return { tags: found.tags, save: (tags) => ctx.table(tables.tasks).put(found.id, { ...found, tags }) };
    }
    case "task-definition": {
      const found = definitionOfArn(ctx, arn);
      if (found === undefined) throw errors.InvalidParameterException("The specified task definition was not found.");
      const { family, revision } = found.definition;
      return {
        tags: found.tags,
        save: (tags) => ctx.table(tables.definitions).put([family, revision], { ...found, tags }),
      };
    }
    case undefined:
    default:
      throw errors.InvalidParameterException("Invalid arn syntax.");
  }
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TagResource.html */
export const tagResource: Handler<Sdk, "tagResource"> = (ctx, input) => {
  const tagged = find(ctx, input.resourceArn);
  const tags = readTags(input.tags, tagged.tags);
  if (Object.keys(tags).length > 50) throw errors.InvalidParameterException("Too many tags: at most 50 are allowed.");
  tagged.save(tags);
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UntagResource.html */
export const untagResource: Handler<Sdk, "untagResource"> = (ctx, input) => {
  const tagged = find(ctx, input.resourceArn);
  tagged.save(withoutTags(tagged.tags, input.tagKeys));
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTagsForResource.html */
export const listTagsForResource: Handler<Sdk, "listTagsForResource"> = (ctx, input) => ({
  tags: tagList(find(ctx, input.resourceArn).tags),
});
