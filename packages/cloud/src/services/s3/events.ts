import type { Context } from "../../kernel/context.ts";
import { bucketArn } from "./access.ts";
import type { Bucket, StoredObject, Version } from "./model.ts";
import { shownVersionId } from "./model.ts";
import { tables } from "./store.ts";

function tellsEventBridge(home: Context, { name }: Bucket): boolean {
  const configuration = home.table(tables.configurations).get([name, "notification", ""]);
  return configuration !== undefined && "EventBridgeConfiguration" in configuration
    ? configuration.EventBridgeConfiguration !== undefined
    : false;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
function emit(
  ctx: Context,
  home: Context,
  bucket: Bucket,
  detailType: string,
  object: object,
  version: Version | undefined,
  detail: object,
): void {
  const sequencer = (version?.order ?? home.now).toString(16).toUpperCase().padStart(16, "0");
  const versionId = version === undefined ? undefined : shownVersionId(bucket, version);
  home.emit({
    // Others than Trysail's own pipelines hear of it only where the bucket says so.
    isInternal: !tellsEventBridge(home, bucket),
    source: "aws.s3",
    detailType,
    resources: [bucketArn(bucket)],
    detail: {
      version: "0",
      bucket: { name: bucket.name },
      object: { ...object, ...(versionId !== undefined && { "version-id": versionId }), sequencer },
      "request-id": ctx.requestId,
      requester: ctx.account,
      "source-ip-address": "127.0.0.1",
      ...detail,
    },
  });
}

export function emitCreated(
  ctx: Context,
  home: Context,
  bucket: Bucket,
  key: string,
  object: StoredObject,
  reason: "PutObject" | "CopyObject" | "CompleteMultipartUpload",
): void {
  emit(ctx, home, bucket, "Object Created", { key, size: object.sizeBytes, etag: object.etag }, object, { reason });
}

/** @param version - the version that is gone, or the delete marker that came */
export function emitDeleted(
  ctx: Context,
  home: Context,
  bucket: Bucket,
  key: string,
  version: Version | undefined,
  permanently: boolean,
): void {
  const etag = version === undefined || version.deleteMarker ? {} : { etag: version.etag };
  emit(ctx, home, bucket, "Object Deleted", { key, ...etag }, version, {
    reason: "DeleteObject",
    "deletion-type": permanently ? "Permanently Deleted" : "Delete Marker Created",
  });
}

export function emitTagged(
  ctx: Context,
  home: Context,
  bucket: Bucket,
  key: string,
  object: StoredObject,
  added: boolean,
): void {
  emit(ctx, home, bucket, added ? "Object Tags Added" : "Object Tags Deleted", { key, etag: object.etag }, object, {});
}
