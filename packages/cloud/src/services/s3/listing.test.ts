import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { listPage, urlEncode } from "./listing.ts";
import type { Listed } from "./listing.ts";

const bytesOrder = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Opens sorted keys as a table does. */
function opener(keys: readonly string[], prefix: string, after: string, seeks = { count: 0 }) {
  return (beyond = after) => {
    seeks.count += 1;
    return keys
      .filter((key) => key.startsWith(prefix) && (beyond === "" || bytesOrder(key, beyond) > 0))
      .map((key): [string, string] => [key, key])
      .values();
  };
}

/** What S3's documentation says of a listing, without any paging. */
function model(keys: readonly string[], prefix: string, delimiter: string, after: string): string[] {
  const shown = keys
    .filter((key) => key.startsWith(prefix) && (after === "" || bytesOrder(key, after) > 0))
    .map((key) => {
      const at = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
      return at < 0 ? key : `PRE ${key.slice(0, at + delimiter.length)}`;
    })
    .filter((item) => !item.startsWith("PRE ") || !after.startsWith(item.slice(4)));
  return [...new Set(shown)];
}

const show = (item: Listed<string>) => (item.type === "entry" ? item.key : `PRE ${item.prefix}`);
const place = (item: Listed<string>) => (item.type === "entry" ? item.key : item.prefix);

describe("a listing", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "/", "-", "é", "\u{10ffff}"), maxLength: 6 });
  const keysOf = fc
    .uniqueArray(
      text.filter((key) => key !== ""),
      { maxLength: 25 },
    )
    .map((keys) => keys.toSorted(bytesOrder));

  test("read page by page shows what the model shows at once, each item once and in order", () => {
    fc.assert(
      fc.property(
        keysOf,
        fc.string({ unit: fc.constantFrom("a", "/"), maxLength: 2 }),
        fc.constantFrom("", "/", "-", "a/"),
        text,
        fc.integer({ min: 1, max: 5 }),
        (keys, prefix, delimiter, start, maxKeys) => {
          const seen: string[] = [];
          let after = start;
          for (;;) {
            const page = listPage({ open: opener(keys, prefix, after), prefix, delimiter, maxKeys, after });
            expect(page.items.length).toBeLessThanOrEqual(maxKeys);
            seen.push(...page.items.map(show));
            const last = page.items.at(-1);
            if (!page.truncated || last === undefined) break;
            after = place(last);
          }
          expect(seen).toEqual(model(keys, prefix, delimiter, start));
        },
      ),
      { numRuns: 500 },
    );
  });

  test("seeks past a common prefix and does not walk its keys", () => {
    const keys = Array.from({ length: 1000 }, (_, i) => `folder${i % 2}/${String(i).padStart(4, "0")}`).toSorted(
      bytesOrder,
    );
    const seeks = { count: 0 };
    const { items } = listPage({
      open: opener(keys, "", "", seeks),
      prefix: "",
      delimiter: "/",
      maxKeys: 1000,
      after: "",
    });
    expect(items.map(show)).toEqual(["PRE folder0/", "PRE folder1/"]);
    expect(seeks.count).toBe(3);
  });

  test("of no keys at all is not truncated", () => {
    expect(listPage({ open: opener(["a"], "", ""), prefix: "", delimiter: "", maxKeys: 0, after: "" })).toEqual({
      items: [],
      truncated: false,
    });
  });
});

test("keys are encoded so that XML can hold them", () => {
  expect(urlEncode("a/b c+ü(1)\u0001.txt")).toBe("a/b%20c%2B%C3%BC%281%29%01.txt");
});
