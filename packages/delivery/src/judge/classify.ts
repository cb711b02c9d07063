import { effectSizes } from "./config.ts";
import type { Classification, MetricConfig, MetricVerdict } from "./model.ts";
import type { Shift } from "./mann-whitney.ts";

/** How two samples are compared: what a judge's method is. */
export interface Comparison {
  readonly shift: Shift & { readonly rejectsNone?: "above" | "below" | undefined };
  /** Within this, two numbers of the shift are equal. */
  readonly slack: number;
  /** The ratio of the means; NaN if either is 0. */
  readonly meanRatio: number;
  readonly cles: number;
}

export type Compare = (canary: readonly number[], baseline: readonly number[], confidence: number) => Comparison;

/** How sure, and how far in parts of the estimate, a difference must be. Kayenta's judge has these for all metrics. */
export const sensitivity = { tolerance: 0.25, confidence: 0.98 };

/** What is found out about a metric by comparing. */
export type Finding = Pick<MetricVerdict, "classification" | "critical" | "reason" | "deviation" | "effect" | "shift">;

const nothingCompared = { deviation: 1, effect: null, shift: null } as const;

/**
 * A metric's verdict, in Kayenta's order: without data, equal, then by the test and the size of the effect.
 *
 * @param canary - values without missing points and outliers, as `baseline`
 */
export function classify(
  config: MetricConfig,
  canary: readonly number[],
  baseline: readonly number[],
  compare: Compare,
  { tolerance, confidence } = sensitivity,
): Finding {
  if (canary.length === 0 || baseline.length === 0) return withoutData(config);
  const pass = (reason: string): Finding => ({ ...nothingCompared, classification: "Pass", critical: false, reason });
  const [mine, theirs] = [canary, baseline].map((values) => [...values].sort((a, b) => a - b)) as [number[], number[]];
  if (mine.length === theirs.length && mine.every((value, index) => value === theirs[index]))
    return pass("The Canary and Baseline data are identical");
  if (mine[0] === theirs.at(-1) && theirs[0] === mine.at(-1)) return pass("All values are equal");

  const compared = unlessTied(() => compare(canary, baseline, confidence));
  if (compared === undefined) {
    const reason = `${config.name} could not be compared: there are too few values that differ`;
    return failed(config, reason);
  }
  const { shift, slack } = compared;
  const sizes = effectSizes(config);
  const size = compared[sizes.measure];
  const bound = tolerance * Math.abs(shift.estimate);
  const { direction = "either" } = config;
  // A size that cannot be told, since a mean is zero, excuses nothing.
  const isAtLeast = (threshold: number) => Number.isNaN(size) || size >= threshold;
  const isAtMost = (threshold: number) => Number.isNaN(size) || size <= threshold;
  const isAbove = shift.low - bound > slack || (shift.estimate === 0 && shift.rejectsNone === "above");
  const isBelow = -shift.high - bound > slack || (shift.estimate === 0 && shift.rejectsNone === "below");
  return {
    ...verdict(),
    deviation: orNull(compared.meanRatio),
    effect: { measure: sizes.measure, value: orNull(size) },
    shift: { confidence, estimate: shift.estimate, confidenceInterval: [shift.low, shift.high], bound },
  };

  function verdict(): Pick<Finding, "classification" | "critical" | "reason"> {
    if (direction !== "decrease" && isAbove && isAtLeast(sizes.allowedIncrease))
      return deviates("High", isAtLeast(sizes.criticalIncrease));
    if (direction !== "increase" && isBelow && isAtMost(sizes.allowedDecrease))
      return deviates("Low", isAtMost(sizes.criticalDecrease));
    const reason =
      isAbove || isBelow
        ? `${config.name} differs, by no more than is allowed`
        : `${config.name} does not differ by enough to be sure`;
    return { classification: "Pass", critical: false, reason };
  }

  function deviates(classification: "High" | "Low", isCriticalSize: boolean) {
    const critical = config.critical === true && isCriticalSize;
    const reason = critical
      ? `The metric ${config.name} was classified as ${classification} (Critical)`
      : `${config.name} was classified as ${classification}`;
    return { classification, critical, reason };
  }
}

/** What could not be compared. It is not scored, so that only a critical metric fails the canary by it. */
export function failed(config: MetricConfig, reason: string): Finding {
  const critical = config.critical === true;
  return { classification: "Error", critical, reason, deviation: null, effect: null, shift: null };
}

function withoutData(config: MetricConfig): Finding {
  const reason = `Missing data for ${config.name}`;
  if (config.nanStrategy === "replace")
    return { ...nothingCompared, classification: "Pass", critical: false, reason: `${reason}, which counts as zeros` };
  const critical = config.critical === true;
  const classification: Classification = config.mustHaveData === true && !critical ? "NodataFailMetric" : "Nodata";
  return { ...nothingCompared, classification, critical, reason };
}

/** What the test says; undefined where all are tied. */
function unlessTied(compare: () => Comparison): Comparison | undefined {
  try {
    return compare();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const orNull = (value: number) => (Number.isNaN(value) ? null : value);
