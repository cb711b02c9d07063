import type { Tag, TagSpecification } from "@aws-sdk/client-ec2";
import type { ResourceType } from "@aws-sdk/client-ec2";
import type { Context } from "../../kernel/context.ts";
import { errors } from "./errors.ts";
import { tables } from "./store.ts";

/** @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions */
const limits = { tags: 50, keyCharacters: 128, valueCharacters: 256 } as const;

/** A tag's key that tells on which port an instance's application is expected to serve, as its `PORT`. */
export const portTag = "trysail:port";

export function tagsOf(ctx: Context, id: string): { Key: string; Value: string }[] {
  return [...ctx.table(tables.tags).entries({ prefix: [id] })].map(([[, Key], Value]) => ({ Key, Value }));
}

/** Adds tags, or gives those that there are another value. Only inside of a transaction. */
export function putTags(ctx: Context, id: string, tags: readonly Tag[]): void {
  const rows = ctx.table(tables.tags);
  for (const { Key: key = "", Value: value = "" } of tags) {
    if (key === "") throw errors.InvalidParameterValue("Tag key cannot be empty");
    if (key.length > limits.keyCharacters)
      throw errors.InvalidParameterValue(`Tag key exceeds the maximum length of ${limits.keyCharacters} characters`);
    if (value.length > limits.valueCharacters)
      throw errors.InvalidParameterValue(
        `Tag value exceeds the maximum length of ${limits.valueCharacters} characters`,
      );
    rows.put([id, key], value);
  }
  // AWS's own do not count.
  if ([...rows.keys({ prefix: [id] })].filter(([, key]) => !key.startsWith("aws:")).length > limits.tags)
    throw errors.TagLimitExceeded("The maximum number of Tags for a resource has been reached.");
}

export function deleteTags(ctx: Context, id: string): void {
  const rows = ctx.table(tables.tags);
  const keys = [...rows.keys({ prefix: [id] })];
  for (const key of keys) rows.delete(key);
}

/** The tags that a request gives to what it makes of one type. */
export function specifiedTags(
  specifications: readonly Partial<TagSpecification>[] | undefined,
  type: ResourceType,
): readonly Tag[] {
  return (specifications ?? []).filter(({ ResourceType }) => ResourceType === type).flatMap(({ Tags = [] }) => Tags);
}

/** Refuses tags for types that a request does not make. @throws AwsError `InvalidParameterValue` */
export function checkSpecifications(
  specifications: readonly Partial<TagSpecification>[] | undefined,
  ...types: readonly ResourceType[]
): void {
  const other = (specifications ?? []).find(({ ResourceType }) => !types.includes(ResourceType as ResourceType));
  if (other !== undefined)
    throw errors.InvalidParameterValue(
      `'${String(other.ResourceType)}' is not a valid taggable resource type for this operation.`,
    );
}
