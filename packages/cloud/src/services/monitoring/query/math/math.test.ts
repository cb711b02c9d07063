import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluate } from "./evaluate.ts";
import { binarySigns, parse, print } from "./parse.ts";
import type { Expression } from "./parse.ts";
import type { TimeSeries, Value } from "./value.ts";

const series = (label: string, values: readonly (number | undefined)[]): TimeSeries => {
  const known = values.flatMap((value, index) => (value === undefined ? [] : [[index * 60, value] as const]));
  return { label, times: known.map(([time]) => time), values: known.map(([, value]) => value), periodSeconds: 60 };
};

const m1 = series("m1", [1, 2, undefined, 4]);
const m2 = series("m2", [10, undefined, 30, 40]);
const known: Readonly<Record<string, Value>> = { m1, m2 };
const run = (text: string): Value =>
  evaluate(parse(text), {
    periodSeconds: 60,
    timeline: () => [0, 60, 120, 180],
    valueOf: (id) => known[id],
    metrics: (text_) => [m1, m2].filter(({ label }) => label.includes(text_)),
    search: () => [],
  });
/** Values at 0, 60, 120 and 180 s. */
const at = (value: Value) =>
  [0, 60, 120, 180].map((time) => (value as TimeSeries).values[(value as TimeSeries).times.indexOf(time)]);

describe("metric math", () => {
  it.each<[string, readonly (number | undefined)[]]>([
    ["m1 + m2", [11, undefined, undefined, 44]],
    ["100 * m1 / m2", [10, undefined, undefined, 10]],
    ["m1 / 0", [undefined, undefined, undefined, undefined]],
    ["-m1 ^ 2", [-1, -4, undefined, -16]],
    ["2 ^ m1 ^ 0", [2, 2, undefined, 2]],
    ["m1 > 1 AND m1 < 4", [0, 1, undefined, 0]],
    ["SUM([m1, m2])", [11, 2, 30, 44]],
    ["AVG(METRICS())", [5.5, 2, 30, 22]],
    ["SUM(METRICS('m2'))", [10, undefined, 30, 40]],
    ["MAX([m1, m2])", [10, 2, 30, 40]],
    ["FILL(m1, 0)", [1, 2, 0, 4]],
    ["FILL(m1, REPEAT)", [1, 2, 2, 4]],
    ["FILL(m1, LINEAR)", [1, 2, 3, 4]],
    ["m1 / MAX(m1)", [0.25, 0.5, undefined, 1]],
    ["IF(m1 > 1, m1, 7)", [7, 2, undefined, 4]],
    ["IF(m1 > 1, m1)", [undefined, 2, undefined, 4]],
    ["IF(FILL(m1, 0) == 0, m2, m1)", [1, 2, 30, 4]],
    ["DIFF(m1)", [undefined, 1, undefined, 2]],
    ["RATE(m1) * PERIOD(m1)", [undefined, 1, undefined, 1]],
    ["RUNNING_SUM(m1)", [1, 3, undefined, 7]],
    ["FIRST(SORT([m1, m2], MAX, DESC))", [10, undefined, 30, 40]],
    ["TIME_SERIES(5) + METRIC_COUNT([m1, m2])", [7, 7, 7, 7]],
    ["EPOCH(m1)", [0, 60, undefined, 180]],
    ["MINUTE(m1)", [0, 1, undefined, 3]],
    ["ABS(-CEIL(m1 / 3))", [1, 1, undefined, 2]],
  ])("%s", (text, expected) => {
    expect(at(run(text))).toEqual(expected);
  });

  it.each([
    ["m3", "Unrecognized identifier m3"],
    ["NONSENSE(m1)", "Unrecognized function NONSENSE"],
    ["m1 +", "The expression ends too soon"],
    ["m1 m2", "Unexpected 'm2'"],
    ["(m1", "Expected ')' but found the end of the expression"],
    ["m1 # 2", "Unexpected character '#'"],
    ["ANOMALY_DETECTION_BAND(m1)", "Trysail has no anomaly detection"],
    ["SORT(m1, BEST, ASC)", "SORT takes"],
    [`${"(".repeat(200)}1${")".repeat(200)}`, "nested too deeply"],
  ])("%s is refused", (text, message) => {
    expect(() => run(text)).toThrow(message);
  });

  const expression: fc.Arbitrary<Expression> = fc.letrec<{ any: Expression }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.integer({ min: 0, max: 99 }).map((value): Expression => ({ kind: "number", value })),
      fc.constantFrom("m1", "m2").map((name): Expression => ({ kind: "name", name })),
      tie("any").map((of): Expression => ({ kind: "minus", of })),
      fc.array(tie("any"), { maxLength: 3 }).map((items): Expression => ({ kind: "array", items })),
      fc
        .tuple(fc.constantFrom(...binarySigns), tie("any"), tie("any"))
        .map(([sign, left, right]): Expression => ({ kind: "binary", sign, left, right })),
      fc
        .tuple(fc.constantFrom("SUM", "FILL"), fc.array(tie("any"), { maxLength: 2 }))
        .map(([name, args]): Expression => ({ kind: "call", name, args })),
      fc
        .stringMatching(/^[a-z '{}=]*$/)
        .filter((text) => !text.includes('"'))
        .map((text): Expression => ({ kind: "text", text })),
    ),
  })).any;

  it("reads back what it prints", () => {
    fc.assert(
      fc.property(expression, (one) => {
        expect(parse(print(one))).toEqual(one);
      }),
    );
  });

  it("adds in any order, and a filled series has no hole", () => {
    const values = fc.array(fc.option(fc.integer({ min: -1e6, max: 1e6 }), { nil: undefined }), {
      minLength: 4,
      maxLength: 4,
    });
    fc.assert(
      fc.property(values, values, (one, other) => {
        const scope = (a: TimeSeries, b: TimeSeries) => ({
          periodSeconds: 60,
          timeline: () => [0, 60, 120, 180],
          valueOf: (id: string) => (id === "m1" ? a : b),
          metrics: () => [],
          search: () => [],
        });
        const [a, b] = [series("a", one), series("b", other)];
        const sum = parse("m1 + m2");
        expect(at(evaluate(sum, scope(a, b)))).toEqual(at(evaluate(sum, scope(b, a))));
        expect(at(evaluate(parse("FILL(m1, 0)"), scope(a, b)))).not.toContain(undefined);
      }),
    );
  });
});
