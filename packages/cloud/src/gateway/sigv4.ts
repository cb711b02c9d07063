import { createHmac, hash, timingSafeEqual } from "node:crypto";
import type { Millis } from "@trysail/core";
import { commonErrors } from "../kernel/errors.ts";
import type { RequestHead } from "../wire/http.ts";

/** A request may be this much off our clock. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */
const allowedSkewMs = 15 * 60_000;

/** The longest life of a presigned URL: seven days. */
const longestPresignedSeconds = 604_800;

/** What a SigV4 signature says of itself, from the `Authorization` header or from a presigned URL. */
export interface Signature {
  readonly accessKeyId: string;
  /** `20260101`. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `20260101T000000Z`. */
  readonly timestamp: string;
  readonly sessionToken: string | undefined;
  /** Seconds; set for presigned URLs. */
  readonly expiresSeconds: number | undefined;
}

/** `[name, value]`, both as sent. */
type QueryPair = readonly [string, string];

function queryPairs(query: string): QueryPair[] {
  if (query === "") return [];
  return query.split("&").map((pair): QueryPair => {
    const at = pair.indexOf("=");
    return at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
  });
}

/** SigV4's own percent-encoding: everything but unreserved characters. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", "%20"));
  } catch {
    return text;
  }
}

/**
 * Reads a request's signature.
 *
 * @returns undefined if it carries none
 * @throws AwsError `IncompleteSignature` if it carries one that cannot be read
 */
export function readSignature({ query, headers }: RequestHead): Signature | undefined {
  const { authorization } = headers;
  if (authorization !== undefined) return readAuthorization(authorization, headers);
  if (/(^|&)AWSAccessKeyId=/.test(query)) throw obsoleteMechanism();
  if (!query.includes("X-Amz-Signature=")) return undefined;
  const pairs = new Map(queryPairs(query).map(([name, value]) => [name, decode(value)]));
  return fromParts({
    credential: pairs.get("X-Amz-Credential"),
    signedHeaders: pairs.get("X-Amz-SignedHeaders"),
    signature: pairs.get("X-Amz-Signature"),
    timestamp: pairs.get("X-Amz-Date"),
    sessionToken: pairs.get("X-Amz-Security-Token"),
    expiresSeconds: Number(pairs.get("X-Amz-Expires") ?? Number.NaN),
  });
}

/** Old clients presign with version 2 unless they are told not to (`s3.signature_version = s3v4`). */
function obsoleteMechanism() {
  return commonErrors.InvalidRequest(
    "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
  );
}

function readAuthorization(authorization: string, headers: RequestHead["headers"]): Signature {
  const [algorithm] = authorization.split(" ", 1);
  if (algorithm === "AWS") throw obsoleteMechanism();
  if (algorithm !== "AWS4-HMAC-SHA256") {
    throw commonErrors.IncompleteSignature(
      `Unsupported signing algorithm '${algorithm}': only AWS4-HMAC-SHA256 is supported.`,
    );
  }
  return fromParts({
    credential: /Credential=([^,\s]+)/.exec(authorization)?.[1],
    signedHeaders: /SignedHeaders=([^,\s]+)/.exec(authorization)?.[1],
    signature: /Signature=([^,\s]+)/.exec(authorization)?.[1],
    timestamp: headers["x-amz-date"] ?? dateHeader(headers["date"]),
    sessionToken: headers["x-amz-security-token"],
    expiresSeconds: undefined,
  });
}

function dateHeader(date: string | undefined): string | undefined {
  const time = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, "");
}

function fromParts(parts: {
  credential: string | undefined;
  signedHeaders: string | undefined;
  signature: string | undefined;
  timestamp: string | undefined;
  sessionToken: string | undefined;
  expiresSeconds: number | undefined;
}): Signature {
  const scope = parts.credential?.split("/") ?? [];
  const [accessKeyId, date, region, service, terminator] =
    scope.length > 5 ? [scope.slice(0, -4).join("/"), ...scope.slice(-4)] : scope;
  if (!accessKeyId || !date || !region || !service || terminator !== "aws4_request") {
    throw commonErrors.IncompleteSignature("Credential must have the form KEY/DATE/REGION/SERVICE/aws4_request.");
  }
  if (!parts.signedHeaders || !parts.signature || !parts.timestamp) {
    throw commonErrors.IncompleteSignature("Authorization requires SignedHeaders, Signature and a date (X-Amz-Date).");
  }
  return {
    accessKeyId,
    date,
    region,
    service,
    signedHeaders: parts.signedHeaders.split(";"),
    signature: parts.signature,
    timestamp: parts.timestamp,
    sessionToken: parts.sessionToken,
    expiresSeconds: parts.expiresSeconds,
  };
}

/** @throws AwsError `AccessDenied` for a presigned URL that is no longer good, `SignatureDoesNotMatch` for a clock that is off */
export function checkAge(signature: Signature, now: Millis): void {
  const { timestamp, expiresSeconds } = signature;
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp) ?? [];
  const signedAt = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  if (expiresSeconds !== undefined) {
    if (!(expiresSeconds >= 0 && expiresSeconds <= longestPresignedSeconds)) {
      throw commonErrors.AccessDenied("X-Amz-Expires must be between 0 and 604800 seconds.");
    }
    if (now > signedAt + expiresSeconds * 1000) throw commonErrors.AccessDenied("Request has expired");
    if (signedAt > now + allowedSkewMs) throw commonErrors.AccessDenied("Request is not valid yet");
    return;
  }
  if (!(Math.abs(now - signedAt) <= allowedSkewMs)) {
    throw commonErrors.SignatureDoesNotMatch(
      `Signature expired or not yet current: ${timestamp} is more than 15 minutes off this machine's time, ${new Date(now).toISOString()}.`,
    );
  }
}

const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
const sha256 = (data: string | Uint8Array) => hash("sha256", data);

/** The hash of a body, as signatures carry it. */
export const payloadHash: (body: Uint8Array) => string = sha256;

/** Derives and remembers signing keys: one for each key, day, region and service. */
export function createSigningKeys(limit = 1_000): (secret: string, signature: Signature) => Buffer {
  const known = new Map<string, Buffer>();
  return (secret, { date, region, service }) => {
    const name = `${secret}/${date}/${region}/${service}`;
    let key = known.get(name);
    if (key === undefined) {
      key = hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), "aws4_request");
      if (known.size >= limit) known.clear();
      known.set(name, key);
    }
    return key;
  };
}

function canonicalPath(path: string, service: string): string {
  // S3 signs the path as it is sent; all others resolve its dots and empty parts, and encode it once more.
  if (service === "s3") {
    return path
      .split("/")
      .map((part) => encode(decodePath(part)))
      .join("/");
  }
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(encode(part));
  }
  return `/${parts.join("/")}${parts.length > 0 && path.endsWith("/") ? "/" : ""}`;
}

function decodePath(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function canonicalQuery(query: string): string {
  return queryPairs(query)
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]): QueryPair => [encode(decode(name)), encode(decode(value))])
    .toSorted(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/**
 * Whether the signature was made with the key.
 *
 * @param payload - its SHA-256, or what `x-amz-content-sha256` says in its place (`UNSIGNED-PAYLOAD`)
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function isSignedWith(
  key: Buffer,
  signature: Signature,
  { method, path, query, headers }: RequestHead,
  payload: string,
): boolean {
  const canonicalHeaders = signature.signedHeaders
    .map((name) => `${name}:${(headers[name] ?? "").trim().replace(/ +/g, " ")}\n`)
    .join("");
  const canonicalRequest = [
    method,
    canonicalPath(path, signature.service),
    canonicalQuery(query),
    canonicalHeaders,
    signature.signedHeaders.join(";"),
    payload,
  ].join("\n");
  const { date, region, service, timestamp } = signature;
  const toSign = `AWS4-HMAC-SHA256\n${timestamp}\n${date}/${region}/${service}/aws4_request\n${sha256(canonicalRequest)}`;
  const expected = hmac(key, toSign);
  const given = Buffer.from(signature.signature, "hex");
  return given.length === expected.length && timingSafeEqual(given, expected);
}
