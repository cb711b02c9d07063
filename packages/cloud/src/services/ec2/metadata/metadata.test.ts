import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeToken, readTtlSeconds, tokenExpiry } from "./token.ts";
import { readTree } from "./tree.ts";

describe("metadata tokens", () => {
  const keys = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString("hex"));

  it("are good until their time is over, and for their own instance only", () => {
    fc.assert(
      fc.property(keys, keys, fc.nat(1e13), (key, other, expiresAt) => {
        const token = makeToken(key, expiresAt);
        if (expiresAt > 0) expect(tokenExpiry(key, token, expiresAt - 1)).toBe(expiresAt);
        expect(tokenExpiry(key, token, expiresAt)).toBeUndefined();
        if (key !== other) expect(tokenExpiry(other, token, expiresAt - 1)).toBeUndefined();
      }),
    );
  });

  it("cannot be made up", () => {
    fc.assert(fc.property(keys, fc.string(), (key, text) => tokenExpiry(key, text, 0) === undefined));
  });

  it.each([
    ["1", 1],
    ["21600", 21_600],
    ["21601", undefined],
    ["0", undefined],
    ["1.5", undefined],
    [undefined, undefined],
  ])("live for %s seconds", (header, seconds) => expect(readTtlSeconds(header)).toBe(seconds));
});

describe("the metadata tree", () => {
  const tree = { a: "1", b: { c: "2", d: undefined, e: {} } };

  it.each([
    ["", "a\nb/"],
    ["a", "1"],
    ["/b/", "c\ne/"],
    ["b/c", "2"],
    ["b/d", undefined],
    ["a/x", undefined],
    ["b/toString", undefined],
  ])("tells at %j what is there", (path, text) => expect(readTree(tree, path)).toBe(text));
});
