import type { Handler } from "../../../kernel/service.ts";
import type { Context } from "../../../kernel/context.ts";
import { openObject } from "../access.ts";
import type { OpenBucket } from "../access.ts";
import { encryptionMembers, refuseCustomerKey } from "../attributes.ts";
import { openBody } from "../bodies.ts";
import { checksumMembers } from "../checksums.ts";
import { errors } from "../errors.ts";
import { quoted, shownVersionId } from "../model.ts";
import type { Bucket, StoredObject } from "../model.ts";
import { contentRange } from "../ranges.ts";
import { requireConditions, requireRange } from "../reading.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { readableObject } from "../versions.ts";

/** What GetObject and HeadObject have in common. */
interface ReadInput {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string | undefined;
  readonly PartNumber?: number | undefined;
  readonly Range?: string | undefined;
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
  readonly IfModifiedSince?: Date | undefined;
  readonly IfUnmodifiedSince?: Date | undefined;
  readonly ChecksumMode?: string | undefined;
  readonly ExpectedBucketOwner?: string | undefined;
  readonly SSECustomerAlgorithm?: string | undefined;
  readonly SSECustomerKey?: string | undefined;
  readonly ResponseCacheControl?: string | undefined;
  readonly ResponseContentDisposition?: string | undefined;
  readonly ResponseContentEncoding?: string | undefined;
  readonly ResponseContentLanguage?: string | undefined;
  readonly ResponseContentType?: string | undefined;
  readonly ResponseExpires?: Date | undefined;
}

/** The bytes of one part, and what else is told of it. */
function partOf(home: Context, object: StoredObject, partNumber: number) {
  const count = object.body.kind === "parts" ? object.body.count : 1;
  if (partNumber < 1 || partNumber > count) {
    throw errors.InvalidPartNumber("The requested partnumber is not satisfiable", {
      ActualPartCount: count,
      PartNumberRequested: partNumber,
    });
  }
  if (object.body.kind !== "parts")
    return { range: { start: 0, end: object.sizeBytes - 1 }, checksum: object.checksum, count: undefined };
  const parts = home.table(tables.manifests).get(object.body.id) ?? [];
  const start = parts.slice(0, partNumber - 1).reduce((sum, part) => sum + part.sizeBytes, 0);
  const part = parts[partNumber - 1];
  return { range: { start, end: start + (part?.sizeBytes ?? 0) - 1 }, checksum: part?.checksum, count };
}

/** Everything that is told of an object, but for its bytes. */
function describeObject(bucket: Bucket, object: StoredObject) {
  const { lock } = object;
  return {
    AcceptRanges: "bytes",
    ...object.headers,
    ETag: quoted(object.etag),
    LastModified: new Date(object.lastModified),
    Metadata: { ...object.metadata },
    VersionId: shownVersionId(bucket, object),
    ...encryptionMembers(object.encryption),
    ...(object.storageClass !== "STANDARD" && { StorageClass: object.storageClass as "GLACIER" }),
    ...(object.redirect !== undefined && { WebsiteRedirectLocation: object.redirect }),
    ...(lock?.mode !== undefined && { ObjectLockMode: lock.mode }),
    ...(lock?.retainUntil !== undefined && { ObjectLockRetainUntilDate: new Date(lock.retainUntil) }),
    ...(lock?.legalHold === true && { ObjectLockLegalHoldStatus: "ON" as const }),
  };
}

function read(ctx: Context, input: ReadInput) {
  const { Bucket: name, Key: key, VersionId: versionId, ExpectedBucketOwner: expectedOwner } = input;
  refuseCustomerKey(input);
  const wish = {
    action: versionId === undefined ? "s3:GetObject" : "s3:GetObjectVersion",
    bucket: name,
    key,
    expectedOwner,
    values: { "s3:versionid": versionId },
  };
  const opened = openObject(ctx, wish, ({ home, bucket }: OpenBucket) => readableObject(home, bucket, key, versionId));
  const { bucket, home, object } = opened;
  requireConditions(
    {
      ifMatch: input.IfMatch,
      ifNoneMatch: input.IfNoneMatch,
      ifModifiedSince: input.IfModifiedSince,
      ifUnmodifiedSince: input.IfUnmodifiedSince,
    },
    object,
  );
  if (input.Range !== undefined && input.PartNumber !== undefined) {
    throw errors.InvalidRequest("Cannot specify both Range header and partNumber query parameter");
  }
  const overrides = {
    ...(input.ResponseCacheControl !== undefined && { CacheControl: input.ResponseCacheControl }),
    ...(input.ResponseContentDisposition !== undefined && { ContentDisposition: input.ResponseContentDisposition }),
    ...(input.ResponseContentEncoding !== undefined && { ContentEncoding: input.ResponseContentEncoding }),
    ...(input.ResponseContentLanguage !== undefined && { ContentLanguage: input.ResponseContentLanguage }),
    ...(input.ResponseContentType !== undefined && { ContentType: input.ResponseContentType }),
    ...(input.ResponseExpires !== undefined && { Expires: input.ResponseExpires }),
  };
  if (Object.keys(overrides).length > 0 && ctx.principal.type === "anonymous") {
    throw errors.InvalidRequest("Request specific response headers cannot be used for anonymous GET requests.");
  }
  const part = input.PartNumber === undefined ? undefined : partOf(home, object, input.PartNumber);
  const range = part?.range ?? requireRange(input.Range, object.sizeBytes);
  // Of a range of an object there is no checksum to compare with.
  const checksum = part === undefined ? (range === undefined ? object.checksum : undefined) : part.checksum;
  const tagCount = Object.keys(object.tags).length;
  const description = {
    ...describeObject(bucket, object),
    ...overrides,
    ContentLength: range === undefined ? object.sizeBytes : range.end - range.start + 1,
    ...(range !== undefined && object.sizeBytes > 0 && { ContentRange: contentRange(range, object.sizeBytes) }),
    ...(part?.count !== undefined && { PartsCount: part.count }),
    ...(input.ChecksumMode === "ENABLED" &&
      checksum !== undefined && { ...checksumMembers(checksum), ChecksumType: checksum.type }),
    ...(tagCount > 0 && { TagCount: tagCount }),
  };
  return { home, object, range, description };
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
export const headObject: Handler<Sdk, "headObject"> = (ctx, input) => {
  const { description } = read(ctx, input);
  return description;
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export const getObject: Handler<Sdk, "getObject"> = async (ctx, input) => {
  const { home, object, range, description } = read(ctx, input);
  if (object.storageClass === "GLACIER" || object.storageClass === "DEEP_ARCHIVE") {
    throw errors.InvalidObjectState("The operation is not valid for the object's storage class", {
      StorageClass: object.storageClass,
    });
  }
  return { ...description, Body: await openBody(home, object.body, object.sizeBytes, range) };
};
