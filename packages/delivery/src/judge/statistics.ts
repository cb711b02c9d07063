import { averageRanks } from "./ranks.ts";

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** In two passes, as Apache Commons Math does, so that the last digits are Kayenta's. NaN if there are no values. */
export function mean(values: readonly number[]): number {
  const first = sum(values) / values.length;
  return first + sum(values.map((value) => value - first)) / values.length;
}

/** The sum of squared deviations, corrected for what rounding left in the mean. */
function squaredDeviations(values: readonly number[]): number {
  const centre = mean(values);
  const deviations = values.map((value) => value - centre);
  return sum(deviations.map((one) => one * one)) - sum(deviations) ** 2 / values.length;
}

/** What is told of a series; zeros where it is empty. */
export function summarize(values: readonly number[]) {
  if (values.length === 0) return { count: 0, min: 0, max: 0, mean: 0, standardDeviation: 0 };
  return {
    count: values.length,
    min: values.reduce((least, value) => Math.min(least, value)),
    max: values.reduce((most, value) => Math.max(most, value)),
    mean: mean(values),
    standardDeviation: values.length === 1 ? 0 : Math.sqrt(squaredDeviations(values) / (values.length - 1)),
  };
}

/** The standard deviation of a whole population, not of a sample. */
export function populationDeviation(values: readonly number[]): number {
  return values.length === 1 ? 0 : Math.sqrt(squaredDeviations(values) / values.length);
}

/** A percentile by the method R-7, which is R's and NumPy's default; NaN if there are no values. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) return Number.NaN;
  const at = ((sorted.length - 1) * percent) / 100;
  const below = Math.min(Math.floor(at), sorted.length - 1);
  const lower = sorted[below]!;
  return lower + (at - below) * ((sorted[below + 1] ?? lower) - lower);
}

/** The mean of the canary by that of the baseline; NaN if either is 0. */
export function meanRatio(canary: readonly number[], baseline: readonly number[]): number {
  const [of, by] = [mean(canary), mean(baseline)];
  return of === 0 || by === 0 ? Number.NaN : of / by;
}

/**
 * The common language effect size: how likely a value of the canary is above one of the baseline; half of it for ties.
 *
 * @see https://doi.org/10.3102/10769986025002101 Vargha and Delaney, 2000
 */
export function cles(canary: readonly number[], baseline: readonly number[]): number {
  const [m, n] = [canary.length, baseline.length];
  const rankSum = sum(averageRanks([...canary, ...baseline]).slice(0, m));
  return (2 * rankSum - m * (m + 1)) / (2 * m * n);
}

/** The distance of the means in pooled standard deviations. */
export function cohensD(canary: readonly number[], baseline: readonly number[]): number {
  const [a, b] = [summarize(canary), summarize(baseline)];
  const pooled = (a.count - 1) * a.standardDeviation ** 2 + (b.count - 1) * b.standardDeviation ** 2;
  return Math.abs(a.mean - b.mean) / Math.sqrt(pooled / (a.count + b.count - 2));
}
