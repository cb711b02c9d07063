import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compatibleJudge, scaleFreeJudge } from "./judges.ts";
import type { CanaryConfig, MetricConfig, MetricPair } from "./model.ts";
import { seededRandom } from "./random.test-kit.ts";

const compatible = compatibleJudge(seededRandom(7));
const metric: MetricConfig = { name: "latency", groups: ["all"] };
const configOf = (...metrics: readonly MetricConfig[]): CanaryConfig => ({
  metrics,
  thresholds: { pass: 90, marginal: 50 },
});
const series = (length: number, at: (index: number) => number) => Array.from({ length }, (_, index) => at(index));
const times = (factor: number, values: readonly number[]) => values.map((value) => value * factor);

describe("the scale-free judge", () => {
  // Few different values make ties, and many zeros are what counts of errors look like.
  const value = fc.oneof(
    fc.constant(0),
    fc.integer({ min: 0, max: 5 }),
    fc.integer({ min: -200, max: 2000 }).map((cents) => cents / 100),
    fc.double({ min: 0.001, max: 1000, noNaN: true }),
    fc.constant(Number.NaN),
  );
  const values = fc.oneof(
    fc.array(value, { maxLength: 40 }),
    fc.array(fc.constantFrom(0, 0, 0, 1, 2), { minLength: 30, maxLength: 80 }),
  );
  const config = fc.record({
    name: fc.constant("metric"),
    groups: fc.constant(["all"]),
    direction: fc.constantFrom("increase" as const, "decrease" as const, "either" as const),
    nanStrategy: fc.constantFrom("remove" as const, "replace" as const),
    outlierFactor: fc.constantFrom(undefined, 1.5, 3),
    critical: fc.boolean(),
    effectSize: fc.constantFrom({}, { allowedIncrease: 1.05 }, { measure: "cles" as const, criticalIncrease: 0.75 }),
  });
  const factor = fc.oneof(
    fc.constantFrom(1e-5, 1e-3, 0.1, 3, 60, 1000, 3.6e6),
    fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
  );

  it("says the same of both sides in another unit", () => {
    fc.assert(
      fc.property(config, values, values, factor, (one, canary, baseline, by) => {
        const judge = (...[mine, theirs]: [readonly number[], readonly number[]]) =>
          scaleFreeJudge.judge(configOf(one), [{ name: "metric", canary: mine, baseline: theirs }]);
        const [here, there] = [judge(canary, baseline), judge(times(by, canary), times(by, baseline))];
        expect(there.score).toBe(here.score);
        const [mine, theirs] = [here.metrics[0]!, there.metrics[0]!];
        const { classification, critical, reason, deviation, effect } = mine;
        expect(theirs).toMatchObject({ classification, critical, reason, deviation, effect });
        expect(theirs.canary.outliersRemoved).toBe(mine.canary.outliersRemoved);
        if (mine.shift !== null) expect(theirs.shift!.estimate / by).toBeCloseTo(mine.shift.estimate, 6);
      }),
      { numRuns: 1000 },
    );
  });

  it("finds the compatible one's intervals, and so its verdicts but for what is close", () => {
    // Not of any digits: what is closer than the grid is a tie for one judge only.
    const cents = fc.integer({ min: 10_000, max: 100_000 }).map((number) => number / 100);
    const smooth = fc.array(cents, { minLength: 20, maxLength: 40 });
    fc.assert(
      fc.property(smooth, smooth, fc.constantFrom(0.3, 1, 5), (canary, baseline, by) => {
        const pairs = [{ name: "latency", canary: times(by, canary), baseline }];
        const [a, b] = [compatible, scaleFreeJudge].map((judge) => judge.judge(configOf(metric), pairs).metrics[0]!);
        if (a!.shift === null || b!.shift === null) return expect(b!.reason).toBe(a!.reason);
        for (const limit of [0, 1] as const)
          expect(b!.shift.confidenceInterval[limit]).toBeCloseTo(a!.shift.confidenceInterval[limit], 3);
        const [low, high] = a!.shift.confidenceInterval;
        // With the correction for continuity the search may stop anywhere between the middle differences.
        const bounds = [a!.shift.bound, b!.shift.bound].sort((one, other) => one - other) as [number, number];
        const isBetween = [low, -high].some((limit) => limit > bounds[0] - 0.01 && limit < bounds[1] + 0.01);
        if (!isBetween) expect(b!.classification).toBe(a!.classification);
      }),
    );
  });
});

describe.each([compatible, scaleFreeJudge])("the $name judge", (judge) => {
  const [low, high] = [series(60, (index) => 10 + (index % 5)), series(60, (index) => 20 + (index % 5))];
  const verdict = (config: Partial<MetricConfig>, canary: readonly number[], baseline: readonly number[]) =>
    judge.judge(configOf({ ...metric, ...config }), [{ name: "latency", canary, baseline }]).metrics[0]!;

  it("tells its reasons and numbers as plain data", () => {
    const canary = [...high, Number.NaN, 1e6];
    const pair: MetricPair = { name: "latency", canary, baseline: low };
    const judgement = judge.judge(configOf({ ...metric, outlierFactor: 3, critical: true }), [pair]);
    expect(JSON.parse(JSON.stringify(judgement))).toEqual(judgement);
    expect(judgement).toMatchObject({
      judge: judge.name,
      score: 0,
      classification: "Fail",
      reason: "Canary Failed: The metric latency was classified as High (Critical)",
      groups: [{ name: "all", score: 0, noData: false, weight: 100, counts: { High: 1 } }],
    });
    const told = judgement.metrics[0]!;
    expect(told).toMatchObject({ classification: "High", critical: true, effect: { measure: "meanRatio" } });
    expect(told.canary).toMatchObject({ count: 60, min: 20, max: 24, mean: 22, missing: 1, outliersRemoved: 1 });
    expect(told.canary.series.slice(-2)).toEqual([null, 1e6]);
    expect(told.deviation).toBeCloseTo(22 / 12, 9);
    expect(told.shift!.estimate).toBeCloseTo(10, 3);
    expect(told.shift!.confidenceInterval[0]).toBeLessThanOrEqual(told.shift!.estimate + 1e-3);
  });

  it("looks the way that matters, and at the size that is allowed", () => {
    expect(verdict({}, high, low).classification).toBe("High");
    expect(verdict({}, low, high).classification).toBe("Low");
    expect(verdict({ direction: "decrease" }, high, low).classification).toBe("Pass");
    expect(verdict({ effectSize: { allowedIncrease: 2 } }, high, low)).toMatchObject({
      classification: "Pass",
      reason: "latency differs, by no more than is allowed",
    });
    expect(verdict({ critical: true, effectSize: { criticalIncrease: 2 } }, high, low).critical).toBe(false);
  });

  it("says why it could not compare", () => {
    expect(verdict({ mustHaveData: true }, [], low).classification).toBe("NodataFailMetric");
    expect(verdict({ mustHaveData: true, critical: true }, [], low)).toMatchObject({
      classification: "Nodata",
      critical: true,
      reason: "Missing data for latency",
    });
    expect(verdict({ nanStrategy: "replace" }, [], low).classification).toBe("Pass");
    expect(verdict({}, [Infinity, ...high], low).reason).toBe("latency has values that are not finite");
    expect(verdict({}, [2], [1])).toMatchObject({ classification: "Error", shift: null });
  });

  it("does not score what is muted, and takes a metric that nobody measured for one without data", () => {
    const config = configOf(
      { ...metric, muted: true },
      { name: "errors", groups: ["all"] },
      { name: "load", groups: ["all"] },
    );
    const pairs = [
      { name: "latency", canary: high, baseline: low },
      { name: "errors", canary: low, baseline: low },
    ];
    expect(judge.judge(config, pairs)).toMatchObject({
      score: 0,
      reason: "Canary Failed: 50% or more metrics returned NODATA",
      metrics: [{ classification: "High", muted: true }, { classification: "Pass" }, { classification: "Nodata" }],
    });
  });

  it("refuses what has no meaning", () => {
    const code = "invalid-canary-config";
    const refused = (config: CanaryConfig, pairs: readonly MetricPair[] = []) =>
      expect(() => judge.judge(config, pairs)).toThrow(expect.objectContaining({ code, fault: "user" }));
    refused(configOf(metric), [{ name: "other", canary: [], baseline: [] }]);
    refused(configOf(metric, metric));
    refused(configOf({ ...metric, groups: [] }));
    refused(configOf({ ...metric, outlierFactor: 0 }));
    refused(configOf({ ...metric, effectSize: { allowedIncrease: -1 } }));
    refused({ ...configOf(metric), groupWeights: { all: 101 } });
    refused({ ...configOf(metric), thresholds: { pass: 50, marginal: 90 } });
  });
});
