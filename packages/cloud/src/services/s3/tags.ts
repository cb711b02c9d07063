import type { Tag } from "@aws-sdk/client-s3";
import { errors, invalidArgument } from "./errors.ts";

export const mostObjectTags = 10;
export const mostBucketTags = 50;

/**
 * Tags by key.
 *
 * @throws AwsError `InvalidTag`, `BadRequest`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
 */
export function readTags(tags: readonly Tag[], most: number): Readonly<Record<string, string>> {
  if (tags.length > most) {
    throw errors.BadRequest(
      most === mostObjectTags
        ? "Object tags cannot be greater than 10"
        : `Bucket tag count cannot be greater than ${most}`,
    );
  }
  const read = new Map<string, string>();
  for (const { Key: key = "", Value: value = "" } of tags) {
    if (key === "" || key.length > 128 || !/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(key)) {
      throw errors.InvalidTag("The TagKey you have provided is invalid", { TagKey: key });
    }
    if (value.length > 256 || !/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(value)) {
      throw errors.InvalidTag("The TagValue you have provided is invalid", { TagKey: key, TagValue: value });
    }
    if (read.has(key)) throw errors.InvalidTag("Cannot provide multiple Tags with the same key", { TagKey: key });
    if (key.startsWith("aws:") && most === mostObjectTags) {
      throw errors.InvalidTag("Your TagKey cannot be prefixed with aws:", { TagKey: key });
    }
    read.set(key, value);
  }
  return Object.fromEntries(read);
}

/** The tags of an `x-amz-tagging` header, which is encoded as a query. */
export function readTaggingHeader(header: string | undefined): Readonly<Record<string, string>> {
  if (header === undefined || header === "") return {};
  const tags = [...new URLSearchParams(header)].map(([Key, Value]) => ({ Key, Value }));
  if (tags.some(({ Key }) => Key === "")) {
    throw invalidArgument(
      "x-amz-tagging",
      header,
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
    );
  }
  return readTags(tags, mostObjectTags);
}

export function tagSet(tags: Readonly<Record<string, string>>): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
