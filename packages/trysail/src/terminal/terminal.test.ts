import { describe, expect, it } from "vitest";
import { inColumns } from "./columns.ts";
import { durationText } from "./duration.ts";
import { cut } from "./live-block.ts";
import { styleOf, wantsColours } from "./terminal.ts";

describe("colours", () => {
  it.each([
    ["on a terminal", {}, true, true],
    ["not in a pipe", {}, false, false],
    ["not where NO_COLOR is set", { NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
    ["where NO_COLOR is empty", { NO_COLOR: "" }, true, true],
    ["in a pipe where they are forced", { FORCE_COLOR: "1" }, false, true],
    ["not on a dumb terminal", { TERM: "dumb" }, true, false],
  ])("are used %s", (_, environment, isTerminal, expected) => {
    expect(wantsColours(environment, isTerminal)).toBe(expected);
  });

  it("take no room: not in columns, and not where a line is cut", () => {
    const { red } = styleOf(true);
    expect(
      inColumns([
        [red("ab"), "x"],
        ["abcd", "y"],
      ]),
    ).toEqual([`${red("ab")}    x`, "abcd  y"]);
    expect(cut(`${red("abc")}def`, 4)).toBe(`${red("abc")}d`);
  });
});

it.each([
  [0, "0.0 s"],
  [420, "0.4 s"],
  [9_949, "9.9 s"],
  [9_950, "10 s"],
  [185_000, "3 min 05 s"],
  [7_800_000, "2 h 10 min"],
])("tells %i ms as %s", (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
