import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matcher, patternOf } from "./filters.ts";

const paths = { "vpc-id": "VpcId", "attachment.state": "Attachments.State", "is-default": "IsDefault" };
const shown = {
  VpcId: "vpc-1",
  IsDefault: false,
  Attachments: [{ State: "attached" }, { State: "detached" }],
  Tags: [{ Key: "Name", Value: "web*1" }],
};

describe("filters", () => {
  it.each([
    ["vpc-id", ["vpc-2", "vpc-1"], true],
    ["vpc-id", ["vpc-2"], false],
    ["vpc-id", ["vpc-?"], true],
    ["attachment.state", ["det*"], true],
    ["is-default", ["false"], true],
    ["tag-key", ["Name"], true],
    ["tag:Name", ["web\\*1"], true],
    ["tag:Name", ["web\\*"], false],
    ["tag:name", ["web*"], false],
  ])("match by any of their values: %s %j", (Name, Values, matches) =>
    expect(matcher([{ Name, Values }], paths)(shown)).toBe(matches),
  );

  it("must all match", () => {
    const both = (second: string) =>
      matcher(
        [
          { Name: "vpc-id", Values: ["vpc-1"] },
          { Name: "tag:Name", Values: [second] },
        ],
        paths,
      )(shown);
    expect([both("web*"), both("db*")]).toEqual([true, false]);
  });

  it("take any text literally once it is escaped", () => {
    const text = fc.string({ unit: "grapheme" });
    fc.assert(
      fc.property(text, text, (wanted, other) => {
        const test = patternOf(wanted.replace(/[*?\\]/g, "\\$&"));
        expect(test(wanted)).toBe(true);
        expect(test(other)).toBe(wanted === other);
      }),
    );
  });

  it("are refused where an operation does not have them", () =>
    expect(() => matcher([{ Name: "toString", Values: [""] }], paths)).toThrow("The filter 'toString' is invalid"));
});
