import fc from "fast-check";
import { expect, test } from "vitest";
import type { StoredObject } from "./model.ts";
import { fromRow, toRow } from "./object-row.ts";

const text = fc.string({ minLength: 1, maxLength: 8 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const object: fc.Arbitrary<StoredObject> = fc.record({
  deleteMarker: fc.constant(false as const),
  lastModified: fc.nat(),
  sizeBytes: fc.nat(),
  etag: text,
  storageClass: fc.constantFrom("STANDARD", "GLACIER"),
  checksum: maybe(
    fc.record({
      algorithm: fc.constantFrom("CRC32" as const, "SHA256" as const),
      value: text,
      type: fc.constantFrom("FULL_OBJECT" as const, "COMPOSITE" as const),
    }),
  ),
  order: fc.nat(),
  versionId: maybe(text),
  body: fc.oneof(
    fc.constant({ kind: "empty" as const }),
    fc.record({ kind: fc.constantFrom("inline" as const, "blob" as const), id: text }),
    fc.record({ kind: fc.constant("parts" as const), id: text, count: fc.nat() }),
  ),
  headers: fc.record(
    { ContentType: text, CacheControl: text, Expires: fc.date({ noInvalidDate: true }) },
    { requiredKeys: [] },
  ),
  metadata: fc.dictionary(fc.constantFrom("a", "b"), text),
  redirect: maybe(text),
  encryption: fc.oneof(
    fc.constant({ algorithm: "AES256" as const, keyId: undefined, bucketKey: false }),
    fc.record({ algorithm: fc.constant("aws:kms" as const), keyId: maybe(text), bucketKey: fc.boolean() }),
  ),
  tags: fc.dictionary(fc.constantFrom("t", "u"), text),
  grants: maybe(fc.constant([])),
  lock: maybe(
    fc.record({ mode: fc.constant(undefined), retainUntil: fc.constant(undefined), legalHold: fc.boolean() }),
  ),
});

test("an object is the same after it was a row", () => {
  fc.assert(
    fc.property(object, (stored) => {
      expect(fromRow(toRow(stored))).toEqual(stored);
    }),
  );
});
