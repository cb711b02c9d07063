import type { Context } from "../../kernel/context.ts";
import { discard } from "./bodies.ts";
import { invalidArgument, noSuchKey, errors } from "./errors.ts";
import { orderOf, shownVersionId, versionIdOf } from "./model.ts";
import type { Bucket, DeleteMarker, ObjectAttributes, ObjectContent, StoredObject, Version } from "./model.ts";
import { fromRow, toRow } from "./object-row.ts";
import { tables, versionKey } from "./store.ts";

// All of these are called with the bucket's home context; those that write, inside of a transaction.

/** The object that a key means now; undefined if there is none, or it is deleted. */
export function currentObject(home: Context, bucket: Bucket, key: string): StoredObject | undefined {
  const row = home.table(tables.objects).get([bucket.name, key]);
  return row === undefined ? undefined : fromRow(row);
}

function saveCurrent(home: Context, bucket: Bucket, key: string, object: StoredObject): void {
  home.table(tables.objects).put([bucket.name, key], toRow(object));
}

/** The newest version that is not in `objects`: a delete marker if the key is deleted. */
function newestOther(home: Context, bucket: Bucket, key: string): Version | undefined {
  for (const version of home.table(tables.versions).values({ prefix: [bucket.name, key] })) return version;
  return undefined;
}

/** A version by the id that a caller gives; undefined if there is none. */
export function findVersion(home: Context, bucket: Bucket, key: string, versionId: string): Version | undefined {
  const current = currentObject(home, bucket, key);
  if (versionId === "null") {
    if (current !== undefined && current.versionId === undefined) return current;
    for (const version of home.table(tables.versions).values({ prefix: [bucket.name, key] })) {
      if (version.versionId === undefined) return version;
    }
    return undefined;
  }
  if (current?.versionId === versionId) return current;
  const order = orderOf(versionId);
  if (order === undefined) throw invalidArgument("versionId", versionId, "Invalid version id specified");
  const found = home.table(tables.versions).get(versionKey(bucket.name, key, order));
  return found?.versionId === versionId ? found : undefined;
}

/**
 * The object that a read means.
 *
 * @throws AwsError `NoSuchKey`, `NoSuchVersion`, or `MethodNotAllowed` for a delete marker that is asked for by its id
 */
export function readableObject(
  home: Context,
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
): StoredObject {
  if (versionId === undefined) {
    const current = currentObject(home, bucket, key);
    if (current !== undefined) return current;
    const marker = newestOther(home, bucket, key);
    if (marker?.deleteMarker !== true) throw noSuchKey(key);
    throw errors.NoSuchKey("The specified key does not exist.", {
      Key: key,
      "x-amz-delete-marker": "true",
      "x-amz-version-id": shownVersionId(bucket, marker),
    });
  }
  const version = findVersion(home, bucket, key, versionId);
  if (version === undefined) {
    throw errors.NoSuchVersion("The specified version does not exist.", { Key: key, VersionId: versionId });
  }
  if (!version.deleteMarker) return version;
  throw errors.MethodNotAllowed("The specified method is not allowed against this resource.", {
    ResourceType: "DeleteMarker",
    "x-amz-delete-marker": "true",
    "x-amz-version-id": shownVersionId(bucket, version),
    "last-modified": new Date(version.lastModified),
  });
}

/** Takes a version away, with its body. */
function erase(home: Context, bucket: Bucket, key: string, version: Version): void {
  const current = currentObject(home, bucket, key);
  if (current?.order === version.order) home.table(tables.objects).delete([bucket.name, key]);
  else home.table(tables.versions).delete(versionKey(bucket.name, key, version.order));
  if (!version.deleteMarker) discard(home, version.body);
}

/** Makes room for a new current version. @returns the order and the id that it gets */
function supersede(
  home: Context,
  bucket: Bucket,
  key: string,
): Pick<StoredObject, "order" | "versionId" | "lastModified"> {
  const current = currentObject(home, bucket, key);
  if (bucket.versioning === undefined) {
    // Its row is about to be written over.
    if (current !== undefined) discard(home, current.body);
    return { order: home.now, versionId: undefined, lastModified: home.now };
  }
  const newest = current ?? newestOther(home, bucket, key);
  const order = Math.max(home.now, (newest?.order ?? 0) + 1);
  if (bucket.versioning === "Suspended") {
    // There is one null version at most: the new one takes the place of the old one, wherever that is.
    const old = findVersion(home, bucket, key, "null");
    if (old !== undefined) erase(home, bucket, key, old);
  }
  const kept = currentObject(home, bucket, key);
  if (kept !== undefined) {
    home.table(tables.versions).put(versionKey(bucket.name, key, kept.order), kept);
    home.table(tables.objects).delete([bucket.name, key]);
  }
  const versionId = bucket.versioning === "Enabled" ? versionIdOf(order, home.ids.hex(23)) : undefined;
  return { order, versionId, lastModified: home.now };
}

/** Makes this the key's current version. */
export function putObjectVersion(
  home: Context,
  bucket: Bucket,
  key: string,
  object: ObjectContent & ObjectAttributes,
): StoredObject {
  const stored: StoredObject = { ...object, ...supersede(home, bucket, key), deleteMarker: false };
  saveCurrent(home, bucket, key, stored);
  return stored;
}

/** Writes a version anew whose content stays: its tags, its grants, its lock. */
export function updateVersion(home: Context, bucket: Bucket, key: string, version: StoredObject): void {
  const current = currentObject(home, bucket, key);
  if (current?.order === version.order) saveCurrent(home, bucket, key, version);
  else home.table(tables.versions).put(versionKey(bucket.name, key, version.order), version);
}

/**
 * Deletes a key without naming a version: for good in a bucket without versioning, else behind a delete marker.
 *
 * @returns the marker, or the object that is gone, if there was one
 */
export function deleteCurrent(home: Context, bucket: Bucket, key: string): Version | undefined {
  if (bucket.versioning === undefined) {
    const current = currentObject(home, bucket, key);
    if (current !== undefined) erase(home, bucket, key, current);
    return current;
  }
  const marker: DeleteMarker = { ...supersede(home, bucket, key), deleteMarker: true };
  home.table(tables.versions).put(versionKey(bucket.name, key, marker.order), marker);
  return marker;
}

/** Deletes one version for good. If it was the latest, the one before it becomes current. */
export function deleteVersion(home: Context, bucket: Bucket, key: string, version: Version): void {
  erase(home, bucket, key, version);
  if (currentObject(home, bucket, key) !== undefined) return;
  const next = newestOther(home, bucket, key);
  if (next === undefined || next.deleteMarker) return;
  home.table(tables.versions).delete(versionKey(bucket.name, key, next.order));
  saveCurrent(home, bucket, key, next);
}
