import { expect, it } from "vitest";
import { periodFor, secondsOf } from "./choose.ts";

it.each([
  [300, 300, 1],
  [900, 160, 10],
  [3 * 3600, 160, 300],
  [455 * 24 * 3600, 100, 7 * 24 * 3600],
])("shows %i s in at most %i periods of %i s", (range, most, period) => {
  expect(periodFor(range, most)).toBe(period);
});

it.each([
  ["90s", 90],
  ["90", 90],
  ["15m", 900],
  ["3h", 10_800],
  ["2d", 172_800],
  ["0m", undefined],
  ["soon", undefined],
  ["1.5h", undefined],
])("reads %s as %s seconds", (text, seconds) => {
  expect(secondsOf(text)).toBe(seconds);
});
