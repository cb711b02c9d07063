import type { Context } from "../../kernel/context.ts";
import { openObject } from "./access.ts";
import { readableObject } from "./versions.ts";

/**
 * The object, or the version of it, that a request is about, if the caller may do this with it.
 *
 * @param action - on the current version, such as `s3:GetObjectTagging`; that on a version is named after it
 * @throws AwsError `NoSuchBucket`, `NoSuchKey`, `NoSuchVersion`, `AccessDenied`
 */
export function openVersion(
  ctx: Context,
  action: string,
  input: {
    readonly Bucket: string;
    readonly Key: string;
    readonly VersionId?: string | undefined;
    readonly ExpectedBucketOwner?: string | undefined;
  },
) {
  const { Bucket: bucket, Key: key, VersionId: versionId, ExpectedBucketOwner: expectedOwner } = input;
  return openObject(
    ctx,
    {
      action: versionId === undefined ? action : action.replace("Object", "ObjectVersion"),
      bucket,
      key,
      expectedOwner,
    },
    (open) => readableObject(open.home, open.bucket, key, versionId),
  );
}
