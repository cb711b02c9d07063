import { createHash } from "node:crypto";
import type { AccountId, Millis, Region } from "@trysail/core";
import type {
  Grant,
  OwnershipControls,
  PublicAccessBlockConfiguration,
  ServerSideEncryptionConfiguration,
} from "@aws-sdk/client-s3";
import type { BlobId } from "../../store/blobs.ts";
import type { Checksum } from "./checksums.ts";

/** A bucket, with those of its settings that most requests need. */
export interface Bucket {
  readonly name: string;
  readonly account: AccountId;
  readonly region: Region;
  readonly createdAt: Millis;
  /** Undefined until versioning is set for the first time. */
  readonly versioning: "Enabled" | "Suspended" | undefined;
  readonly objectLock: boolean;
  readonly encryption: ServerSideEncryptionConfiguration;
  readonly ownership: OwnershipControls | undefined;
  readonly publicAccessBlock: PublicAccessBlockConfiguration | undefined;
  readonly grants: readonly Grant[];
}

/** Where the bytes are. A large or a multipart body is real only as long as a row names it. */
export type Body =
  | { readonly kind: "empty" }
  | { readonly kind: "inline"; readonly id: string }
  | { readonly kind: "blob"; readonly id: BlobId }
  /** `count` parts, listed in a row of their own. */
  | { readonly kind: "parts"; readonly id: string; readonly count: number };

/** One part of a multipart object. */
export interface PartBody {
  readonly number: number;
  readonly sizeBytes: number;
  readonly body: Exclude<Body, { readonly kind: "parts" }>;
  readonly checksum: Checksum | undefined;
}

/** The headers that S3 keeps and returns as they were sent. */
export interface SystemHeaders {
  readonly CacheControl?: string | undefined;
  readonly ContentDisposition?: string | undefined;
  readonly ContentEncoding?: string | undefined;
  readonly ContentLanguage?: string | undefined;
  readonly ContentType?: string | undefined;
  readonly Expires?: Date | undefined;
}

/** How an object says that it is encrypted. */
export interface Encryption {
  readonly algorithm: "AES256" | "aws:kms" | "aws:kms:dsse";
  readonly keyId: string | undefined;
  readonly bucketKey: boolean;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html */
export interface ObjectLock {
  readonly mode: "GOVERNANCE" | "COMPLIANCE" | undefined;
  readonly retainUntil: Millis | undefined;
  readonly legalHold: boolean;
}

/** What a caller may give an object, by any way of writing it. */
export interface ObjectAttributes {
  readonly headers: SystemHeaders;
  readonly metadata: Readonly<Record<string, string>>;
  readonly redirect: string | undefined;
  readonly storageClass: string;
  readonly encryption: Encryption;
  readonly tags: Readonly<Record<string, string>>;
  /** Undefined: the bucket's owner has full control, and nobody else anything. */
  readonly grants: readonly Grant[] | undefined;
  readonly lock: ObjectLock | undefined;
}

/** An object's bytes, as they were received. */
export interface ObjectContent {
  readonly sizeBytes: number;
  /** Without quotes. */
  readonly etag: string;
  readonly checksum: Checksum | undefined;
  readonly body: Body;
}

export interface Versioned {
  /** Undefined for the null version: one that was written while versioning was not enabled. */
  readonly versionId: string | undefined;
  /** Grows from each version of a key to the next. */
  readonly order: number;
  readonly lastModified: Millis;
}

export interface StoredObject extends Versioned, ObjectContent, ObjectAttributes {
  readonly deleteMarker: false;
}

export interface DeleteMarker extends Versioned {
  readonly deleteMarker: true;
}

export type Version = StoredObject | DeleteMarker;

/** A multipart upload that has begun. */
export interface Upload extends ObjectAttributes {
  readonly key: string;
  readonly uploadId: string;
  readonly initiatedAt: Millis;
  /** Who began it. */
  readonly initiator: string;
  readonly checksumAlgorithm: Checksum["algorithm"];
  readonly checksumType: Checksum["type"];
  /** Whether the caller asked for that checksum. */
  readonly checksumDeclared: boolean;
}

/** A part that was uploaded. */
export interface UploadedPart extends PartBody {
  readonly etag: string;
  readonly lastModified: Millis;
  /** The checksum that its caller declared, which need not be the upload's. */
  readonly declared: Pick<Checksum, "algorithm" | "value"> | undefined;
}

/** An account's canonical user id: always the same 64 hexadecimal digits. */
export function canonicalId(account: string): string {
  return createHash("sha256").update(`canonical user of ${account}`).digest("hex");
}

const orderDigits = 9;

/** A version's id tells its order, so that it is found without a search. @param random - 23 lower-case letters and digits */
export function versionIdOf(order: number, random: string): string {
  return order.toString(36).padStart(orderDigits, "0") + random;
}

/** The order that a version's id tells; undefined if the id is none of ours. */
export function orderOf(versionId: string): number | undefined {
  return /^[0-9a-z]{32}$/.test(versionId) ? Number.parseInt(versionId.slice(0, orderDigits), 36) : undefined;
}

/** What the API calls a version. */
export function shownVersionId(bucket: Bucket, version: Versioned): string | undefined {
  return version.versionId ?? (bucket.versioning === undefined ? undefined : "null");
}

export function quoted(etag: string): string {
  return `"${etag}"`;
}
