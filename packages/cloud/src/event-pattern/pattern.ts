import { PatternError, readCondition } from "./matcher.ts";
import type { Existence, Matcher } from "./matcher.ts";

/** A pattern that was read: whether an event is wanted. Never throws. */
export type Pattern = (event: unknown) => boolean;

type Test = (parent: Readonly<Record<string, unknown>>) => boolean;

/** Deeper patterns are refused: they would exhaust the stack. */
const deepest = 50;

/**
 * Reads a pattern: an object whose fields are lists of conditions, or objects of the same kind.
 *
 * @throws PatternError that tells what is wrong with it
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */
export function readPattern(given: unknown): Pattern {
  if (!isObject(given)) throw new PatternError("Event pattern must be a JSON object");
  if (Object.keys(given).length === 0) throw new PatternError("Empty event pattern is not allowed");
  const test = readObject(given, "", 0);
  return (event) => isObject(event) && test(event);
}

/** A pattern's text, read. @throws PatternError */
export function parsePattern(text: string): Pattern {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    throw new PatternError((error as Error).message);
  }
  return readPattern(given);
}

function readObject(given: Readonly<Record<string, unknown>>, place: string, depth: number): Test {
  if (depth > deepest) throw new PatternError("The event pattern is nested too deeply");
  const tests = Object.entries(given).map(([field, wanted]): Test => {
    const path = place === "" ? field : `${place}.${field}`;
    if (field === "$or") return readAlternatives(wanted, place, depth);
    if (Array.isArray(wanted)) return readList(field, wanted, path);
    if (!isObject(wanted)) throw new PatternError(`"${path}" must be an object or an array`);
    if (Object.keys(wanted).length === 0) throw new PatternError(`Empty objects are not allowed: "${path}"`);
    const inner = readObject(wanted, path, depth + 1);
    // A list of objects: all of the conditions by the same one of them.
    return (parent) => valuesAt(parent, field).some((value) => inner(isObject(value) ? value : {}));
  });
  return (parent) => tests.every((test) => test(parent));
}

function readAlternatives(wanted: unknown, place: string, depth: number): Test {
  if (!Array.isArray(wanted) || wanted.length < 2 || !wanted.every(isObject))
    throw new PatternError(`"$or" must be an array of at least two objects`);
  const alternatives = wanted.map((one: Readonly<Record<string, unknown>>) => readObject(one, place, depth + 1));
  return (parent) => alternatives.some((test) => test(parent));
}

function readList(field: string, wanted: readonly unknown[], path: string): Test {
  if (wanted.length === 0) throw new PatternError(`Empty arrays are not allowed: "${path}"`);
  const conditions = wanted.map((one) => readCondition(one, path));
  const matchers = conditions.filter((one): one is Matcher => typeof one === "function");
  const existence = conditions.filter((one): one is Existence => typeof one !== "function");
  return (parent) => {
    const leaves = valuesAt(parent, field).filter((value) => value !== undefined && !isObject(value));
    return (
      leaves.some((value) => matchers.some((test) => test(value))) ||
      existence.some(({ exists }) => exists === leaves.length > 0)
    );
  };
}

/** What a field holds, each element of a list by itself. A field that is not there holds undefined. */
function valuesAt(parent: Readonly<Record<string, unknown>>, field: string): readonly unknown[] {
  const value = Object.hasOwn(parent, field) ? parent[field] : undefined;
  return Array.isArray(value) ? value.flat(deepest) : [value];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
