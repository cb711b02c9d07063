import type { Context } from "../../kernel/context.ts";
import { openObject } from "./access.ts";
import type { OpenBucket } from "./access.ts";
import { failedCopyCondition } from "./conditions.ts";
import { errors, invalidArgument, preconditionFailed, unsupportedHeader } from "./errors.ts";
import type { StoredObject } from "./model.ts";
import { readableObject } from "./versions.ts";

export interface CopySource {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

/** What CopyObject and UploadPartCopy say of their source. */
export interface CopySourceInput {
  readonly CopySource: string;
  readonly CopySourceIfMatch?: string | undefined;
  readonly CopySourceIfNoneMatch?: string | undefined;
  readonly CopySourceIfModifiedSince?: Date | undefined;
  readonly CopySourceIfUnmodifiedSince?: Date | undefined;
  readonly CopySourceSSECustomerAlgorithm?: string | undefined;
  readonly ExpectedSourceBucketOwner?: string | undefined;
}

/**
 * Reads `x-amz-copy-source`: `bucket/key`, encoded as in a URL, with `?versionId=` if a version is meant.
 *
 * @throws AwsError `InvalidArgument`
 */
export function parseCopySource(header: string): CopySource {
  const { path = "", versionId } = /^(?<path>.*?)(?:\?versionId=(?<versionId>.*))?$/s.exec(header)?.groups ?? {};
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    throw invalidArgument("x-amz-copy-source", header, "Invalid copy source encoding.");
  }
  const { bucket, key } = /^\/?(?<bucket>[^/]+)\/(?<key>.+)$/s.exec(decoded)?.groups ?? {};
  if (bucket === undefined || key === undefined || bucket.startsWith("arn:")) {
    throw invalidArgument(
      "x-amz-copy-source",
      header,
      "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
    );
  }
  return { bucket, key, versionId: versionId === undefined ? undefined : decodeURIComponent(versionId) };
}

/**
 * The object to copy, if the caller may read it and the conditions hold.
 *
 * @throws AwsError `NoSuchBucket`, `NoSuchKey`, `AccessDenied`, `PreconditionFailed`, `InvalidRequest` for a delete marker
 */
export function openCopySource(
  ctx: Context,
  input: CopySourceInput,
): OpenBucket & { readonly source: CopySource; readonly object: StoredObject } {
  if (input.CopySourceSSECustomerAlgorithm !== undefined) {
    throw unsupportedHeader(
      "x-amz-copy-source-server-side-encryption-customer-algorithm",
      "objects are not encrypted with customer-provided keys.",
    );
  }
  const source = parseCopySource(input.CopySource);
  const { key, versionId } = source;
  const action = versionId === undefined ? "s3:GetObject" : "s3:GetObjectVersion";
  const wish = { action, bucket: source.bucket, key, expectedOwner: input.ExpectedSourceBucketOwner };
  const opened = openObject(ctx, wish, ({ home, bucket }) => readableObject(home, bucket, key, versionId));
  const { object } = opened;
  const failed = failedCopyCondition(
    {
      ifMatch: input.CopySourceIfMatch,
      ifNoneMatch: input.CopySourceIfNoneMatch,
      ifModifiedSince: input.CopySourceIfModifiedSince,
      ifUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
    },
    object,
  );
  if (failed !== undefined) throw preconditionFailed(failed);
  if (object.storageClass === "GLACIER" || object.storageClass === "DEEP_ARCHIVE") {
    throw errors.InvalidObjectState("The source object of the COPY operation is not in the active tier.", {
      StorageClass: object.storageClass,
    });
  }
  return { ...opened, source };
}
