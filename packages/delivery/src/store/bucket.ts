import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type ListObjectsV2CommandInput,
  type ListObjectsV2CommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { isNamed } from "../aws/failures.ts";

/** An object as it was read or written, by which a later write tells whether anybody was there in between. */
export interface Versioned<T> {
  readonly value: T;
  readonly etag: string;
}

/** JSON objects in a bucket of S3, written only by who knows the present ones. */
export interface JsonBucket {
  read<T>(key: string): Promise<Versioned<T> | undefined>;
  /** @returns undefined if there is one already */
  create<T>(key: string, value: T): Promise<Versioned<T> | undefined>;
  /** @returns undefined if it is not as it was any more */
  replace<T>(key: string, before: Versioned<unknown>, value: T): Promise<Versioned<T> | undefined>;
  /** Whatever is there. */
  put(key: string, body: string, contentType: string): Promise<void>;
  text(key: string): Promise<string | undefined>;
  /** @returns whether it was as it was, and is gone now */
  remove(key: string, before: Versioned<unknown>): Promise<boolean>;
  /** In ascending order; none where the bucket is not there yet. */
  list(prefix: string, after?: string): Promise<readonly string[]>;
}

const json = "application/json";

/**
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
 */
export function jsonBucket(s3: S3Client, bucket: string): JsonBucket {
  async function write<T>(key: string, value: T, condition: { IfMatch: string } | { IfNoneMatch: "*" }) {
    try {
      const Body = JSON.stringify(value);
      const { ETag } = await s3.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body, ContentType: json, ...condition }),
      );
      return { value, etag: ETag ?? "" };
    } catch (error) {
      if (isChanged(error)) return undefined;
      throw error;
    }
  }

  async function listed(input: ListObjectsV2CommandInput): Promise<Partial<ListObjectsV2CommandOutput>> {
    try {
      return await s3.send(new ListObjectsV2Command(input));
    } catch (error) {
      if (isNamed(error, "NoSuchBucket")) return {};
      throw error;
    }
  }

  return {
    async read<T>(key: string) {
      const found = await got(s3, bucket, key);
      return found && { value: JSON.parse(found.text) as T, etag: found.etag };
    },
    create: (key, value) => write(key, value, { IfNoneMatch: "*" }),
    replace: (key, before, value) => write(key, value, { IfMatch: before.etag }),
    async put(key, body, contentType) {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType }));
    },
    text: async (key) => (await got(s3, bucket, key))?.text,
    async remove(key, { etag }) {
      try {
        await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key, IfMatch: etag }));
        return true;
      } catch (error) {
        if (isChanged(error)) return false;
        throw error;
      }
    },
    async list(prefix, after) {
      const keys: string[] = [];
      let token: string | undefined;
      do {
        const page = await listed({
          Bucket: bucket,
          Prefix: prefix,
          ContinuationToken: token,
          ...(token === undefined && after !== undefined ? { StartAfter: after } : {}),
        });
        keys.push(...(page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key])));
        token = page.NextContinuationToken;
      } while (token !== undefined);
      return keys;
    },
  };
}

/** It is not as it was any more, or not there. */
const isChanged = (error: unknown): boolean =>
  isNamed(error, "PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey");

async function got(s3: S3Client, bucket: string, key: string) {
  try {
    const { Body, ETag } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return { text: (await Body?.transformToString()) ?? "", etag: ETag ?? "" };
  } catch (error) {
    if (isNamed(error, "NoSuchKey")) return undefined;
    throw error;
  }
}
