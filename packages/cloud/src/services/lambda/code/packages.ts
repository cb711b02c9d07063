import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { rm } from "node:fs/promises";
import type { FunctionCode } from "@aws-sdk/client-lambda";
import type { Context } from "../../../kernel/context.ts";
import { AwsError } from "../../../kernel/errors.ts";
import type { BlobId } from "../../../store/blobs.ts";
import { errors, refused } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Code } from "../model.ts";
import { tables } from "../store.ts";
import { checkArchive } from "./archive.ts";
import { codeFolder } from "./unpacked.ts";

/** Where a package comes from, as functions and layers tell it. */
type Source = Pick<
  FunctionCode,
  "ZipFile" | "S3Bucket" | "S3Key" | "S3ObjectVersion" | "S3ObjectStorageMode" | "ImageUri" | "SourceKMSKeyArn"
>;

/** The bytes that a request gives or names. @throws AwsError */
async function bytesOf(ctx: Context, source: Source, operation: string): Promise<Buffer> {
  const { ZipFile: zip, S3Bucket: bucket, S3Key: key } = source;
  if (source.ImageUri !== undefined) throw refused("runs functions from zip archives only: leave out ImageUri.");
  if (source.SourceKMSKeyArn !== undefined)
    throw refused("does not encrypt deployment packages: leave out SourceKMSKeyArn.");
  if (source.S3ObjectStorageMode === "REFERENCE")
    throw refused("copies deployment packages: leave out S3ObjectStorageMode.");
  if (zip !== undefined) {
    if (bucket !== undefined || key !== undefined)
      throw errors.InvalidParameterValueException(
        "Please do not provide other FunctionCode parameters when providing a ZipFile.",
      );
    if (zip.length >= limits.zippedBytes) {
      throw errors.RequestTooLargeException(
        `Request must be smaller than ${Math.ceil((limits.zippedBytes * 4) / 3)} bytes for the ${operation} operation`,
      );
    }
    return Buffer.from(zip.buffer, zip.byteOffset, zip.length);
  }
  if (bucket === undefined || key === undefined)
    throw errors.InvalidParameterValueException("Please provide a source for function code.");
  return fromBucket(ctx, bucket, key, source.S3ObjectVersion);
}

async function fromBucket(ctx: Context, bucket: string, key: string, version: string | undefined): Promise<Buffer> {
  try {
    const { Body: body } = await ctx.call.s3.getObject({ Bucket: bucket, Key: key, VersionId: version });
    if (body instanceof Uint8Array) return Buffer.from(body);
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body ?? []) {
      chunks.push(Buffer.from(chunk as Uint8Array));
      bytes += (chunk as Uint8Array).length;
      if (bytes > limits.unzippedBytes)
        throw errors.InvalidParameterValueException(`Unzipped size must be smaller than ${limits.unzippedBytes} bytes`);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (!(error instanceof AwsError) || error.code === "InvalidParameterValueException") throw error;
    throw errors.InvalidParameterValueException(
      `Error occurred while GetObject. S3 Error Code: ${error.code}. S3 Error Message: ${error.message}`,
      { Type: "User" },
    );
  }
}

/** A package that has been checked, and is kept by nothing yet. */
export interface Received {
  readonly bytes: Buffer;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * Reads and checks a package.
 *
 * @throws AwsError `InvalidParameterValueException`, `RequestTooLargeException`
 */
export async function receiveCode(ctx: Context, source: Source, operation: string): Promise<Received> {
  const bytes = await bytesOf(ctx, source, operation);
  await checkArchive(bytes);
  return { bytes, sizeBytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("base64") };
}

/** Stores a package. {@link useCode} is to follow: what nothing uses is swept at the next start. */
export async function storeCode(ctx: Context, { bytes, sizeBytes, sha256 }: Received): Promise<Code> {
  const { id } = await ctx.host.blobs.write(Readable.from([bytes]));
  return { blob: id, sizeBytes, sha256 };
}

/** In the transaction in which a row comes to name these packages. */
export function useCode(ctx: Context, ...codes: readonly Code[]): void {
  const used = ctx.table(tables.usedBlobs);
  for (const { blob } of codes) used.put(blob, (used.get(blob) ?? 0) + 1);
}

/**
 * In the transaction in which a row ceases to name these packages.
 *
 * @returns those that nothing uses any more, for {@link deleteCode}
 */
export function releaseCode(ctx: Context, ...codes: readonly Code[]): Code[] {
  const used = ctx.table(tables.usedBlobs);
  return codes.filter(({ blob }) => {
    const left = (used.get(blob) ?? 1) - 1;
    if (left > 0) used.put(blob, left);
    else used.delete(blob);
    return left <= 0;
  });
}

/** Deletes packages, and what was unpacked of them. An environment that still runs keeps what it has loaded. */
export async function deleteCode(ctx: Context, codes: readonly Code[]): Promise<void> {
  for (const { blob } of codes) {
    await ctx.host.blobs.delete(blob);
    await rm(codeFolder(ctx.host, blob), { recursive: true, force: true });
  }
}

/** Whether some version of a function or a layer is made of this blob. What is not is swept at start. */
export function namesBlob(ctx: Context, id: BlobId): boolean {
  return ctx.table(tables.usedBlobs).has(id);
}
