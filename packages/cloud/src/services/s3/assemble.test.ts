import fc from "fast-check";
import { expect, test } from "vitest";
import { assemble } from "./assemble.ts";
import { smallestPartBytes } from "./limits.ts";
import type { UploadedPart } from "./model.ts";

const upload = {
  uploadId: "u",
  checksumDeclared: false,
  checksumAlgorithm: "CRC64NVME",
  checksumType: "FULL_OBJECT",
} as const;
const partOf = (number: number, sizeBytes: number): UploadedPart => ({
  number,
  sizeBytes,
  etag: `etag${number}`,
  body: { kind: "empty" },
  checksum: { algorithm: "CRC64NVME", value: `sum${number}`, type: "FULL_OBJECT" },
  declared: undefined,
  lastModified: 0,
});
const listed = (number: number) => ({ PartNumber: number, ETag: `"etag${number}"` });

test("any choice of the uploaded parts, in ascending order, is the object, unless one but the last is too small", () => {
  const uploaded = fc.uniqueArray(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 20 });
  const sizes = fc.constantFrom(1, smallestPartBytes - 1, smallestPartBytes, smallestPartBytes * 2);
  fc.assert(
    fc.property(
      fc.array(sizes, { minLength: 20, maxLength: 20 }),
      uploaded,
      fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
      (bytes, numbers, chosen) => {
        const parts = new Map(numbers.map((number, index) => [number, partOf(number, bytes[index] ?? 0)]));
        const wanted = numbers.filter((_, index) => chosen[index]).toSorted((a, b) => a - b);
        const make = () => assemble(upload, wanted.map(listed), (number) => parts.get(number));
        const tooSmall = wanted.slice(0, -1).some((number) => (parts.get(number)?.sizeBytes ?? 0) < smallestPartBytes);
        if (wanted.length === 0) expect(make).toThrow(expect.objectContaining({ code: "MalformedXML" }));
        else if (tooSmall) expect(make).toThrow(expect.objectContaining({ code: "EntityTooSmall" }));
        else expect(make().map(({ number }) => number)).toEqual(wanted);
      },
    ),
  );
});

test.each([
  ["a part that is missing", [listed(1), listed(3)], "InvalidPart"],
  ["a part twice", [listed(1), listed(1)], "InvalidPartOrder"],
  ["descending parts", [listed(2), listed(1)], "InvalidPartOrder"],
  ["another ETag", [{ PartNumber: 1, ETag: "other" }], "InvalidPart"],
  ["another checksum", [{ ...listed(1), ChecksumCRC64NVME: "other" }], "InvalidPart"],
  ["no number", [{ ETag: "etag1" }], "MalformedXML"],
])("%s is refused with %s", (_, parts, code) => {
  const find = (number: number) => (number <= 2 ? partOf(number, smallestPartBytes) : undefined);
  expect(() => assemble(upload, parts, find)).toThrow(expect.objectContaining({ code }));
});

test("the checksum of each part is demanded where they are put together", () => {
  const composite = { ...upload, checksumDeclared: true, checksumType: "COMPOSITE" } as const;
  const find = (number: number) => partOf(number, 1);
  expect(() => assemble(composite, [listed(1)], find)).toThrow(expect.objectContaining({ code: "InvalidRequest" }));
  expect(assemble(composite, [{ ...listed(1), ChecksumCRC64NVME: "sum1" }], find)).toHaveLength(1);
});
