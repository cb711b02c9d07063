import fc from "fast-check";
import { expect, test } from "vitest";
import { algorithms, checksumOfParts, createHasher, digestOf, isDigest, multipartChecksumType } from "./checksums.ts";

// The CRCs' check values are those of the catalogue of parametrised CRC algorithms.
test.each([
  ["CRC32", "cbf43926"],
  ["CRC32C", "e3069283"],
  ["CRC64NVME", "ae8b14860a799888"],
  ["MD5", "25f9e794323b453885f5181f1b624d0b"],
  ["SHA1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"],
] as const)("the %s of the digits 1 to 9", async (algorithm, hex) => {
  expect((await digestOf(algorithm, Buffer.from("123456789"))).toString("hex")).toBe(hex);
});

test.each(algorithms)("%s is the same in pieces and as a whole, and has its length", async (algorithm) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), async (pieces) => {
      const hasher = await createHasher(algorithm);
      for (const piece of pieces) hasher.update(piece);
      const digest = hasher.digest();
      expect(digest).toEqual(await digestOf(algorithm, Buffer.concat(pieces)));
      expect(isDigest(algorithm, digest.toString("base64"))).toBe(true);
    }),
    { numRuns: 20 },
  );
});

test.each(["CRC32", "CRC32C", "CRC64NVME"] as const)(
  "the full object's %s comes out of its parts' alone",
  async (algorithm) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 6 }), async (bodies) => {
        const parts = await Promise.all(
          bodies.map(async (body) => ({
            checksum: (await digestOf(algorithm, body)).toString("base64"),
            sizeBytes: body.length,
          })),
        );
        const whole = (await digestOf(algorithm, Buffer.concat(bodies))).toString("base64");
        expect(await checksumOfParts(algorithm, "FULL_OBJECT", parts)).toEqual({
          algorithm,
          type: "FULL_OBJECT",
          value: whole,
        });
      }),
      { numRuns: 50 },
    );
  },
);

test("a composite checksum is the checksum of the parts' digests, with their number", async () => {
  const digest = await digestOf("SHA256", Buffer.from("a"));
  const expected = await digestOf("SHA256", Buffer.concat([digest, digest]));
  const part = { checksum: digest.toString("base64"), sizeBytes: 1 };
  expect(await checksumOfParts("SHA256", "COMPOSITE", [part, part])).toEqual({
    algorithm: "SHA256",
    type: "COMPOSITE",
    value: `${expected.toString("base64")}-2`,
  });
});

test("only a CRC can be one of the full object, and CRC64NVME only that", () => {
  expect(multipartChecksumType("CRC32", undefined)).toBe("COMPOSITE");
  expect(multipartChecksumType("CRC32", "FULL_OBJECT")).toBe("FULL_OBJECT");
  expect(multipartChecksumType("SHA256", "FULL_OBJECT")).toBeUndefined();
  expect(multipartChecksumType("CRC64NVME", undefined)).toBe("FULL_OBJECT");
  expect(multipartChecksumType("CRC64NVME", "COMPOSITE")).toBeUndefined();
});
