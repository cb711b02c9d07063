import type { DeleteMarkerEntry, ObjectVersion } from "@aws-sdk/client-s3";
import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { openBucket } from "../access.ts";
import { invalidArgument } from "../errors.ts";
import { keyWriter, listPage, pageSize, placeOf, prefixesOf } from "../listing.ts";
import { canonicalId, quoted } from "../model.ts";
import type { Bucket, Version } from "../model.ts";
import { fromRow } from "../object-row.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { findVersion } from "../versions.ts";

/** A version, and whether it is its key's latest. */
interface Ranked {
  readonly version: Version;
  readonly latest: boolean;
}

/**
 * All versions in the order of their keys, newest first within a key: the current object of a key stands before its
 * other versions.
 *
 * @param beyond - only keys after this one
 */
function* allVersions(home: Context, bucket: Bucket, prefix: string, beyond: string): Generator<[string, Ranked]> {
  const scope = { prefix: [bucket.name], startsWith: prefix };
  const objects = home
    .table(tables.objects)
    .entries({ ...scope, ...(beyond !== "" && { after: [bucket.name, beyond] as [string, string] }) });
  const others = home.table(tables.versions).entries({
    ...scope,
    // The greatest order number there is: past all versions of that key.
    ...(beyond !== "" && { after: [bucket.name, beyond, Number.MAX_SAFE_INTEGER] as [string, string, number] }),
  });
  let object = objects.next();
  let other = others.next();
  let last: string | undefined;
  while (object.done !== true || other.done !== true) {
    const objectKey = object.done === true ? undefined : object.value[0][1];
    const otherKey = other.done === true ? undefined : other.value[0][1];
    const objectFirst =
      otherKey === undefined ||
      (objectKey !== undefined && Buffer.compare(Buffer.from(objectKey), Buffer.from(otherKey)) <= 0);
    if (objectFirst && object.done !== true && objectKey !== undefined) {
      yield [objectKey, { version: fromRow(object.value[1]), latest: true }];
      last = objectKey;
      object = objects.next();
    } else if (other.done !== true && otherKey !== undefined) {
      yield [otherKey, { version: other.value[1], latest: otherKey !== last }];
      last = otherKey;
      other = others.next();
    }
  }
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */
export const listObjectVersions: Handler<Sdk, "listObjectVersions"> = (ctx, input) => {
  const {
    Prefix: prefix = "",
    Delimiter: delimiter = "",
    KeyMarker: keyMarker = "",
    VersionIdMarker: versionIdMarker,
  } = input;
  const { bucket, home } = openBucket(ctx, {
    action: "s3:ListBucketVersions",
    bucket: input.Bucket,
    expectedOwner: input.ExpectedBucketOwner,
    values: { "s3:prefix": input.Prefix, "s3:delimiter": input.Delimiter },
  });
  const write = keyWriter(input.EncodingType);
  const maxKeys = pageSize("max-keys", input.MaxKeys);
  if (versionIdMarker !== undefined && keyMarker === "") {
    throw invalidArgument(
      "version-id-marker",
      versionIdMarker,
      "A version-id marker cannot be specified without a key marker.",
    );
  }
  const startedAt = versionIdMarker === undefined ? undefined : findVersion(home, bucket, keyMarker, versionIdMarker);

  function* open(beyond: string | undefined): Generator<[string, Ranked]> {
    if (beyond === undefined && startedAt !== undefined) {
      // The rest of the marker's own key: versions older than the marker.
      for (const version of home.table(tables.versions).values({ prefix: [bucket.name, keyMarker] })) {
        if (version.order < startedAt.order) yield [keyMarker, { version, latest: false }];
      }
    }
    yield* allVersions(home, bucket, prefix, beyond ?? keyMarker);
  }
  const { items, truncated } = listPage({ open, prefix, delimiter, maxKeys, after: keyMarker });
  const Versions: ObjectVersion[] = [];
  const DeleteMarkers: DeleteMarkerEntry[] = [];
  const Owner = { ID: canonicalId(bucket.account) };
  for (const item of items) {
    if (item.type === "prefix") continue;
    const { version, latest } = item.value;
    const common = {
      Key: write(item.key),
      VersionId: version.versionId ?? "null",
      IsLatest: latest,
      LastModified: new Date(version.lastModified),
      Owner,
    };
    if (version.deleteMarker) {
      DeleteMarkers.push(common);
      continue;
    }
    const { etag, sizeBytes, checksum } = version;
    Versions.push({
      ...common,
      ETag: quoted(etag),
      Size: sizeBytes,
      StorageClass: version.storageClass as "STANDARD",
      ...(checksum !== undefined && { ChecksumAlgorithm: [checksum.algorithm], ChecksumType: checksum.type }),
    });
  }
  const last = items.at(-1);
  const CommonPrefixes = prefixesOf(items, write);
  return {
    Name: bucket.name,
    Prefix: write(prefix),
    KeyMarker: write(keyMarker),
    VersionIdMarker: versionIdMarker ?? "",
    ...(delimiter !== "" && { Delimiter: write(delimiter) }),
    MaxKeys: maxKeys,
    ...(input.EncodingType !== undefined && { EncodingType: input.EncodingType }),
    IsTruncated: truncated,
    ...(Versions.length > 0 && { Versions }),
    ...(DeleteMarkers.length > 0 && { DeleteMarkers }),
    ...(CommonPrefixes.length > 0 && { CommonPrefixes }),
    ...(truncated && {
      NextKeyMarker: write(placeOf(last) ?? ""),
      ...(last?.type === "entry" && { NextVersionIdMarker: last.value.version.versionId ?? "null" }),
    }),
  };
};
