import { array, assert, double, integer, property, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { numberText, plotLines } from "./plot.ts";

const plain = (text: string) => text;
const at = Date.UTC(2026, 10, 26, 12, 0, 0);

describe("a plot", () => {
  it("rises and falls with its values, and has a gap where there is no data", () => {
    const values = [0, 0, 2, 4, 6, 8, 8, undefined, undefined, 2, 2, 0];
    const points = values.flatMap((value, index) => (value === undefined ? [] : [{ time: at + index * 1000, value }]));
    const lines = plotLines(points, {
      from: at,
      to: at + values.length * 1000,
      periodMs: 1000,
      columns: 15,
      rows: 4,
      dim: plain,
    });
    expect(lines.slice(0, 5)).toEqual([
      "8 ┤     ⡏⠉",
      "  │   ⣀⡏⠁",
      "  │  ⣀⡇     ⣀⣀⡀",
      "0 ┤⣀⣀⡇        ⣇",
      "  └────────────",
    ]);
    expect(lines[5]).toMatch(/\d\d:\d\d:\d\d +\d\d:\d\d:\d\d/);
  });

  it("never draws outside of its columns, whatever the values", () => {
    assert(
      property(
        array(tuple(integer({ min: -5, max: 100 }), double({ noNaN: true, min: -1e12, max: 1e12 })), { maxLength: 50 }),
        integer({ min: 20, max: 100 }),
        (seconds, columns) => {
          const points = seconds.map(([second, value]) => ({ time: at + second * 1000, value }));
          const options = { from: at, to: at + 60_000, periodMs: 5000, columns, rows: 5, dim: plain };
          const lines = plotLines(points, options);
          expect(lines).toHaveLength(7);
          for (const line of lines.slice(0, 6)) expect(line.length).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });
});

it.each([
  [0, "0"],
  [0.012_34, "0.0123"],
  [0.000_012, "1.2e-5"],
  [12.345, "12.3"],
  [999.6, "1000"],
  [4_560, "4.56k"],
  [-2_500_000, "-2.5M"],
])("writes %d as %s", (value, text) => {
  expect(numberText(value)).toBe(text);
});
