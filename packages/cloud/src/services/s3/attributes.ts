import type { Context } from "../../kernel/context.ts";
import { partitionOf } from "@trysail/core";
import { admittedGrants } from "./acl.ts";
import type { AclInput } from "./acl.ts";
import { errors, invalidArgument, unsupportedHeader } from "./errors.ts";
import { largestMetadataBytes, longestKeyBytes } from "./limits.ts";
import type { Bucket, Encryption, ObjectAttributes, SystemHeaders } from "./model.ts";
import { lockOf } from "./object-lock.ts";
import type { LockInput } from "./object-lock.ts";
import { readTaggingHeader } from "./tags.ts";

const storageClasses = [
  "STANDARD",
  "REDUCED_REDUNDANCY",
  "STANDARD_IA",
  "ONEZONE_IA",
  "INTELLIGENT_TIERING",
  "GLACIER",
  "GLACIER_IR",
  "DEEP_ARCHIVE",
];

interface EncryptionInput {
  readonly ServerSideEncryption?: string | undefined;
  readonly SSEKMSKeyId?: string | undefined;
  readonly BucketKeyEnabled?: boolean | undefined;
  readonly SSECustomerAlgorithm?: string | undefined;
  readonly SSECustomerKey?: string | undefined;
}

/** What requests that write an object have in common. */
export interface AttributesInput extends SystemHeaders, EncryptionInput, LockInput, AclInput {
  readonly Metadata?: Readonly<Record<string, string>> | undefined;
  readonly WebsiteRedirectLocation?: string | undefined;
  readonly StorageClass?: string | undefined;
  readonly Tagging?: string | undefined;
}

/** @throws AwsError `KeyTooLongError` */
export function checkKey(key: string): void {
  const sizeBytes = Buffer.byteLength(key);
  if (sizeBytes > longestKeyBytes) {
    throw errors.KeyTooLongError("Your key is too long", { Size: sizeBytes, MaxSizeAllowed: longestKeyBytes });
  }
}

/** @throws AwsError `NotImplemented`: bodies are not encrypted here, so a key that is to be forgotten would protect nothing */
export function refuseCustomerKey(input: Pick<EncryptionInput, "SSECustomerAlgorithm" | "SSECustomerKey">): void {
  if (input.SSECustomerAlgorithm === undefined && input.SSECustomerKey === undefined) return;
  throw unsupportedHeader(
    "x-amz-server-side-encryption-customer-algorithm",
    "objects are not encrypted with customer-provided keys.",
  );
}

export function readHeaders(input: SystemHeaders): SystemHeaders {
  const encoding = input.ContentEncoding?.split(",")
    .map((coding) => coding.trim())
    .filter((coding) => coding !== "aws-chunked" && coding !== "")
    .join(",");
  return {
    ContentType: input.ContentType ?? "binary/octet-stream",
    ...(input.CacheControl !== undefined && { CacheControl: input.CacheControl }),
    ...(input.ContentDisposition !== undefined && { ContentDisposition: input.ContentDisposition }),
    ...(encoding !== undefined && encoding !== "" && { ContentEncoding: encoding }),
    ...(input.ContentLanguage !== undefined && { ContentLanguage: input.ContentLanguage }),
    ...(input.Expires !== undefined && { Expires: input.Expires }),
  };
}

export function readMetadata(metadata: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const entries = Object.entries(metadata).map(([name, value]): [string, string] => [name.toLowerCase(), value]);
  const sizeBytes = entries.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  if (sizeBytes > largestMetadataBytes) {
    throw errors.MetadataTooLarge("Your metadata headers exceed the maximum allowed metadata size", {
      Size: sizeBytes,
      MaxSizeAllowed: largestMetadataBytes,
    });
  }
  return Object.fromEntries(entries);
}

export function readRedirect(location: string | undefined): string | undefined {
  if (location === undefined || /^(\/|https?:\/\/)/.test(location)) return location;
  throw errors.InvalidRedirectLocation(
    "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
  );
}

export function readStorageClass(name = "STANDARD"): string {
  if (!storageClasses.includes(name)) {
    throw errors.InvalidStorageClass("The storage class you specified is not valid", { StorageClassRequested: name });
  }
  return name;
}

/** How an object will say that it is encrypted: as its request asks, or as its bucket does by default. */
export function readEncryption(home: Context, bucket: Bucket, input: EncryptionInput): Encryption {
  refuseCustomerKey(input);
  const byDefault = bucket.encryption.Rules?.[0];
  const { SSEAlgorithm: defaultAlgorithm = "AES256", KMSMasterKeyID: defaultKey } =
    byDefault?.ApplyServerSideEncryptionByDefault ?? {};
  const algorithm = input.ServerSideEncryption ?? defaultAlgorithm;
  if (algorithm !== "AES256" && algorithm !== "aws:kms" && algorithm !== "aws:kms:dsse") {
    throw invalidArgument(
      "x-amz-server-side-encryption",
      algorithm,
      "The encryption method specified is not supported",
    );
  }
  if (algorithm === "AES256") {
    if (input.SSEKMSKeyId !== undefined) {
      throw invalidArgument(
        "x-amz-server-side-encryption",
        algorithm,
        "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
      );
    }
    return { algorithm, keyId: undefined, bucketKey: false };
  }
  const key =
    input.SSEKMSKeyId ?? (input.ServerSideEncryption === undefined ? defaultKey : undefined) ?? "alias/aws/s3";
  const kms = `arn:${partitionOf(home.region)}:kms:${home.region}:${home.account}:`;
  return {
    algorithm,
    keyId: key.startsWith("arn:") ? key : `${kms}${key.startsWith("alias/") ? key : `key/${key}`}`,
    bucketKey: input.BucketKeyEnabled ?? byDefault?.BucketKeyEnabled ?? false,
  };
}

export function readAttributes(home: Context, bucket: Bucket, input: AttributesInput): ObjectAttributes {
  return {
    headers: readHeaders(input),
    metadata: readMetadata(input.Metadata),
    redirect: readRedirect(input.WebsiteRedirectLocation),
    storageClass: readStorageClass(input.StorageClass),
    encryption: readEncryption(home, bucket, input),
    tags: readTaggingHeader(input.Tagging),
    grants: admittedGrants(bucket, input),
    lock: lockOf(home, bucket, input),
  };
}

/** The members by which outputs tell an object's encryption. */
export function encryptionMembers({ algorithm, keyId, bucketKey }: Encryption) {
  return {
    ServerSideEncryption: algorithm,
    ...(keyId !== undefined && { SSEKMSKeyId: keyId }),
    ...(bucketKey && { BucketKeyEnabled: true }),
  };
}
