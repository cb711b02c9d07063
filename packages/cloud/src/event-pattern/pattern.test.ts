import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PatternError } from "./matcher.ts";
import { parsePattern, readPattern } from "./pattern.ts";

const event = {
  source: "aws.ec2",
  "detail-type": "EC2 Instance State-change Notification",
  resources: ["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"],
  detail: {
    state: "terminated",
    count: 5,
    ratio: 0.5,
    isReady: true,
    nothing: null,
    empty: "",
    file: "images/cat.PNG",
    address: "10.0.0.17",
    tags: ["blue", "green"],
    items: [
      { name: "a", size: 1 },
      { name: "b", size: 2 },
    ],
  },
};

describe("a pattern", () => {
  it.each<[string, object, boolean]>([
    ["exact", { source: ["aws.ec2"] }, true],
    ["one of several", { detail: { state: ["running", "terminated"] } }, true],
    ["another", { detail: { state: ["running"] } }, false],
    ["case matters", { detail: { state: ["Terminated"] } }, false],
    ["both of two fields", { source: ["aws.ec2"], detail: { state: ["running"] } }, false],
    ["a number", { detail: { count: [5] } }, true],
    ["a number is no text", { detail: { count: ["5"] } }, false],
    ["a truth", { detail: { isReady: [true] } }, true],
    ["null", { detail: { nothing: [null] } }, true],
    ["the empty text", { detail: { empty: [""] } }, true],
    ["null is not the empty text", { detail: { nothing: [""] } }, false],
    ["an element of a list", { detail: { tags: ["green"] } }, true],
    ["prefix", { detail: { file: [{ prefix: "images/" }] } }, true],
    ["suffix", { detail: { file: [{ suffix: ".png" }] } }, false],
    ["suffix in any case", { detail: { file: [{ suffix: { "equals-ignore-case": ".png" } }] } }, true],
    ["prefix in any case", { detail: { file: [{ prefix: { "equals-ignore-case": "IMAGES" } }] } }, true],
    ["any case", { detail: { state: [{ "equals-ignore-case": "TERMINATED" }] } }, true],
    ["anything but it", { detail: { state: [{ "anything-but": "terminated" }] } }, false],
    ["anything but others", { detail: { state: [{ "anything-but": ["running", "stopped"] }] } }, true],
    ["anything but a number", { detail: { count: [{ "anything-but": 5 }] } }, false],
    ["anything but a prefix", { detail: { state: [{ "anything-but": { prefix: "term" } }] } }, false],
    ["anything but suffixes", { detail: { file: [{ "anything-but": { suffix: [".jpg", ".gif"] } }] } }, true],
    ["anything but a wildcard", { detail: { file: [{ "anything-but": { wildcard: "*/cat.*" } }] } }, false],
    ["anything but what is not there", { detail: { missing: [{ "anything-but": "x" }] } }, false],
    ["numeric equal", { detail: { ratio: [{ numeric: ["=", 0.5] }] } }, true],
    ["numeric range", { detail: { count: [{ numeric: [">", 0, "<=", 5] }] } }, true],
    ["numeric out of range", { detail: { count: [{ numeric: [">", 5] }] } }, false],
    ["there", { detail: { state: [{ exists: true }] } }, true],
    ["not there", { detail: { missing: [{ exists: false }] } }, true],
    ["not there, but it is", { detail: { state: [{ exists: false }] } }, false],
    ["not there, or a value", { detail: { state: [{ exists: false }, "terminated"] } }, true],
    ["not there below what is not there", { nobody: { at: [{ exists: false }] } }, true],
    ["in a block of addresses", { detail: { address: [{ cidr: "10.0.0.0/24" }] } }, true],
    ["out of a block", { detail: { address: [{ cidr: "10.0.1.0/24" }] } }, false],
    ["wildcard", { detail: { file: [{ wildcard: "images/*.PNG" }] } }, true],
    ["wildcards", { detail: { file: [{ wildcard: "*mag*cat*" }] } }, true],
    ["a star that is none", { detail: { file: [{ wildcard: "images/\\*.PNG" }] } }, false],
    ["either", { $or: [{ source: ["aws.s3"] }, { detail: { count: [5] } }] }, true],
    ["either, inside", { detail: { $or: [{ count: [6] }, { state: ["running"] }] } }, false],
    ["one object of a list", { detail: { items: { name: ["b"], size: [2] } } }, true],
    ["not two objects of a list", { detail: { items: { name: ["a"], size: [2] } } }, false],
  ])("%s", (_, pattern, expected) => {
    expect(readPattern(pattern)(event)).toBe(expected);
  });

  it.each([
    "",
    "[]",
    "{}",
    '{"source": "aws.ec2"}',
    '{"source": []}',
    '{"detail": {}}',
    '{"source": [["a"]]}',
    '{"source": [{"prefix": "a", "suffix": "b"}]}',
    '{"source": [{"prefix": 5}]}',
    '{"source": [{"like": "a"}]}',
    '{"source": [{"numeric": ["~", 5]}]}',
    '{"source": [{"numeric": [">"]}]}',
    '{"source": [{"cidr": "300.0.0.0/8"}]}',
    '{"source": [{"wildcard": "a**"}]}',
    '{"source": [{"exists": "yes"}]}',
    '{"$or": [{"source": ["a"]}]}',
    '{"source": [{"anything-but": {"numeric": [1]}}]}',
  ])("%j is refused", (text) => {
    expect(() => parsePattern(text)).toThrow(PatternError);
  });

  it("made of an event finds it, and never throws for another", () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    const object = fc.dictionary(
      fc.string({ minLength: 1 }).filter((key) => key !== "$or" && key !== "__proto__"),
      fc.oneof(leaf, fc.dictionary(fc.stringMatching(/^[a-z]+$/), leaf, { minKeys: 1, maxKeys: 3 })),
      { minKeys: 1, maxKeys: 4 },
    );
    const patternOf = (value: unknown): unknown =>
      typeof value === "object" && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, own]) => [key, patternOf(own)]))
        : [value];
    fc.assert(
      fc.property(object, fc.anything(), (one, other) => {
        const pattern = readPattern(patternOf(one));
        expect(pattern(one)).toBe(true);
        expect(typeof pattern(other)).toBe("boolean");
      }),
    );
  });
});
