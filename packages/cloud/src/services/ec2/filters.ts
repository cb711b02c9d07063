import type { Filter } from "@aws-sdk/client-ec2";
import { errors } from "./errors.ts";

/**
 * The filters of a kind of resource: each one's name, and the path in the resource as it is shown whose values it
 * matches. Lists on the way are searched through.
 *
 * @example `{ "vpc-id": "VpcId", "attachment.state": "Attachments.State" }`
 */
export type FilterPaths = Readonly<Record<string, string>>;

interface Tagged {
  readonly Tags?: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined;
}

/** The most values that all filters of a request may have. @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html */
const valuesAtMost = 200;

/**
 * Makes a test of what filters ask for: a resource matches each filter by one of its values, in which `*` and `?` stand
 * for any text and any character, unless escaped with a backslash.
 *
 * @throws AwsError `InvalidParameterValue` for a filter that the operation does not have
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Filter.html
 */
export function matcher(filters: readonly Filter[] | undefined, paths: FilterPaths): (shown: object) => boolean {
  const total = (filters ?? []).reduce((sum, { Values = [] }) => sum + Values.length, 0);
  if (total > valuesAtMost)
    throw errors.InvalidParameterValue(
      `The maximum number of filter values specified on a single call is ${valuesAtMost}`,
    );
  const tests = (filters ?? []).map(({ Name: name = "", Values: wanted = [] }) => {
    const read = reader(name, paths);
    const patterns = wanted.map(patternOf);
    return (shown: object) => read(shown).some((value) => patterns.some((pattern) => pattern(value)));
  });
  return (shown) => tests.every((test) => test(shown));
}

function reader(name: string, paths: FilterPaths): (shown: object) => readonly string[] {
  if (name === "tag-key") return (shown) => tagsOf(shown).map(({ Key = "" }) => Key);
  if (name.startsWith("tag:")) {
    const key = name.slice("tag:".length);
    return (shown) => tagsOf(shown).flatMap(({ Key, Value = "" }) => (Key === key ? [Value] : []));
  }
  const path = Object.hasOwn(paths, name) ? paths[name] : undefined;
  if (path === undefined) throw errors.InvalidParameterValue(`The filter '${name}' is invalid`);
  const parts = path.split(".");
  return (shown) => valuesAt(shown, parts);
}

const tagsOf = (shown: Tagged) => shown.Tags ?? [];

function valuesAt(value: unknown, path: readonly string[]): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((one) => valuesAt(one, path));
  const [part, ...rest] = path;
  if (part !== undefined) return valuesAt((value as Readonly<Record<string, unknown>>)[part], rest);
  if (value instanceof Date) return [value.toISOString()];
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? [String(value)] : [];
}

/** Exported for its test. */
export function patternOf(wanted: string): (value: string) => boolean {
  if (!/[*?\\]/.test(wanted)) return (value) => value === wanted;
  const source = wanted.replace(/\\([*?\\])|[*?]|[\\^$.|+()[\]{}]/g, (found, escaped: string | undefined) => {
    if (escaped !== undefined) return `\\${escaped}`;
    if (found === "*") return ".*";
    return found === "?" ? "." : `\\${found}`;
  });
  const pattern = new RegExp(`^${source}$`, "su");
  return (value) => pattern.test(value);
}
