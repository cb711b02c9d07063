import type { Context } from "../../kernel/context.ts";
import { checkWrite } from "./conditions.ts";
import type { ReadConditions } from "./conditions.ts";
import { noSuchKey, preconditionFailed, unsupportedHeader } from "./errors.ts";
import type { Bucket } from "./model.ts";
import { currentObject } from "./versions.ts";

/**
 * Refuses a write whose conditions do not hold.
 *
 * @throws AwsError `PreconditionFailed`, `NoSuchKey`
 */
export function requireWritable(
  home: Context,
  bucket: Bucket,
  key: string,
  conditions: Pick<ReadConditions, "ifMatch" | "ifNoneMatch">,
): void {
  if (conditions.ifMatch === undefined && conditions.ifNoneMatch === undefined) return;
  if (conditions.ifNoneMatch !== undefined && conditions.ifNoneMatch !== "*") {
    throw unsupportedHeader("If-None-Match", "of a write it can be * only, as in S3.");
  }
  const result = checkWrite(conditions, currentObject(home, bucket, key));
  if (result === "missing") throw noSuchKey(key);
  if (result !== "proceed") throw preconditionFailed(result);
}
