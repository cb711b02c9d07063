import { errors } from "./errors.ts";
import type { Tags } from "./model.ts";

/** @throws AwsError `ValidationError` @param member - as AWS names it in messages: `roleName` */
export function checkName(member: string, name: string, maxLength: number): void {
  if (name.length < 1 || name.length > maxLength) {
    const rule = name.length < 1 ? "greater than or equal to 1" : `less than or equal to ${maxLength}`;
    throw errors.ValidationError(
      `1 validation error detected: Value '${name}' at '${member}' failed to satisfy constraint: Member must have length ${rule}`,
    );
  }
  if (!/^[\w+=,.@-]+$/.test(name)) {
    throw errors.ValidationError(
      `The specified value for ${member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
    );
  }
}

/** A path, or the root. @throws AwsError `ValidationError` */
export function readPath(path: string | undefined): string {
  const given = path ?? "/";
  if (given.length > 512 || !/^\/([\u0021-\u007f]+\/)?$/.test(given)) {
    throw errors.ValidationError(
      "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
    );
  }
  return given;
}

interface TagInput {
  readonly Key: string | undefined;
  readonly Value: string | undefined;
}

/** At most 50 tags, whatever their keys. @throws AwsError `InvalidInput`, `LimitExceeded` */
export function addTags(before: Tags, added: readonly TagInput[] | undefined): Tags {
  const tags: Record<string, string> = { ...before };
  for (const { Key: key = "", Value: value = "" } of added ?? []) {
    if (key === "" || key.length > 128 || value.length > 256) {
      throw errors.InvalidInput("A tag has a key of 1 to 128 characters and a value of at most 256.");
    }
    tags[key] = value;
  }
  const duplicates = (added ?? []).length - new Set((added ?? []).map(({ Key }) => Key?.toLowerCase())).size;
  if (duplicates > 0)
    throw errors.InvalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  if (Object.keys(tags).length > 50)
    throw errors.LimitExceeded("The number of tags has reached the maximum limit of 50.");
  return tags;
}

export function removeTags(before: Tags, keys: readonly string[]): Tags {
  return Object.fromEntries(Object.entries(before).filter(([key]) => !keys.includes(key)));
}

/** In the form of an answer; undefined if there are none, as AWS leaves them out then. */
export function showTags(tags: Tags): { Key: string; Value: string }[] | undefined {
  const shown = listTags(tags);
  return shown.length === 0 ? undefined : shown;
}

export function listTags(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** In the form of an answer; undefined if there is none. */
export function showBoundary(arn: string | undefined) {
  if (arn === undefined) return undefined;
  return { PermissionsBoundaryType: "PermissionsBoundaryPolicy" as const, PermissionsBoundaryArn: arn };
}
