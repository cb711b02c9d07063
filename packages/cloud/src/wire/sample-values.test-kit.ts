import type { Member, Shape, StructureShape } from "./shape.ts";

/** `minimal`: required members only. `full`: every member, lists with several items. */
export type Size = "minimal" | "full";

/** A value for a member that cannot be any value; undefined where it can; or that it is never, or always, there. */
export type Override = (member: Member) => unknown;
export const never: unique symbol = Symbol("never");
export const always: unique symbol = Symbol("always");

/** Where a value stands decides what it can hold: a header holds no line ends. */
type Place = "body" | "header" | "label" | "query";

/** Structures refer to themselves; below this only what is required is made. */
const fullDepthMax = 6;

/** Makes values of a schema, always the same for the same seed. */
export class SampleValues {
  readonly #next: () => number;
  readonly #size: Size;
  readonly #override: Override;

  constructor(seed: number, size: Size, override: Override) {
    this.#next = mulberry32(seed);
    this.#size = size;
    this.#override = override;
  }

  structure(shape: StructureShape): Record<string, unknown> {
    return this.#structure(shape, 0);
  }

  #structure(shape: StructureShape, depth: number): Record<string, unknown> {
    const value: Record<string, unknown> = {};
    const members = shape.union ? [this.#oneOf(shape.members)] : shape.members;
    const anyRequired = members.some((member) => member?.required === true);
    for (const [index, member] of members.entries()) {
      if (member === undefined || member.eventStream) continue;
      const overridden = depth === 0 ? this.#override(member) : undefined;
      if (overridden === never) continue;
      // A form has no way to tell of a structure in which nothing is set.
      const needed = member.required || overridden === always || (depth > 0 && !anyRequired && index === 0);
      if (!needed && !shape.union && (this.#size === "minimal" || depth >= fullDepthMax)) continue;
      value[member.name] =
        overridden === undefined || overridden === always
          ? this.#value(member.shape, placeOf(member), depth + 1)
          : overridden;
    }
    return value;
  }

  #value(shape: Shape, place: Place, depth: number): unknown {
    switch (shape.kind) {
      case "structure":
        return this.#structure(shape, depth);
      case "list":
        return Array.from({ length: this.#count(depth) }, () =>
          this.#value(shape.item.shape, place === "header" ? "label" : place, depth),
        );
      case "map":
        return Object.fromEntries(
          Array.from({ length: this.#count(depth) }, (_, index) => [
            `key-${index}`,
            this.#value(shape.value.shape, place, depth),
          ]),
        );
      case "string":
        return this.#text(place);
      case "number":
        return this.#below(100_000) - (place === "body" ? 50_000 : 0);
      case "boolean":
        return this.#next() < 0.5;
      case "timestamp":
        return new Date(
          this.#below(2_000_000_000) * 1000 + (place === "body" && shape.format === undefined ? this.#below(1000) : 0),
        );
      case "blob":
      case "stream":
        return Uint8Array.from({ length: 1 + this.#below(40) }, () => this.#below(256));
      case "document":
        return { nested: [1, "two", true] };
    }
  }

  #count(depth: number): number {
    return this.#size === "full" && depth < 3 ? 2 : 1;
  }

  #text(place: Place): string {
    const alphabet = ALPHABETS[place];
    const middle = Array.from({ length: this.#below(12) }, () => this.#oneOf(alphabet)).join("");
    return `a${middle}z`;
  }

  #below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  #oneOf<T>(items: readonly T[]): T | undefined {
    return items[this.#below(items.length)];
  }
}

const plain = Array.from("bcdEFG0189-_.~ ");
const awkward = Array.from("&<>'\"=+%?#/;:@$*()[]{}|\\^!,");
const international = ["é", "中", "😀"];
const ALPHABETS: Readonly<Record<Place, readonly string[]>> = {
  body: [...plain, ...awkward, ...international, "\n", "\r", "\t", "\u2028", "\u0085"],
  query: [...plain, ...awkward, ...international, "\n"],
  label: [...plain, ...international, "&", "+", "%", "/", "?", "#"],
  header: [...plain, ...awkward],
};

function placeOf({ location, attribute }: Member): Place {
  // The SDK writes line ends in attributes as they are, and parsers then change them.
  if (attribute) return "header";
  switch (location.in) {
    case "header":
    case "headers":
      return "header";
    case "label":
      return "label";
    case "query":
    case "queries":
      return "query";
    case "status":
    case "payload":
    case "body":
      return "body";
  }
}

/** A small generator of pseudo-random numbers in 0…1. @see https://en.wikipedia.org/wiki/Linear_congruential_generator */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
