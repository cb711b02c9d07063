import type { Mistake } from "./mistake.ts";
import { nearest } from "./mistake.ts";

/** Where a value is in the document. */
export interface Place {
  readonly path: readonly (string | number)[];
  /** All that was found wrong, of the whole document. */
  readonly mistakes: Omit<Mistake, "line" | "column">[];
}

/** Reads a value of the document. What is wrong is told to the place, and nothing is returned then. */
export type Reader<T> = (value: unknown, place: Place) => T | undefined;

export const pathText = (path: readonly (string | number)[]): string =>
  path.map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`)).join("");

export const within = (place: Place, part: string | number): Place => ({ ...place, path: [...place.path, part] });

export function wrong(place: Place, message: string): undefined {
  place.mistakes.push({ path: pathText(place.path), message });
  return undefined;
}

/** How a value is told in a message. */
const told = (value: unknown): string =>
  (value === undefined ? "nothing" : (JSON.stringify(value) ?? "nothing")).slice(0, 60);

export const mustBe = (place: Place, what: string, value: unknown): undefined =>
  wrong(place, `must be ${what}, and is ${told(value)}.`);

export const text: Reader<string> = (value, place) =>
  typeof value === "string" && value !== "" ? value : mustBe(place, "a text", value);

export const flag: Reader<boolean> = (value, place) =>
  typeof value === "boolean" ? value : mustBe(place, "true or false", value);

export const number =
  (what: string, isAllowed: (value: number) => boolean): Reader<number> =>
  (value, place) =>
    typeof value === "number" && isAllowed(value) ? value : mustBe(place, what, value);

export const whole = (from: number, to = Infinity): Reader<number> =>
  number(
    `a whole number ${to === Infinity ? `from ${from}` : `from ${from} to ${to}`}`,
    (value) => Number.isInteger(value) && value >= from && value <= to,
  );

export const percent: Reader<number> = number("a number from 0 to 100", (value) => value >= 0 && value <= 100);

export const oneOf =
  <const T extends string>(allowed: readonly T[]): Reader<T> =>
  (value, place) => {
    const found = allowed.find((one) => one === value);
    if (found !== undefined) return found;
    const meant = typeof value === "string" ? nearest(value, allowed) : undefined;
    const hint = meant === undefined ? "" : ` Did you mean ${meant}?`;
    return wrong(place, `must be one of ${allowed.join(", ")}, and is ${told(value)}.${hint}`);
  };

export const list =
  <T>(
    item: Reader<T>,
    { least = 0, what = "a list" }: { readonly least?: number; readonly what?: string } = {},
  ): Reader<readonly T[]> =>
  (value, place) => {
    if (!Array.isArray(value)) return mustBe(place, what, value);
    if (value.length < least)
      return wrong(place, `must have ${least === 1 ? "an entry" : `${least} entries`} at least.`);
    const items = value.map((one, index) => item(one, within(place, index)));
    return items.every((one) => one !== undefined) ? items : undefined;
  };

/** Values by names that the user chooses. */
export const byName =
  <T>(item: Reader<T>): Reader<Readonly<Record<string, T>>> =>
  (value, place) => {
    if (!isObject(value)) return mustBe(place, "a map", value);
    const entries = Object.entries(value).map(([name, one]) => [name, item(one, within(place, name))] as const);
    return entries.every((entry): entry is [string, T] => entry[1] !== undefined)
      ? Object.fromEntries(entries)
      : undefined;
  };

/** A field of a map: how it is read, and what it is where it is left out. */
export interface Field<T> {
  readonly read: Reader<T>;
  readonly fallback: { readonly value: T } | undefined;
}

export const required = <T>(read: Reader<T>): Field<T> => ({ read, fallback: undefined });
export const optional = <T>(read: Reader<T>): Field<T | undefined> => ({ read, fallback: { value: undefined } });
export const defaulted = <T>(read: Reader<T>, value: T): Field<T> => ({ read, fallback: { value } });

type Fields<T> = { readonly [K in keyof T]-?: Field<T[K]> };

/** A map with these fields and no others. */
export const object =
  <T extends object>(fields: Fields<T>): Reader<T> =>
  (value, place) => {
    const names = Object.keys(fields);
    if (!isObject(value)) return mustBe(place, `a map of ${names.join(", ")}`, value);
    const before = place.mistakes.length;
    for (const name of Object.keys(value)) {
      if (names.includes(name)) continue;
      const meant = nearest(name, names);
      wrong(
        within(place, name),
        `is no field here: ${names.join(", ")} are.${meant === undefined ? "" : ` Did you mean ${meant}?`}`,
      );
    }
    const read = Object.entries<Field<unknown>>(fields).map(([name, field]) => {
      const given = value[name];
      if (given !== undefined && given !== null) return [name, field.read(given, within(place, name))];
      if (field.fallback !== undefined) return [name, field.fallback.value];
      return [name, wrong(within(place, name), "is missing.")];
    });
    return place.mistakes.length === before ? (Object.fromEntries(read) as T) : undefined;
  };

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
