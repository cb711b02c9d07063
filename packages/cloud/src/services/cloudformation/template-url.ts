import { text } from "node:stream/consumers";
import { Readable } from "node:stream";
import type { Context } from "../../kernel/context.ts";
import { isAwsError } from "../../kernel/errors.ts";
import { errors } from "./errors.ts";

/** An object in S3, as a URL names it. */
export interface S3Place {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

/**
 * Reads the URL of an object: path-style on any host, or AWS's own `bucket.s3.region.amazonaws.com`.
 * Undefined for anything else.
 */
export function s3Place(url: string): S3Place | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname, pathname, searchParams } = new URL(url);
  if (!["http:", "https:", "s3:"].includes(protocol)) return undefined;
  const path = decoded(pathname.slice(1));
  if (path === undefined) return undefined;
  const versionId = searchParams.get("versionId") ?? undefined;
  const bucketOfHost =
    protocol === "s3:"
      ? hostname
      : /^(.+)\.s3[.-](?:[a-z0-9-]+\.)*(?:amazonaws\.com(?:\.cn)?|localhost)$/.exec(hostname)?.[1];
  if (bucketOfHost !== undefined) return path === "" ? undefined : { bucket: bucketOfHost, key: path, versionId };
  const slash = path.indexOf("/");
  return slash < 1 || slash === path.length - 1
    ? undefined
    : { bucket: path.slice(0, slash), key: path.slice(slash + 1), versionId };
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** The template that a URL names. @throws AwsError `ValidationError` */
export async function fetchTemplate(ctx: Context, url: string): Promise<string> {
  const place = s3Place(url);
  if (place === undefined) throw errors.ValidationError("TemplateURL must be a supported URL.");
  try {
    const { Body: body } = await ctx.call.s3.getObject({
      Bucket: place.bucket,
      Key: place.key,
      VersionId: place.versionId,
    });
    if (body === undefined) return "";
    return body instanceof Readable ? await text(body) : Buffer.from(body).toString();
  } catch (error) {
    if (!isAwsError(error)) throw error;
    throw errors.ValidationError(
      `S3 error: ${error.message} For more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html`,
    );
  }
}
