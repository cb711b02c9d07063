import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { copyOf, merge, nothing, ofStatistics, ofValue, ofValues, rounded, valuesOf } from "./aggregate.ts";
import type { Aggregate } from "./aggregate.ts";
import { Unpacking, pack } from "./pack.ts";
import { parseStatistic, statisticOf } from "./statistic.ts";

const value = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ min: -1e9, max: 1e9, noNaN: true }));
const aggregate = fc.oneof(
  fc.array(value, { minLength: 1, maxLength: 150 }).map((values) => ofValues(values)),
  fc.tuple(value, fc.integer({ min: 1, max: 9 })).map(([one, count]) => ofValue(one, count)),
  fc
    .tuple(fc.integer({ min: 1, max: 9 }), value, value)
    .map(([count, a, b]) => ofStatistics(count, a + b, Math.min(a, b), Math.max(a, b))),
);

const merged = (...all: readonly Aggregate[]) => {
  const into = nothing();
  for (const one of all) merge(into, one);
  return into;
};
const comparable = ({ count, sum, min, max, isHidden }: Aggregate) => ({
  count,
  min,
  max,
  isHidden,
  sum: sum.toPrecision(9),
});

describe("aggregates", () => {
  it("are the same in whatever order they are merged", () => {
    fc.assert(
      fc.property(aggregate, aggregate, aggregate, (a, b, c) => {
        const one = merged(merged(a, b), c);
        const other = merged(merged(c, a), b);
        expect({ ...comparable(one), sum: 0 }).toEqual({ ...comparable(other), sum: 0 });
        expect(one.sum).toBeCloseTo(other.sum, -1);
        const total = [...(valuesOf(one)?.values() ?? [])].reduce((sum, times) => sum + times, 0);
        if (!one.isHidden) expect(total).toBe(one.count);
      }),
    );
  });

  it("know one zero only", () => {
    const both = [merged(ofValue(-0, 1), ofStatistics(1, 0, 0, 0)), ofValues([0, -0]), ofValues([-0, 0])];
    for (const { min, max } of both) expect([min, max]).toEqual([0, 0]);
  });

  it("leave what was merged into them as it was", () => {
    fc.assert(
      fc.property(aggregate, aggregate, (a, b) => {
        const before = copyOf(b);
        merged(a, b, b);
        expect(b).toEqual(before);
      }),
    );
  });

  it("come out of a row as they were put in", () => {
    fc.assert(
      fc.property(fc.array(aggregate, { maxLength: 5 }), (all) => {
        const row: number[] = [];
        for (const one of all) pack(row, one);
        const unpacking = new Unpacking(row);
        for (const one of all) {
          const read = unpacking.aggregate();
          expect({ ...read, sum: 0 }).toEqual({ ...one, sum: 0 });
          expect(read.sum).toBeCloseTo(one.sum, -1);
        }
        expect(unpacking.isDone).toBe(true);
      }),
    );
  });

  it("tell percentiles within one per cent, however many values there are", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.001, max: 1000, noNaN: true }), { minLength: 1, maxLength: 1000 }),
        fc.constantFrom(0.5, 0.9, 0.99, 1),
        (values, share) => {
          const sorted = values.toSorted((a, b) => a - b);
          const exact = sorted[Math.ceil(share * values.length) - 1] ?? 0;
          const told = statisticOf(ofValues(values), { kind: "percentile", share }) ?? 0;
          expect(Math.abs(told - exact) / exact).toBeLessThan(0.01);
        },
      ),
    );
  });

  it("round a value once only", () => {
    fc.assert(
      fc.property(value, (one) => {
        expect(rounded(rounded(one))).toBe(rounded(one));
      }),
    );
  });
});

describe("statistics", () => {
  const hundred = ofValues(Array.from({ length: 100 }, (_, index) => index + 1));
  it.each([
    ["SampleCount", 100],
    ["Sum", 5050],
    ["Average", 50.5],
    ["Minimum", 1],
    ["Maximum", 100],
    ["p50", 50],
    ["p99", 99],
    ["p100", 100],
    ["p0.1", 1],
    ["tm90", 45.5],
    ["TM(10%:90%)", 50.5],
    ["IQM", 50.5],
    ["TC(80:)", 20],
    ["tc(80:)", 20],
    ["TS(98:100)", 199],
    ["TS(80%:)", 1810],
    ["PR(:30)", 30],
    ["WM(10%:90%)", 50.5],
    ["wm(:10)", 9.55],
  ])("%s of 1 to 100 is %d", (text, expected) => {
    const statistic = parseStatistic(text);
    expect(statistic && statisticOf(hundred, statistic)).toBeCloseTo(expected, 9);
  });

  it.each(["p", "p101", "tm", "TM(90%:10%)", "TM(10%:90)", "PR(10%:)", "TM(:)", "average", "", "p-1", "TC(1.2.3:)"])(
    "%s is none",
    (text) => {
      expect(parseStatistic(text)).toBeUndefined();
    },
  );

  it("of a statistic set tell no percentile, but where all values must be the same", () => {
    const p50 = { kind: "percentile", share: 0.5 } as const;
    expect(statisticOf(ofStatistics(3, 6, 1, 3), p50)).toBeUndefined();
    expect(statisticOf(ofStatistics(3, 6, 2, 2), p50)).toBe(2);
  });
});
