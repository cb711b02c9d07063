import type { DeletedObject, _Error as DeleteFailure } from "@aws-sdk/client-s3";
import type { Context } from "../../../kernel/context.ts";
import { AwsError } from "../../../kernel/errors.ts";
import type { Handler } from "../../../kernel/service.ts";
import { openBucket } from "../access.ts";
import type { OpenBucket } from "../access.ts";
import { matchesEtag } from "../conditions.ts";
import { malformedXml, preconditionFailed } from "../errors.ts";
import { emitDeleted } from "../events.ts";
import { mostDeletesAtOnce } from "../limits.ts";
import { shownVersionId } from "../model.ts";
import { requireUnlocked } from "../object-lock.ts";
import type { Sdk } from "../sdk.ts";
import { currentObject, deleteCurrent, deleteVersion, findVersion } from "../versions.ts";

interface Deletion {
  readonly key: string;
  readonly versionId: string | undefined;
  readonly ifMatch: string | undefined;
  readonly ifLastModified: Date | undefined;
  readonly ifSize: number | undefined;
  readonly bypassGovernance: boolean;
}

interface Deleted {
  /** A delete marker came, or was deleted. */
  readonly deleteMarker: boolean;
  readonly versionId: string | undefined;
}

/** Deletes a key or one of its versions, inside of a transaction. What is not there is as good as deleted. */
function deleteOne(ctx: Context, { bucket, home }: OpenBucket, deletion: Deletion): Deleted {
  const { key, versionId } = deletion;
  const target = versionId === undefined ? currentObject(home, bucket, key) : findVersion(home, bucket, key, versionId);
  if (target !== undefined && !target.deleteMarker) {
    if (deletion.ifMatch !== undefined && !matchesEtag(deletion.ifMatch, target.etag))
      throw preconditionFailed("If-Match");
    const { ifLastModified, ifSize } = deletion;
    if (
      ifLastModified !== undefined &&
      Math.floor(ifLastModified.getTime() / 1000) !== Math.floor(target.lastModified / 1000)
    ) {
      throw preconditionFailed("x-amz-if-match-last-modified-time");
    }
    if (ifSize !== undefined && ifSize !== target.sizeBytes) throw preconditionFailed("x-amz-if-match-size");
  } else if (deletion.ifMatch !== undefined) {
    throw preconditionFailed("If-Match");
  }
  if (versionId === undefined) {
    const result = deleteCurrent(home, bucket, key);
    const permanently = bucket.versioning === undefined;
    if (result !== undefined) emitDeleted(ctx, home, bucket, key, result, permanently);
    return permanently || result === undefined
      ? { deleteMarker: false, versionId: undefined }
      : { deleteMarker: true, versionId: shownVersionId(bucket, result) };
  }
  if (target === undefined) return { deleteMarker: false, versionId };
  requireUnlocked(target, home.now, deletion.bypassGovernance);
  deleteVersion(home, bucket, key, target);
  emitDeleted(ctx, home, bucket, key, target, true);
  return { deleteMarker: target.deleteMarker, versionId };
}

const actionOf = (versionId: string | undefined) =>
  versionId === undefined ? "s3:DeleteObject" : "s3:DeleteObjectVersion";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html */
export const deleteObject: Handler<Sdk, "deleteObject"> = (ctx, input) => {
  const { Bucket: bucket, Key: key, VersionId: versionId, ExpectedBucketOwner: expectedOwner } = input;
  const open = openBucket(ctx, {
    action: actionOf(versionId),
    bucket,
    key,
    expectedOwner,
    values: { "s3:versionid": versionId },
  });
  const deleted = deleteOne(ctx, open, {
    key,
    versionId,
    ifMatch: input.IfMatch,
    ifLastModified: input.IfMatchLastModifiedTime,
    ifSize: input.IfMatchSize,
    bypassGovernance: input.BypassGovernanceRetention === true,
  });
  return {
    ...(deleted.deleteMarker && { DeleteMarker: true }),
    ...(deleted.versionId !== undefined && { VersionId: deleted.versionId }),
  };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
export const deleteObjects: Handler<Sdk, "deleteObjects"> = (ctx, input) => {
  const { Bucket: name, ExpectedBucketOwner: expectedOwner } = input;
  const { Objects: objects = [], Quiet: quiet = false } = input.Delete;
  if (objects.length === 0 || objects.length > mostDeletesAtOnce) throw malformedXml();
  const deleted: DeletedObject[] = [];
  const failed: DeleteFailure[] = [];
  for (const { Key: key = "", VersionId: versionId, ETag, LastModifiedTime, Size } of objects) {
    try {
      const open = openBucket(ctx, {
        action: actionOf(versionId),
        bucket: name,
        key,
        expectedOwner,
        values: { "s3:versionid": versionId },
      });
      const result = deleteOne(ctx, open, {
        key,
        versionId,
        ifMatch: ETag,
        ifLastModified: LastModifiedTime,
        ifSize: Size,
        bypassGovernance: input.BypassGovernanceRetention === true,
      });
      deleted.push({
        Key: key,
        ...(versionId !== undefined && { VersionId: versionId }),
        ...(result.deleteMarker && { DeleteMarker: true, DeleteMarkerVersionId: result.versionId }),
      });
    } catch (error) {
      if (!(error instanceof AwsError) || error.code === "NoSuchBucket") throw error;
      failed.push({
        Key: key,
        ...(versionId !== undefined && { VersionId: versionId }),
        Code: error.code,
        Message: error.message,
      });
    }
  }
  return { ...(!quiet && { Deleted: deleted }), ...(failed.length > 0 && { Errors: failed }) };
};
