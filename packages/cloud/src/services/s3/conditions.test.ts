import { describe, expect, test } from "vitest";
import { checkRead, checkWrite, failedCopyCondition, matchesEtag } from "./conditions.ts";

const object = { etag: "abc", lastModified: Date.UTC(2026, 0, 1, 12, 0, 0, 500) };
const before = new Date(Date.UTC(2026, 0, 1, 11));
const same = new Date(Date.UTC(2026, 0, 1, 12));
const after = new Date(Date.UTC(2026, 0, 1, 13));

test.each([
  ['"abc"', true],
  ["abc", true],
  ['W/"abc"', true],
  ['"x", "abc"', true],
  ["*", true],
  ['"abcd"', false],
])("the header %s names the ETag: %s", (header, expected) => {
  expect(matchesEtag(header, "abc")).toBe(expected);
});

describe("a read", () => {
  test.each([
    [{}, "proceed"],
    [{ ifMatch: '"abc"' }, "proceed"],
    [{ ifMatch: '"x"' }, "If-Match"],
    [{ ifUnmodifiedSince: before }, "If-Unmodified-Since"],
    [{ ifUnmodifiedSince: same }, "proceed"],
    [{ ifMatch: '"abc"', ifUnmodifiedSince: before }, "proceed"],
    [{ ifMatch: '"x"', ifUnmodifiedSince: after }, "If-Match"],
    [{ ifNoneMatch: '"abc"' }, "not-modified"],
    [{ ifNoneMatch: '"x"' }, "proceed"],
    [{ ifModifiedSince: same }, "not-modified"],
    [{ ifModifiedSince: after }, "not-modified"],
    [{ ifModifiedSince: before }, "proceed"],
    [{ ifNoneMatch: '"abc"', ifModifiedSince: before }, "not-modified"],
    [{ ifNoneMatch: '"x"', ifModifiedSince: after }, "proceed"],
    [{ ifMatch: '"x"', ifNoneMatch: '"abc"' }, "If-Match"],
    [{ ifMatch: '"abc"', ifNoneMatch: '"abc"' }, "not-modified"],
  ])("with %o is: %s", (conditions, expected) => {
    expect(checkRead(conditions, object)).toBe(expected);
  });
});

test("a copy fails where a read would say that nothing was modified", () => {
  expect(failedCopyCondition({ ifNoneMatch: '"abc"', ifModifiedSince: before }, object)).toBe(
    "x-amz-copy-source-If-None-Match",
  );
  expect(failedCopyCondition({ ifModifiedSince: after }, object)).toBe("x-amz-copy-source-If-Modified-Since");
  expect(failedCopyCondition({ ifMatch: '"abc"', ifUnmodifiedSince: before }, object)).toBeUndefined();
  expect(failedCopyCondition({ ifMatch: '"x"' }, object)).toBe("x-amz-copy-source-If-Match");
});

describe("a write", () => {
  test.each([
    [{}, undefined, "proceed"],
    [{ ifNoneMatch: "*" }, undefined, "proceed"],
    [{ ifNoneMatch: "*" }, object, "If-None-Match"],
    [{ ifMatch: '"abc"' }, object, "proceed"],
    [{ ifMatch: '"x"' }, object, "If-Match"],
    [{ ifMatch: '"abc"' }, undefined, "missing"],
  ])("with %o over %o is: %s", (conditions, existing, expected) => {
    expect(checkWrite(conditions, existing)).toBe(expected);
  });
});
