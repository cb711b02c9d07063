import { errors } from "../../errors.ts";

/** @throws AwsError `ValidationException` in the words with which AWS tells of a model's constraints */
function violated(value: string | number | undefined, path: string, constraint: string): never {
  const shown = value === undefined ? "Value null" : `Value '${value}'`;
  throw errors.ValidationException(
    `1 validation error detected: ${shown} at '${path}' failed to satisfy constraint: ${constraint}`,
  );
}

/** A path to an entry of a list, counted from 1. */
export function member(path: string, index: number): string {
  return `${path}.${index + 1}.member`;
}

export function demand<T>(value: T | undefined | null, path: string): T {
  if (value === undefined || value === null) violated(undefined, path, "Member must not be null");
  return value;
}

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineDeclaration.html */
const namePattern = { expression: /^[A-Za-z0-9.@\-_]+$/, shown: String.raw`[A-Za-z0-9.@\-_]+` };
const artifactPattern = { expression: /^[A-Za-z0-9_-]+$/, shown: String.raw`[a-zA-Z0-9_\-]+` };
const namespacePattern = { expression: /^[A-Za-z0-9@\-_]+$/, shown: String.raw`[A-Za-z0-9@\-_]+` };
const longestName = 100;

function text(
  value: string | undefined,
  path: string,
  pattern: { readonly expression: RegExp; readonly shown: string },
): string {
  const given = demand(value, path);
  if (given.length > longestName) violated(given, path, `Member must have length less than or equal to ${longestName}`);
  if (given.length < 1) violated(given, path, "Member must have length greater than or equal to 1");
  if (!pattern.expression.test(given))
    violated(given, path, `Member must satisfy regular expression pattern: ${pattern.shown}`);
  return given;
}

export const nameAt = (value: string | undefined, path: string): string => text(value, path, namePattern);
export const artifactNameAt = (value: string | undefined, path: string): string => text(value, path, artifactPattern);
export const namespaceAt = (value: string | undefined, path: string): string => text(value, path, namespacePattern);

export function within(value: number | undefined, path: string, minimum: number, maximum: number): void {
  if (value === undefined) return;
  if (value < minimum) violated(value, path, `Member must have value greater than or equal to ${minimum}`);
  if (value > maximum) violated(value, path, `Member must have value less than or equal to ${maximum}`);
}

export function countWithin(
  list: readonly unknown[] | undefined,
  path: string,
  minimum: number,
  maximum: number,
): void {
  if (list === undefined) return;
  if (list.length < minimum)
    violated(`[${list.length} entries]`, path, `Member must have length greater than or equal to ${minimum}`);
  if (list.length > maximum)
    violated(`[${list.length} entries]`, path, `Member must have length less than or equal to ${maximum}`);
}

export function oneOf(value: string | undefined, path: string, allowed: readonly string[]): void {
  if (value !== undefined && !allowed.includes(value))
    violated(value, path, `Member must satisfy enum value set: [${allowed.join(", ")}]`);
}

/** The names that are there more than once, each once. */
export function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
