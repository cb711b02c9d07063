import { mean, percentile, populationDeviation } from "./statistics.ts";

/**
 * Marks what is outside of the quartiles by more than `factor` interquartile ranges.
 *
 * @param isReserved - marks only what is outside of the 1st and the 99th percentile too, as the judges do: in a series
 *   where most values are equal, all others would be outliers else
 */
export function outsideQuartiles(values: readonly number[], factor: number, isReserved: boolean): readonly boolean[] {
  const [q1, q3] = [percentile(values, 25), percentile(values, 75)];
  const reach = factor * (q3 - q1);
  const low = isReserved ? Math.min(percentile(values, 1), q1 - reach) : q1 - reach;
  const high = isReserved ? Math.max(percentile(values, 99), q3 + reach) : q3 + reach;
  return values.map((value) => value < low || value > high);
}

/** Marks what is more than k standard deviations from the mean. */
export function outsideSigmas(values: readonly number[], k: number): readonly boolean[] {
  const [centre, reach] = [mean(values), k * populationDeviation(values)];
  return values.map((value) => Math.abs(value - centre) > reach);
}
