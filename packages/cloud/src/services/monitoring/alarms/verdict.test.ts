import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { verdictOf } from "./verdict.ts";
import type { Point, Verdict } from "./verdict.ts";

const points = (text: string): Point[] =>
  text.split(" ").map((sign) => (sign === "X" ? "breaching" : sign === "0" ? "ok" : undefined));
const treatments = ["missing", "ignore", "breaching", "notBreaching"] as const;

type Row = readonly [text: string, ...verdicts: Verdict[]];

/** The tables of AWS's page. */
describe.each<[string, number, readonly Row[]]>([
  [
    "3 of 3",
    3,
    [
      ["0 - X - X", "OK", "OK", "OK", "OK"],
      ["0 - - - -", "OK", "OK", "OK", "OK"],
      ["- - - - -", "INSUFFICIENT_DATA", "retain", "ALARM", "OK"],
      ["0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"],
      ["- - X - -", "ALARM", "retain", "ALARM", "OK"],
      ["- - - - X", "retain", "retain", "ALARM", "OK"],
      ["- - - X -", "retain", "retain", "ALARM", "OK"],
    ],
  ],
  [
    "2 of 3",
    2,
    [
      ["0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"],
      ["0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"],
      ["0 - X - -", "OK", "OK", "ALARM", "OK"],
      ["- - - - 0", "OK", "OK", "ALARM", "OK"],
      ["- - - X -", "ALARM", "retain", "ALARM", "OK"],
    ],
  ],
])("%s", (_, datapointsToAlarm, rows) => {
  it.each(
    rows.flatMap(([text, ...verdicts]) => verdicts.map((verdict, at) => [text, treatments[at], verdict] as const)),
  )("%s with missing data as %s is %s", (text, missingData = "missing", verdict) => {
    expect(verdictOf(points(text), { evaluationPeriods: 3, datapointsToAlarm, missingData })).toBe(verdict);
  });
});

it("more breaches never end an alarm", () => {
  const point = fc.constantFrom<Point>("breaching", "ok", undefined);
  fc.assert(
    fc.property(
      fc.array(point, { minLength: 5, maxLength: 5 }),
      fc.nat(4),
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom(...treatments),
      (given, at, datapointsToAlarm, missingData) => {
        const alarm = { evaluationPeriods: 3, datapointsToAlarm, missingData };
        if (verdictOf(given, alarm) !== "ALARM" || given[at] === undefined) return;
        const worse = given.map((one, index) => (index === at ? "breaching" : one));
        expect(verdictOf(worse, alarm)).toBe("ALARM");
      },
    ),
  );
});
