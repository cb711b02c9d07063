import { checkRead } from "./conditions.ts";
import type { ReadConditions } from "./conditions.ts";
import { errors, preconditionFailed } from "./errors.ts";
import { quoted } from "./model.ts";
import type { StoredObject } from "./model.ts";
import { parseRange } from "./ranges.ts";
import type { ByteRange } from "./ranges.ts";

/**
 * Refuses a read whose conditions do not hold.
 *
 * @throws AwsError `PreconditionFailed`, `NotModified`
 */
export function requireConditions(conditions: ReadConditions, object: StoredObject): void {
  const result = checkRead(conditions, object);
  if (result === "proceed") return;
  if (result !== "not-modified") throw preconditionFailed(result);
  throw errors.NotModified("Not Modified", {
    etag: quoted(object.etag),
    "last-modified": new Date(object.lastModified),
    "cache-control": object.headers.CacheControl,
    expires: object.headers.Expires,
  });
}

/** The bytes to read; undefined for all of them. @throws AwsError `InvalidRange` */
export function requireRange(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  const range = parseRange(header, sizeBytes);
  if (range === "whole") return undefined;
  if (range !== "unsatisfiable") return range;
  throw errors.InvalidRange("The requested range is not satisfiable", {
    RangeRequested: header,
    ActualObjectSize: sizeBytes,
    "content-range": `bytes */${sizeBytes}`,
  });
}
