import type { Tag } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Context } from "../../kernel/context.ts";
import { readTags } from "../../kernel/tags.ts";
import type { Tags } from "../../kernel/tags.ts";
import { errors } from "./errors.ts";
import { maxTags } from "./limits.ts";
import { tables } from "./store.ts";

/** @throws AwsError `DuplicateTagKeys`, `TooManyTags`, `ValidationError` */
export function withTags(before: Tags, added: readonly Tag[] | undefined): Tags {
  const keys = (added ?? []).map(({ Key }) => Key ?? "");
  if (new Set(keys).size < keys.length) throw errors.DuplicateTagKeys("A tag key was specified more than once");
  for (const { Key: key = "", Value: value = "" } of added ?? []) {
    if (key === "" || key.length > 128 || value.length > 256)
      throw errors.ValidationError("A tag has a key of 1 to 128 characters and a value of at most 256");
  }
  const tags = readTags(added, before);
  if (Object.keys(tags).length > maxTags)
    throw errors.TooManyTags(`The maximum number of tags on a resource is '${maxTags}'`);
  return tags;
}

/** The tags that a new resource begins with. */
export function putTags(ctx: Context, arn: string, given: readonly Tag[] | undefined): void {
  const tags = withTags({}, given);
  if (Object.keys(tags).length > 0) ctx.table(tables.tags).put(arn, tags);
}
