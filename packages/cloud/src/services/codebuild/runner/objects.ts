import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Context } from "../../../kernel/context.ts";

/** Writes an S3 object to a file. @returns its version, if it has one */
export async function download(
  ctx: Context,
  bucket: string,
  key: string,
  file: string,
  versionId?: string,
): Promise<string | undefined> {
  const { Body: body, VersionId } = await ctx.call.s3.getObject({ Bucket: bucket, Key: key, VersionId: versionId });
  const content = body instanceof Readable ? body : Readable.from(body === undefined ? [] : [body]);
  await pipeline(content, createWriteStream(file));
  return VersionId;
}

/** Makes an S3 object of a file. */
export async function upload(
  ctx: Context,
  bucket: string,
  key: string,
  file: string,
  metadata: Record<string, string> = {},
): Promise<void> {
  const { size } = await stat(file);
  await ctx.call.s3.putObject({
    Bucket: bucket,
    Key: key,
    Body: createReadStream(file),
    ContentLength: size,
    Metadata: metadata,
  });
}

/** Splits `bucket/key`, or an ARN of that. */
export function splitLocation(location: string): { readonly bucket: string; readonly key: string } {
  const path = location.replace(/^arn:[^:]+:s3:::/, "");
  const slash = path.indexOf("/");
  return slash === -1 ? { bucket: path, key: "" } : { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
}
