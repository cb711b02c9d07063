import { describe, expect, it } from "vitest";
import { classify, type Compare } from "./classify.ts";
import { toGrid } from "./grid.ts";
import { compareCompatibly, compareExactly } from "./judges.ts";
import { mannWhitneyShift, wilcoxonDiff } from "./mann-whitney.ts";
import { meanInequality } from "./mean-inequality.ts";
import type { Direction, EffectMeasure } from "./model.ts";
import { normalQuantile } from "./normal.ts";
import { outsideQuartiles, outsideSigmas } from "./outliers.ts";
import { scoreMetrics, type Scored } from "./score.ts";
import { seededRandom } from "./random.test-kit.ts";
import { cles, cohensD, meanRatio, percentile, summarize } from "./statistics.ts";
import { removeMarked, removeMissing, replaceMissing } from "./transforms.ts";
import { vectors } from "./vectors.test-kit.ts";

interface ClassifierCase {
  readonly name: string;
  readonly canary: readonly number[];
  readonly control: readonly number[];
  readonly experiment: readonly number[];
  readonly classifier?: "mannWhitney" | "meanInequality";
  readonly tolerance: number;
  readonly confLevel: number;
  readonly effectSizeThresholds: readonly [decrease: number, increase: number];
  readonly criticalThresholds: readonly [decrease: number, increase: number];
  readonly effectSizeMeasure: EffectMeasure;
  readonly direction: Direction;
  readonly nanStrategy: "remove" | "replace";
  readonly critical: boolean;
  readonly mustHaveData: boolean;
  readonly expected: {
    readonly classification?: string;
    readonly critical?: boolean;
    readonly deviation?: number;
    readonly reasonNotEmpty?: boolean;
    readonly ciLow?: number;
    readonly ciHigh?: number;
    readonly estimate?: number;
  };
}

const kayenta = vectors<ClassifierCase>("classifier");
const tested = [...kayenta.filter((one) => one.classifier === "mannWhitney"), ...vectors<ClassifierCase>("community")];

function finding(vector: ClassifierCase, compare: Compare, canary = vector.experiment, baseline = vector.control) {
  const [allowedDecrease, allowedIncrease] = vector.effectSizeThresholds;
  const [criticalDecrease, criticalIncrease] = vector.criticalThresholds;
  const { direction, nanStrategy, critical, mustHaveData, effectSizeMeasure: measure } = vector;
  const effectSize = { measure, allowedDecrease, allowedIncrease, criticalDecrease, criticalIncrease };
  return classify(
    { name: "metric", groups: ["group"], direction, nanStrategy, critical, mustHaveData, effectSize },
    canary,
    baseline,
    compare,
    { tolerance: vector.tolerance, confidence: vector.confLevel },
  );
}

function scaleFree(vector: ClassifierCase) {
  const { canary, baseline } = toGrid(vector.experiment, vector.control);
  return finding(vector, compareExactly, canary, baseline);
}

describe.each([
  ["compatible", (vector: ClassifierCase) => finding(vector, compareCompatibly(seededRandom(1)))],
  ["scale-free", scaleFree],
])("the %s judge classifies as Kayenta", (judge, find) => {
  it.each(tested.map((vector) => [vector.name, vector] as const))("%s", (_, vector) => {
    const found = find(vector);
    const { expected } = vector;
    if (expected.classification !== undefined) expect(found.classification).toBe(expected.classification);
    if (expected.critical !== undefined) expect(found.critical).toBe(expected.critical);
    if (expected.reasonNotEmpty === true) expect(found.reason).not.toBe("");
    if (expected.deviation !== undefined)
      expect(found.deviation).toBe(Number.isNaN(expected.deviation) ? null : expected.deviation);
    if (judge === "compatible" && expected.estimate !== undefined) {
      expect(found.shift!.estimate).toBeCloseTo(expected.estimate, 12);
      expect(found.shift!.confidenceInterval[0]).toBeCloseTo(expected.ciLow!, 12);
      expect(found.shift!.confidenceInterval[1]).toBeCloseTo(expected.ciHigh!, 12);
    }
  });
});

it("in a unit of 10⁵, the compatible judge misses two, and the scale-free one none", () => {
  const inUnit = (values: readonly number[]) => values.map((value) => value * 1e-5);
  const changed = (find: (vector: ClassifierCase) => { readonly classification: string }) =>
    tested
      .filter(
        (one) =>
          find({ ...one, experiment: inUnit(one.experiment), control: inUnit(one.control) }).classification !==
          find(one).classification,
      )
      .map((one) => one.name);
  expect(changed((vector) => finding(vector, compareCompatibly(seededRandom(1))))).toEqual([
    "Mann-Whitney Classifier Test: High Metric (Large Input)",
    "Mann-Whitney Classifier Test - CLES Effect Size: Low",
  ]);
  expect(changed(scaleFree)).toEqual([]);
});

describe("the comparison of means classifies as Kayenta", () => {
  it.each(kayenta.filter((one) => one.classifier === "meanInequality").map((one) => [one.name, one] as const))(
    "%s",
    (_, { experiment, control, direction, expected }) =>
      expect(meanInequality(experiment, control, direction)).toBe(expected.classification),
  );
});

describe("the Mann-Whitney test is Kayenta's", () => {
  interface Expected {
    readonly [name: string]: number;
  }
  interface Case {
    readonly name: string;
    readonly kind: "wilcoxonDiff" | "normalQuantile" | "test" | "intermediate";
    readonly experiment: readonly number[];
    readonly control: readonly number[];
    readonly p: number;
    readonly confidenceLevel: number;
    readonly tolerance: number | { readonly ci: number; readonly estimate: number };
    readonly cases: readonly { readonly mu: number; readonly quantile: number; readonly expected: number }[];
    readonly expected: Expected & number;
  }
  const within = (value: number, expected: number, tolerance: number) =>
    expect(Math.abs(value - expected), `${value} is not ${expected}`).toBeLessThanOrEqual(tolerance);

  it.each(vectors<Case>("mann-whitney").map((one) => [one.name, one] as const))("%s", (_, vector) => {
    const { experiment: x, control: y, expected, confidenceLevel } = vector;
    const { ci, estimate } =
      typeof vector.tolerance === "number" ? { ci: vector.tolerance, estimate: vector.tolerance } : vector.tolerance;
    switch (vector.kind) {
      case "normalQuantile":
        return within(normalQuantile(vector.p), expected, ci);
      case "wilcoxonDiff":
        for (const one of vector.cases) within(wilcoxonDiff(x, y, one.mu, one.quantile), one.expected, ci);
        return;
      case "intermediate": {
        const { Mumin, Mumax, ZqLower, ZqUpper } = expected as Record<string, number>;
        const z = -normalQuantile((1 - confidenceLevel) / 2);
        within(Math.min(...x) - Math.max(...y), Mumin!, ci);
        within(Math.max(...x) - Math.min(...y), Mumax!, ci);
        within(z, ZqLower!, ci);
        within(-z, ZqUpper!, ci);
        within(wilcoxonDiff(x, y, Mumin!, z), expected["Flower1"]!, ci);
        within(wilcoxonDiff(x, y, Mumax!, z), expected["Fupper1"]!, ci);
        within(wilcoxonDiff(x, y, Mumin!, -z), expected["Flower2"]!, ci);
        within(wilcoxonDiff(x, y, Mumax!, -z), expected["Fupper2"]!, ci);
        break;
      }
      case "test":
    }
    const shift = mannWhitneyShift(x, y, confidenceLevel);
    within(shift.low, (expected["ciLow"] ?? expected["Cil"])!, ci);
    within(shift.high, (expected["ciHigh"] ?? expected["Ciu"])!, ci);
    within(shift.estimate, (expected["estimate"] ?? expected["Est"])!, estimate);
  });
});

describe("scores are Kayenta's", () => {
  interface Case {
    readonly name: string;
    readonly groupWeights: Readonly<Record<string, number>>;
    readonly results: readonly Scored[];
    readonly expected: { readonly summaryScore: number; readonly groupScoresSorted?: readonly number[] };
  }
  it.each(vectors<Case>("scorer").map((one) => [one.name, one] as const))("%s", (_, vector) => {
    const { score, groups } = scoreMetrics(vector.results, vector.groupWeights);
    expect(score).toBe(vector.expected.summaryScore);
    const sorted = groups.map((group) => group.score).sort((a, b) => a - b);
    if (vector.expected.groupScoresSorted !== undefined) expect(sorted).toEqual(vector.expected.groupScoresSorted);
  });
});

describe("outliers are found as Kayenta finds them", () => {
  interface Case {
    readonly name: string;
    readonly data: readonly number[];
    readonly expected: readonly boolean[];
    readonly detector: "ksigma" | "iqr";
    readonly k: number;
    readonly factor: number;
    readonly reduceSensitivity: boolean;
  }
  it.each(vectors<Case>("detector").map((one) => [one.name, one] as const))("%s", (_, vector) => {
    const { data, factor, reduceSensitivity, k } = vector;
    const marks =
      vector.detector === "iqr" ? outsideQuartiles(data, factor, reduceSensitivity) : outsideSigmas(data, k);
    expect(marks).toEqual(vector.expected);
  });
});

describe("statistics are Kayenta's", () => {
  interface Case {
    readonly name: string;
    readonly fn: "summary" | "percentileR7" | "meanRatio" | "cohenD" | "cles";
    readonly data: readonly number[];
    readonly experiment: readonly number[];
    readonly control: readonly number[];
    readonly cases: readonly { readonly p: number; readonly expected: number; readonly tolerance?: number }[];
    readonly expected: number | Record<"min" | "max" | "mean" | "std" | "count", number>;
    readonly tolerance?: number;
  }
  const near = (value: number, expected: number, tolerance = 1e-10) => {
    if (Number.isNaN(expected)) expect(value).toBeNaN();
    else expect(Math.abs(value - expected), `${value} is not ${expected}`).toBeLessThanOrEqual(tolerance);
  };
  it.each(vectors<Case>("statistic").map((one) => [one.name, one] as const))("%s", (_, vector) => {
    const { fn, data, experiment, control, expected, tolerance } = vector;
    if (fn === "percentileR7") {
      for (const one of vector.cases) near(percentile(data, one.p), one.expected, one.tolerance);
    } else if (typeof expected === "number") {
      const measure = { meanRatio, cles, cohenD: cohensD, summary: () => Number.NaN }[fn];
      near(measure(experiment, control), expected, tolerance);
    } else {
      const { standardDeviation: std, ...rest } = summarize(data);
      for (const [name, value] of Object.entries({ ...rest, std }))
        near(value, expected[name as keyof typeof expected], tolerance);
    }
  });
});

describe("series are prepared as Kayenta prepares them", () => {
  interface Case {
    readonly name: string;
    readonly op: "removeNaN" | "replaceNaN0" | "removeOutliers";
    readonly data: readonly number[];
    readonly expected: readonly number[];
    readonly detector?: { readonly iqr?: number; readonly ksigma?: number };
  }
  it.each(vectors<Case>("transform").map((one) => [one.name, one] as const))(
    "%s",
    (_, { op, data, expected, detector }) => {
      const outliers = () =>
        detector?.iqr === undefined
          ? outsideSigmas(data, detector!.ksigma!)
          : outsideQuartiles(data, detector.iqr, false);
      const change = {
        removeNaN: () => removeMissing(data),
        replaceNaN0: () => replaceMissing(data),
        removeOutliers: () => removeMarked(data, outliers()),
      }[op];
      expect(change()).toEqual(expected);
    },
  );
});
