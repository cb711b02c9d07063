import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contains, formatBlock, overlaps, parseBlock, sizeOf } from "./cidr.ts";
import type { Block } from "./cidr.ts";

const blocks = fc
  .record({ address: fc.integer({ min: 0, max: 2 ** 32 - 1 }), bits: fc.integer({ min: 0, max: 32 }) })
  .map(({ address, bits }): Block => ({ first: address - (address % 2 ** (32 - bits)), bits }));

describe("address blocks", () => {
  it("are read as they are written, with the bits of hosts cleared", () => {
    fc.assert(
      fc.property(blocks, (block) => {
        expect(parseBlock(formatBlock(block))).toEqual(block);
      }),
    );
    expect(parseBlock("10.0.1.7/16")).toEqual(parseBlock("10.0.0.0/16"));
  });

  it.each(["10.0.0.0", "10.0.0/16", "256.0.0.0/8", "10.0.0.0/33", "fd00::/8", ""])("are not read from %j", (text) =>
    expect(parseBlock(text)).toBeUndefined(),
  );

  it("overlap where they share an address", () => {
    fc.assert(
      fc.property(blocks, blocks, (one, other) => {
        const shared =
          Math.max(one.first, other.first) < Math.min(one.first + sizeOf(one), other.first + sizeOf(other));
        expect(overlaps(one, other)).toBe(shared);
        expect(contains(one, other) && contains(other, one)).toBe(one.first === other.first && one.bits === other.bits);
      }),
    );
  });
});
