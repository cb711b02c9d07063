import fc from "fast-check";
import { expect, it } from "vitest";
import {
  decimalOf,
  evenRanges,
  hashAfter,
  hashBefore,
  hashKeyOf,
  highestHash,
  hexOf,
  orderOf,
  sequenceNumber,
} from "./model.ts";

it("even ranges are all hashes, each once", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), (count) => {
      const ranges = evenRanges(count);
      expect(ranges).toHaveLength(count);
      expect(ranges[0]?.start).toBe(hexOf(0n));
      expect(ranges.at(-1)?.end).toBe(highestHash);
      ranges.slice(1).forEach(({ start }, index) => expect(hashBefore(start)).toBe(ranges[index]?.end));
    }),
  );
});

it("hash keys are read as they are written, and nothing else is", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), (hash) => {
      expect(hashKeyOf(decimalOf(hexOf(hash)))).toBe(hexOf(hash));
    }),
  );
  for (const text of ["", "-1", "01", "1.5", String(2n ** 128n), "x"]) expect(hashKeyOf(text)).toBeUndefined();
  expect(hashAfter(hexOf(255n))).toBe(hexOf(256n));
});

it("sequence numbers tell their order, and compare by it", () => {
  const order = fc.nat(Number.MAX_SAFE_INTEGER);
  const stream = { createdAt: 1_764_000_000_123 };
  fc.assert(
    fc.property(order, order, fc.nat(20_000), fc.nat(20_000), (one, other, shard, otherShard) => {
      const text = sequenceNumber(stream, shard, one);
      expect(orderOf(text)).toBe(one);
      if (one < other) expect(text < sequenceNumber(stream, otherShard, other)).toBe(true);
    }),
  );
  expect(orderOf("12")).toBeUndefined();
});
