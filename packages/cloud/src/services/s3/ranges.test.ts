import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCopyRange, parseRange, slices } from "./ranges.ts";

test.each([
  [undefined, 10, "whole"],
  ["bytes=0-", 10, { start: 0, end: 9 }],
  ["bytes=2-4", 10, { start: 2, end: 4 }],
  ["bytes=2-400", 10, { start: 2, end: 9 }],
  ["bytes=9-9", 10, { start: 9, end: 9 }],
  ["bytes=10-", 10, "unsatisfiable"],
  ["bytes=-3", 10, { start: 7, end: 9 }],
  ["bytes=-30", 10, { start: 0, end: 9 }],
  ["bytes=-0", 10, "unsatisfiable"],
  ["bytes=0-0", 0, "unsatisfiable"],
  ["bytes=-1", 0, "unsatisfiable"],
  ["bytes=5-2", 10, "whole"],
  ["bytes=0-1,3-4", 10, "whole"],
  ["bytes=-", 10, "whole"],
  ["items=0-1", 10, "whole"],
] as const)("the range %s of %i bytes is %o", (header, size, expected) => {
  expect(parseRange(header, size)).toEqual(expected);
});

test("a range reads the same bytes as a slice does", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(60), fc.nat(60), (bytes, a, b) => {
      const range = parseRange(`bytes=${a}-${b}`, bytes.length);
      if (typeof range === "string") {
        expect(range).toBe(a >= bytes.length && b >= a ? "unsatisfiable" : "whole");
        expect(a >= bytes.length || b < a).toBe(true);
      } else {
        expect(bytes.slice(range.start, range.end + 1)).toEqual(bytes.slice(a, b + 1));
      }
    }),
  );
});

test("a copy range must lie within the source", () => {
  expect(parseCopyRange("bytes=0-9", 10)).toEqual({ start: 0, end: 9 });
  expect(parseCopyRange("bytes=0-10", 10)).toBe("unsatisfiable");
  expect(parseCopyRange("bytes=0-", 10)).toBe("malformed");
  expect(parseCopyRange("bytes=3-2", 10)).toBe("malformed");
});

test("slices of parts put together are the range of the whole", () => {
  const parts = fc.array(fc.uint8Array({ maxLength: 8 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(parts, fc.nat(50), fc.nat(50), (bodies, start, length) => {
      const whole = Buffer.concat(bodies);
      const got = slices(
        bodies.map((body) => body.length),
        { start, end: start + length },
      ).map((slice) => bodies[slice.index]?.slice(slice.start, slice.end + 1) ?? new Uint8Array());
      expect(Buffer.concat(got)).toEqual(whole.subarray(start, start + length + 1));
    }),
  );
});
