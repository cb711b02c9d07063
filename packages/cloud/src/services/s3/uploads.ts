import type { Context } from "../../kernel/context.ts";
import { openBucket } from "./access.ts";
import type { OpenBucket } from "./access.ts";
import { discard } from "./bodies.ts";
import { invalidArgument, noSuchUpload } from "./errors.ts";
import { mostParts } from "./limits.ts";
import type { Bucket, Upload } from "./model.ts";
import { tables } from "./store.ts";

/** An upload's id begins with the time, so that a key's uploads are kept in the order of their beginning. */
export function newUploadId(home: Context): string {
  return home.now.toString(36).padStart(9, "0") + home.ids.hex(55);
}

/** @throws AwsError `NoSuchUpload` */
export function findUpload(home: Context, bucket: Bucket, key: string, uploadId: string): Upload {
  const upload = home.table(tables.uploads).get([bucket.name, key, uploadId]);
  if (upload === undefined) throw noSuchUpload(uploadId);
  return upload;
}

/** The bucket and an upload that has begun in it. @throws AwsError `NoSuchBucket`, `NoSuchUpload`, `AccessDenied` */
export function openUpload(
  ctx: Context,
  action: string,
  input: {
    readonly Bucket: string;
    readonly Key: string;
    readonly UploadId: string;
    readonly ExpectedBucketOwner?: string | undefined;
  },
): OpenBucket & { readonly upload: Upload } {
  const { Bucket: bucket, Key: key, UploadId: uploadId, ExpectedBucketOwner: expectedOwner } = input;
  const open = openBucket(ctx, { action, bucket, key, expectedOwner });
  return { ...open, upload: findUpload(open.home, open.bucket, key, uploadId) };
}

/** @throws AwsError `InvalidArgument` */
export function checkPartNumber(partNumber: number): void {
  if (Number.isInteger(partNumber) && partNumber >= 1 && partNumber <= mostParts) return;
  throw invalidArgument(
    "partNumber",
    partNumber,
    `Part number must be an integer between 1 and ${mostParts}, inclusive`,
  );
}

/**
 * Forgets an upload, inside of a transaction.
 *
 * @param kept - numbers of the parts whose bodies live on in an object
 */
export function forgetUpload(
  home: Context,
  bucket: Bucket,
  { key, uploadId }: Upload,
  kept: ReadonlySet<number>,
): void {
  const parts = home.table(tables.parts);
  for (const part of parts.values({ prefix: [uploadId] })) {
    if (!kept.has(part.number)) discard(home, part.body);
    parts.delete([uploadId, part.number]);
  }
  home.table(tables.uploads).delete([bucket.name, key, uploadId]);
}
