import type { Millis } from "@trysail/core";

/** What a condition is about. The ETag is without its quotes. */
export interface Validators {
  readonly etag: string;
  readonly lastModified: Millis;
}

export interface ReadConditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: Date | undefined;
  readonly ifUnmodifiedSince?: Date | undefined;
}

/** Whether a header such as `"a", W/"b"` or `*` names the ETag. */
export function matchesEtag(header: string, etag: string): boolean {
  return header
    .split(",")
    .map((part) => part.trim().replace(/^W\//, "").replaceAll('"', ""))
    .some((part) => part === "*" || part === etag);
}

/** HTTP's dates have no milliseconds. */
const seconds = (time: Millis) => Math.floor(time / 1000);

/**
 * Whether a read goes on. An ETag condition decides over the date condition of its kind: If-Match that holds makes
 * If-Unmodified-Since void, If-None-Match makes If-Modified-Since void.
 *
 * @returns `proceed`, `not-modified`, or the header that failed
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function checkRead(
  { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince }: ReadConditions,
  { etag, lastModified }: Validators,
): "proceed" | "not-modified" | "If-Match" | "If-Unmodified-Since" {
  if (ifMatch !== undefined) {
    if (!matchesEtag(ifMatch, etag)) return "If-Match";
  } else if (ifUnmodifiedSince !== undefined && seconds(lastModified) > seconds(ifUnmodifiedSince.getTime())) {
    return "If-Unmodified-Since";
  }
  if (ifNoneMatch !== undefined) return matchesEtag(ifNoneMatch, etag) ? "not-modified" : "proceed";
  const modified = ifModifiedSince === undefined || seconds(lastModified) > seconds(ifModifiedSince.getTime());
  return modified ? "proceed" : "not-modified";
}

/**
 * Whether a copy's source is as the caller wants it. The pairs take precedence as for a read, but nothing is
 * "not modified": each failure is a failed precondition.
 *
 * @returns the header that failed; undefined if the copy goes on
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
export function failedCopyCondition(conditions: ReadConditions, source: Validators): string | undefined {
  const result = checkRead(conditions, source);
  if (result === "proceed") return undefined;
  if (result !== "not-modified") return `x-amz-copy-source-${result}`;
  return conditions.ifNoneMatch === undefined
    ? "x-amz-copy-source-If-Modified-Since"
    : "x-amz-copy-source-If-None-Match";
}

/**
 * Whether a write goes on, given what is there now.
 *
 * @returns `missing` if If-Match is asked of a key that has no object; or the header that failed
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function checkWrite(
  { ifMatch, ifNoneMatch }: Pick<ReadConditions, "ifMatch" | "ifNoneMatch">,
  existing: Validators | undefined,
): "proceed" | "missing" | "If-Match" | "If-None-Match" {
  if (ifNoneMatch !== undefined && existing !== undefined && matchesEtag(ifNoneMatch, existing.etag))
    return "If-None-Match";
  if (ifMatch === undefined) return "proceed";
  if (existing === undefined) return "missing";
  return matchesEtag(ifMatch, existing.etag) ? "proceed" : "If-Match";
}
