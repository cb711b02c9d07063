import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dueMeasurements, startAnalysis, stepAnalysis } from "./analysis.ts";
import { holds, type Condition } from "./condition.ts";
import type { Analysis, AnalysisMetric, Measured, Outcome } from "./model.ts";
import { outcomeOf } from "./metric.ts";

const value = (of: number): Measured => ({ kind: "value", value: of });
const error: Measured = { kind: "error", message: "no answer" };
const below5: Condition = { op: "<", value: 5 };
const above10: Condition = { op: ">", value: 10 };

/** Each is measured when it falls due, with what it gives next, until the analysis is over or there is no more. */
function run(metrics: readonly AnalysisMetric[], values: Readonly<Record<string, readonly Measured[]>>) {
  const left = new Map(Object.entries(values).map(([name, of]) => [name, [...of]]));
  let analysis = startAnalysis(metrics, 0);
  for (let now: number | undefined = 0; now !== undefined;) {
    const { due, wakeAt }: ReturnType<typeof dueMeasurements> = dueMeasurements(metrics, analysis, now);
    for (const metric of due) {
      const measured = left.get(metric)?.shift();
      if (measured === undefined) return analysis;
      analysis = stepAnalysis(metrics, analysis, { kind: "measured", metric, at: now, measured });
    }
    now = due.length > 0 && analysis.result === undefined ? now : wakeAt;
  }
  return analysis;
}

const one = (metric: Omit<AnalysisMetric, "name">, values: readonly Measured[]) =>
  run([{ name: "errors", ...metric }], { errors: values }).result;

describe("a measurement", () => {
  it.each<[string, Partial<AnalysisMetric>, number, Outcome]>([
    ["succeeds without conditions", {}, 7, "Successful"],
    ["fails where success alone does not hold", { successCondition: below5 }, 7, "Failed"],
    ["succeeds where failure alone does not hold", { failureCondition: above10 }, 7, "Successful"],
    ["is inconclusive between both", { successCondition: below5, failureCondition: above10 }, 7, "Inconclusive"],
    ["fails where both hold", { successCondition: below5, failureCondition: { op: "<", value: 9 } }, 3, "Failed"],
    ["fails by NaN where success is a comparison", { successCondition: below5 }, Number.NaN, "Failed"],
  ])("%s", (_, metric, measured, outcome) => {
    expect(outcomeOf({ name: "errors", ...metric }, value(measured))).toBe(outcome);
  });

  it("is compared by data", () => {
    const isOdd: Condition = {
      op: "or",
      of: [
        { op: "==", value: 1 },
        { op: "==", value: 3 },
      ],
    };
    const isFine: Condition = {
      op: "and",
      of: [
        { op: "not", of: isOdd },
        { op: "<=", value: 4 },
        { op: "!=", value: 2 },
      ],
    };
    expect([1, 2, 3, 4, 5].filter((number) => holds(isFine, number))).toEqual([4]);
    expect(holds({ op: "or", of: [{ op: "isNaN" }, { op: ">=", value: 1 }] }, Number.NaN)).toBe(true);
  });
});

describe("an analysis", () => {
  const repeated = { intervalMs: 60_000, successCondition: below5, failureCondition: above10 };

  it("takes one measurement without count and interval, and has no end with an interval", () => {
    expect(one({ successCondition: below5 }, [value(1)])).toMatchObject({ outcome: "Successful", advice: "goOn" });
    expect(one(repeated, Array(50).fill(value(1)))).toBeUndefined();
  });

  it.each<[string, Omit<AnalysisMetric, "name">, readonly Measured[], Outcome, string]>([
    [
      "more failures than allowed",
      { ...repeated, failureLimit: 1 },
      [value(11), value(1), value(11)],
      "Failed",
      "abort",
    ],
    ["more unclear than allowed", repeated, [value(1), value(7)], "Inconclusive", "pause"],
    ["errors one after the other", repeated, [error, error, error, error, error], "Error", "abort"],
    ["as many measurements as asked for", { ...repeated, count: 2 }, [value(1), error, value(1)], "Successful", "goOn"],
    [
      "successes one after the other",
      { ...repeated, consecutiveSuccessLimit: 2, failureLimit: -1 },
      [value(1), value(11), value(1), value(1)],
      "Successful",
      "goOn",
    ],
    [
      "too few successes in a row, failures off",
      { ...repeated, count: 2, consecutiveSuccessLimit: 2, failureLimit: -1 },
      [value(1), value(11)],
      "Failed",
      "abort",
    ],
    [
      "too few successes in a row, failures kept",
      { ...repeated, count: 2, consecutiveSuccessLimit: 2, failureLimit: 1 },
      [value(1), value(11)],
      "Inconclusive",
      "pause",
    ],
  ])("ends by %s", (_, metric, values, outcome, advice) => {
    expect(one(metric, values)).toMatchObject({ outcome, advice });
  });

  it("says which metric decided, and why", () => {
    expect(one(repeated, [value(11)])?.reason).toBe(
      'Metric "errors" assessed Failed due to failed (1) > failureLimit (0)',
    );
  });

  it("ends with the first metric that goes wrong, which is worse than those that went well or on", () => {
    const metrics = [
      { name: "latency", ...repeated },
      { name: "errors", ...repeated, initialDelayMs: 30_000 },
      { name: "load" },
    ];
    const ended = run(metrics, { latency: Array(5).fill(value(1)), errors: [value(11)], load: [value(1)] });
    expect(ended.result).toMatchObject({ outcome: "Failed", advice: "abort" });
    expect(ended.metrics.map(({ phase, count }) => [phase, count])).toEqual([
      ["Successful", 1],
      ["Failed", 1],
      ["Successful", 1],
    ]);
  });

  it("tries again soon after an error, and else by its interval", () => {
    const metrics = [{ name: "errors", ...repeated, initialDelayMs: 5000 }];
    const begun = startAnalysis(metrics, 1000);
    expect(dueMeasurements(metrics, begun, 1000)).toEqual({ due: [], wakeAt: 6000 });
    expect(dueMeasurements(metrics, begun, 6000)).toEqual({ due: ["errors"], wakeAt: undefined });
    const after = (measured: Measured) =>
      dueMeasurements(
        metrics,
        stepAnalysis(metrics, begun, { kind: "measured", metric: "errors", at: 7000, measured }),
        7000,
      );
    expect(after(error)).toEqual({ due: [], wakeAt: 17_000 });
    expect(after(value(1))).toEqual({ due: [], wakeAt: 67_000 });
  });

  it("is refused if it could not end, or not fail", () => {
    const refused = (...metrics: readonly AnalysisMetric[]) =>
      expect(() => startAnalysis(metrics, 0)).toThrow(
        expect.objectContaining({ code: "invalid-analysis", fault: "user" }),
      );
    refused();
    refused({ name: "a" }, { name: "a" });
    refused({ name: "a", count: 2 });
    refused({ name: "a", intervalMs: 0 });
    refused({ name: "a", count: 1.5 });
    refused({ name: "a", failureLimit: -1 });
    refused({ name: "a", count: 3, intervalMs: 1, failureLimit: 3 });
    refused({ name: "a", consecutiveErrorLimit: -1 });
  });

  describe("whatever is measured", () => {
    const limit = fc.option(fc.nat(3), { nil: undefined });
    const metric = fc.record({
      count: fc.option(fc.integer({ min: 4, max: 8 }), { nil: undefined }),
      intervalMs: fc.constant(1000),
      successCondition: fc.constantFrom(undefined, below5),
      failureCondition: fc.constantFrom(undefined, above10),
      failureLimit: limit,
      inconclusiveLimit: limit,
      consecutiveErrorLimit: limit,
      consecutiveSuccessLimit: limit,
    });
    const metrics = fc
      .array(metric, { minLength: 1, maxLength: 3 })
      .map((all) => all.map((of, index) => ({ name: `m${index}`, ...of })));
    const measured = fc.oneof(fc.constant(error), fc.integer({ min: 0, max: 15 }).map(value));
    const happenings = fc.array(
      fc.oneof(
        {
          weight: 40,
          arbitrary: fc.record({
            kind: fc.constant("measured" as const),
            metric: fc.constantFrom("m0", "m1", "m2", "other"),
            at: fc.nat(1000),
            measured,
          }),
        },
        { weight: 1, arbitrary: fc.constant({ kind: "terminate" as const }) },
      ),
      { maxLength: 60 },
    );
    const steps = (all: readonly AnalysisMetric[], happened: readonly Parameters<typeof stepAnalysis>[2][]) =>
      happened.reduce<readonly Analysis[]>(
        (states, one) => [...states, stepAnalysis(all, states.at(-1)!, one)],
        [startAnalysis(all, 0)],
      );

    it("keeps every limit of what succeeded, counts right, and never measures more than asked for", () => {
      fc.assert(
        fc.property(metrics, happenings, (all, happened) => {
          for (const [index, state] of steps(all, happened).at(-1)!.metrics.entries()) {
            const { count, failureLimit = 0, inconclusiveLimit = 0, consecutiveErrorLimit = 4 } = all[index]!;
            expect(state.count).toBe(state.successful + state.failed + state.inconclusive);
            expect(state.count).toBeLessThanOrEqual(count ?? Infinity);
            if (state.phase === "Failed") expect(state.failed).toBe(failureLimit + 1);
            if (state.phase !== "Successful" && state.phase !== "Running") continue;
            expect(state.failed).toBeLessThanOrEqual(failureLimit);
            expect(state.inconclusive).toBeLessThanOrEqual(inconclusiveLimit);
            expect(state.consecutiveErrors).toBeLessThanOrEqual(consecutiveErrorLimit);
          }
        }),
      );
    });

    it("is over when all metrics are, by the worst of them, and stays so", () => {
      const order: readonly string[] = ["Successful", "Inconclusive", "Error", "Failed"];
      fc.assert(
        fc.property(metrics, happenings, (all, happened) => {
          const states = steps(all, happened);
          const first = states.find(({ result }) => result !== undefined);
          const last = states.at(-1)!;
          expect(last.result).toEqual(first?.result);
          if (first !== undefined) expect(last).toBe(first);
          const ranks = last.metrics.map(({ phase }) => order.indexOf(phase));
          expect(last.result !== undefined).toBe(ranks.every((rank) => rank >= 0));
          if (last.result !== undefined) expect(order.indexOf(last.result.outcome)).toBe(Math.max(...ranks));
          expect(dueMeasurements(all, last, Infinity).due.length > 0).toBe(last.result === undefined);
          expect(JSON.parse(JSON.stringify(last))).toEqual(last);
        }),
      );
    });
  });
});
