import { buffer } from "node:stream/consumers";
import type { EnvironmentFile } from "@aws-sdk/client-ecs";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { CannotStart } from "./cannot-start.ts";

/**
 * Reads a file of variables: one `NAME=value` a line. Lines without one, and those that begin with `#`, are left out;
 * quotes are part of the value.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html
 */
export function parseEnvironmentFile(text: string): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const equals = line.indexOf("=");
    if (equals > 0 && !line.startsWith("#")) variables[line.slice(0, equals).trim()] = line.slice(equals + 1);
  }
  return variables;
}

async function readFile(ctx: Context, arn: string): Promise<string> {
  const [, bucket = "", key = ""] = /^arn:[^:]+:s3:::([^/]+)\/(.+)$/.exec(arn) ?? [];
  try {
    const { Body: body } = await ctx.call.s3.getObject({ Bucket: bucket, Key: key });
    if (body === undefined) return "";
    return (body instanceof Uint8Array ? Buffer.from(body) : await buffer(body)).toString("utf8");
  } catch (error) {
    if (!isAwsError(error)) throw error;
    throw new CannotStart(
      `ResourceInitializationError: failed to download env files: file download command: non empty error stream: service call has been retried 1 time(s): ${error.code}: ${error.message}`,
    );
  }
}

/** The variables of all files; where two files have one, the first file's. @throws CannotStart */
export async function fileVariables(ctx: Context, files: readonly EnvironmentFile[]): Promise<Record<string, string>> {
  const read = await Promise.all(files.map(async ({ value = "" }) => parseEnvironmentFile(await readFile(ctx, value))));
  return Object.assign({}, ...read.toReversed()) as Record<string, string>;
}
