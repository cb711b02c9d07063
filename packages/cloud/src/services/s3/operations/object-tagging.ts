import type { Handler } from "../../../kernel/service.ts";
import { emitTagged } from "../events.ts";
import { shownVersionId } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { mostObjectTags, readTags, tagSet } from "../tags.ts";
import { updateVersion } from "../versions.ts";
import { openVersion } from "../open-version.ts";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html */
export const getObjectTagging: Handler<Sdk, "getObjectTagging"> = (ctx, input) => {
  const { bucket, object } = openVersion(ctx, "s3:GetObjectTagging", input);
  return { TagSet: tagSet(object.tags), VersionId: shownVersionId(bucket, object) };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html */
export const putObjectTagging: Handler<Sdk, "putObjectTagging"> = (ctx, input) => {
  const { bucket, home, object } = openVersion(ctx, "s3:PutObjectTagging", input);
  const tagged = { ...object, tags: readTags(input.Tagging.TagSet ?? [], mostObjectTags) };
  updateVersion(home, bucket, input.Key, tagged);
  emitTagged(ctx, home, bucket, input.Key, tagged, true);
  return { VersionId: shownVersionId(bucket, object) };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjectTagging.html */
export const deleteObjectTagging: Handler<Sdk, "deleteObjectTagging"> = (ctx, input) => {
  const { bucket, home, object } = openVersion(ctx, "s3:DeleteObjectTagging", input);
  const bare = { ...object, tags: {} };
  updateVersion(home, bucket, input.Key, bare);
  emitTagged(ctx, home, bucket, input.Key, bare, false);
  return { VersionId: shownVersionId(bucket, object) };
};
