/** Steps from 0 to the largest value: far above what rounding leaves, and few enough that sums and differences are exact. */
const steps = 2 ** 40;

/** Both sides in whole steps of a grid. */
export interface OnGrid {
  readonly canary: readonly number[];
  readonly baseline: readonly number[];
  /** A step, in the unit of the metric. */
  readonly step: number;
}

/**
 * Takes the unit off: both sides as whole steps of a grid on which the largest value of either is 2⁴⁰. Values in
 * milliseconds and the same in hours come out equal to the last bit, and so does all that is made of them. What is
 * closer than a part in 10¹² of the largest value is a tie.
 *
 * @param canary - finite, or NaN, which stays; as is `baseline`
 */
export function toGrid(canary: readonly number[], baseline: readonly number[]): OnGrid {
  const largest = [...canary, ...baseline].reduce(
    (most, value) => (Math.abs(value) > most ? Math.abs(value) : most),
    0,
  );
  if (largest === 0) return { canary, baseline, step: 1 };
  const onGrid = (values: readonly number[]) => values.map((value) => Math.round((value / largest) * steps));
  return { canary: onGrid(canary), baseline: onGrid(baseline), step: largest / steps };
}
