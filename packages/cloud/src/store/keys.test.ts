import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeKey, encodeKey, longestKeyBytes, rangeOf } from "./keys.ts";
import type { KeyPart } from "./table.ts";

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom("", "\0", "a", "a\0", "a\0b", "\u00ff", "é"),
);
const part: fc.Arbitrary<KeyPart> = fc.oneof(text, fc.maxSafeNat());
const tuple = fc.array(part, { minLength: 1, maxLength: 4 });

/** How tuples are to sort, told anew: strings by their bytes, before numbers, which sort by value. */
function compare(a: readonly KeyPart[], b: readonly KeyPart[]): number {
  for (const [index, x] of a.entries()) {
    const y = b[index];
    if (y === undefined) return 1;
    if (typeof x !== typeof y) return typeof x === "string" ? -1 : 1;
    const order =
      typeof x === "string" ? Buffer.compare(Buffer.from(x), Buffer.from(String(y))) : Math.sign(x - Number(y));
    if (order !== 0) return order;
  }
  return a.length === b.length ? 0 : -1;
}

describe("keys", () => {
  it("come back as they were", () => {
    fc.assert(
      fc.property(tuple, (parts) => {
        const asUtf8 = parts.map((p) => (typeof p === "string" ? Buffer.from(p).toString() : p));
        expect(decodeKey(encodeKey(parts))).toEqual(asUtf8);
      }),
    );
  });

  it("sort as their tuples do", () => {
    fc.assert(
      fc.property(tuple, tuple, (a, b) => {
        expect(Math.sign(encodeKey(a).compare(encodeKey(b)))).toBe(Math.sign(compare(a, b)));
      }),
    );
  });

  it("lie in a prefix's range exactly if they begin with it", () => {
    fc.assert(
      fc.property(tuple, tuple, text, (prefix, parts, startsWith) => {
        const { start, end } = rangeOf(prefix, startsWith);
        const key = encodeKey(parts);
        const next = parts[prefix.length];
        const begins =
          compare(parts.slice(0, prefix.length), prefix) === 0 &&
          typeof next === "string" &&
          Buffer.from(next).subarray(0, Buffer.byteLength(startsWith)).equals(Buffer.from(startsWith));
        expect(key.compare(start) >= 0 && key.compare(end) < 0).toBe(begins);
      }),
      {
        examples: [
          [["a"], ["a", "bc"], "b"],
          [["a"], ["a", "b\0"], "b"],
          [["a"], ["a"], ""],
        ],
      },
    );
  });

  it("are refused when they are too long, negative or broken", () => {
    expect(() => encodeKey(["x".repeat(longestKeyBytes)])).toThrow("longer than");
    for (const number of [-1, 0.5, 2 ** 53]) expect(() => encodeKey([number])).toThrow("cannot be part of a key");
  });
});
