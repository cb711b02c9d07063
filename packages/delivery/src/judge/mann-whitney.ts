import { normalQuantile } from "./normal.ts";
import { averageRanks, tieTerm } from "./ranks.ts";
import { zeroin } from "./zeroin.ts";

/** By how much one sample is above another. */
export interface Shift {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** Kayenta's, and R's default before version 4: absolute, whatever the unit of the values is. */
const toleranceOfRoots = 1e-4;

/**
 * How far in standard deviations the rank sum of x − μ is from what it were without a difference, with the correction
 * for continuity, less `quantile`. It falls as μ grows, in steps.
 *
 * @throws RangeError if all are tied
 */
export function wilcoxonDiff(x: readonly number[], y: readonly number[], mu: number, quantile: number): number {
  const [m, n] = [x.length, y.length];
  const ranks = averageRanks([...x.map((value) => value - mu), ...y]);
  const rankSum = ranks.slice(0, m).reduce((total, rank) => total + rank, 0);
  const distance = rankSum - (m * (m + 1)) / 2 - (m * n) / 2;
  const sigma = Math.sqrt(((m * n) / 12) * (m + n + 1 - tieTerm(ranks) / ((m + n) * (m + n - 1))));
  if (sigma === 0) throw new RangeError("All observations are tied.");
  return (distance - Math.sign(distance) / 2) / sigma - quantile;
}

/**
 * The confidence interval and the Hodges-Lehmann estimate of x − y, as R's `wilcox.test(x, y, conf.int = TRUE, exact =
 * FALSE)` and Kayenta find them: by a search for roots with an absolute tolerance.
 *
 * @throws RangeError if all are tied at the ends
 * @see https://github.com/wch/r-source/blob/trunk/src/library/stats/R/wilcox.test.R
 */
export function mannWhitneyShift(
  x: readonly number[],
  y: readonly number[],
  confidence: number,
  tolerance: number = toleranceOfRoots,
): Shift {
  const [xs, ys] = [range(x), range(y)];
  const [least, most] = [xs.min - ys.max, xs.max - ys.min];
  const rootOf = (quantile: number) => zeroin((mu) => wilcoxonDiff(x, y, mu, quantile), least, most, tolerance);
  const limit = (quantile: number) => {
    if (wilcoxonDiff(x, y, least, quantile) <= 0) return least;
    return wilcoxonDiff(x, y, most, quantile) >= 0 ? most : rootOf(quantile);
  };
  const z = normalQuantile((1 - confidence) / 2);
  return { low: limit(-z), high: limit(z), estimate: rootOf(0) };
}

function range(values: readonly number[]) {
  return {
    min: values.reduce((least, value) => Math.min(least, value)),
    max: values.reduce((most, value) => Math.max(most, value)),
  };
}
