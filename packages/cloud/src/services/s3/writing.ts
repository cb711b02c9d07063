import type { Context } from "../../kernel/context.ts";
import { openBucket } from "./access.ts";
import type { OpenBucket } from "./access.ts";
import { checkKey } from "./attributes.ts";
import type { AttributesInput } from "./attributes.ts";
import { checkWrite } from "./conditions.ts";
import type { ReadConditions } from "./conditions.ts";
import { noSuchKey, preconditionFailed, unsupportedHeader } from "./errors.ts";
import type { Bucket } from "./model.ts";
import { currentObject } from "./versions.ts";

interface WriteInput extends AttributesInput {
  readonly Bucket: string;
  readonly Key: string;
  readonly ExpectedBucketOwner?: string | undefined;
}

/**
 * The bucket to write an object into, if the caller may write it with all that the request gives it.
 *
 * @throws AwsError `NoSuchBucket`, `AccessDenied`, `KeyTooLongError`
 */
export function openForWrite(ctx: Context, input: WriteInput): OpenBucket {
  const { Bucket: bucket, Key: key, ExpectedBucketOwner: expectedOwner, Tagging: tagging } = input;
  const tags = [...new URLSearchParams(tagging)].map(([name, value]) => [
    `s3:requestobjecttag/${name.toLowerCase()}`,
    value,
  ]);
  const values = {
    "s3:x-amz-acl": input.ACL,
    "s3:x-amz-server-side-encryption": input.ServerSideEncryption,
    "s3:x-amz-server-side-encryption-aws-kms-key-id": input.SSEKMSKeyId,
    "s3:x-amz-storage-class": input.StorageClass,
    ...(Object.fromEntries(tags) as Record<string, string>),
  };
  const open = openBucket(ctx, { action: "s3:PutObject", bucket, key, expectedOwner, values });
  const acl = [input.ACL, input.GrantFullControl, input.GrantRead, input.GrantReadACP, input.GrantWriteACP];
  const more = [
    ...(tagging === undefined || tagging === "" ? [] : ["s3:PutObjectTagging"]),
    ...(acl.every((each) => each === undefined) ? [] : ["s3:PutObjectAcl"]),
    ...(input.ObjectLockMode === undefined ? [] : ["s3:PutObjectRetention"]),
    ...(input.ObjectLockLegalHoldStatus === undefined ? [] : ["s3:PutObjectLegalHold"]),
  ];
  for (const action of more) openBucket(ctx, { action, bucket, key, values });
  checkKey(key);
  return open;
}

/**
 * Refuses a write whose conditions do not hold.
 *
 * @throws AwsError `PreconditionFailed`, `NoSuchKey`
 */
export function requireWritable(
  home: Context,
  bucket: Bucket,
  key: string,
  conditions: Pick<ReadConditions, "ifMatch" | "ifNoneMatch">,
): void {
  if (conditions.ifMatch === undefined && conditions.ifNoneMatch === undefined) return;
  if (conditions.ifNoneMatch !== undefined && conditions.ifNoneMatch !== "*") {
    throw unsupportedHeader("If-None-Match", "of a write it can be * only, as in S3.");
  }
  const result = checkWrite(conditions, currentObject(home, bucket, key));
  if (result === "missing") throw noSuchKey(key);
  if (result !== "proceed") throw preconditionFailed(result);
}
