import type { Shift } from "./mann-whitney.ts";
import { wilcoxonDiff } from "./mann-whitney.ts";
import { normalQuantile } from "./normal.ts";
import { tieTerm } from "./ranks.ts";

/** A shift, and what the test says of there being none. */
export interface ExactShift extends Shift {
  /** The side to which "there is no shift" is rejected. */
  readonly rejectsNone: "above" | "below" | undefined;
}

/**
 * What {@link mannWhitneyShift} searches, without its tolerance: between two neighbouring differences x − y the test's
 * statistic is constant, so that its roots are differences themselves, and can be found by counting. Limits are those
 * of Moses: the difference beyond which no more than so many lie as the normal approximation allows. The estimate is
 * the median of all differences.
 *
 * @param x - integers, as y, small enough that differences are exact: see {@link toGrid}
 * @throws RangeError if each side has one value, which says nothing of its spread
 */
export function exactShift(x: readonly number[], y: readonly number[], confidence: number): ExactShift {
  const xs = [...x].sort((a, b) => a - b);
  const ys = [...y].sort((a, b) => a - b);
  const [m, n] = [xs.length, ys.length];
  const z = -normalQuantile((1 - confidence) / 2);
  if (m === 1 && n === 1) throw new RangeError("One value on each side cannot be compared.");
  // Between differences no x − μ equals a y, so that ties are those within each side.
  const sigma = Math.sqrt(((m * n) / 12) * (m + n + 1 - (tieTerm(xs) + tieTerm(ys)) / ((m + n) * (m + n - 1))));
  const beyond = (m * n) / 2 + 0.5 + z * sigma;
  return {
    low: leastWithin(xs, ys, beyond),
    high: -leastWithin(negated(xs), negated(ys), beyond),
    estimate: (leastWithin(xs, ys, (m * n) / 2) - leastWithin(negated(xs), negated(ys), (m * n) / 2)) / 2,
    rejectsNone: rejected(x, y, z),
  };
}

function rejected(x: readonly number[], y: readonly number[], z: number): ExactShift["rejectsNone"] {
  if (x.every((value) => value === y[0]) && y.every((value) => value === y[0])) return undefined;
  const statistic = wilcoxonDiff(x, y, 0, 0);
  if (statistic > z) return "above";
  return statistic < -z ? "below" : undefined;
}

/** The least difference x − y of which no more than `limit` others are greater; the least of all if there is none less. */
function leastWithin(xs: readonly number[], ys: readonly number[], limit: number): number {
  let [from, to] = [xs[0]! - ys.at(-1)!, xs.at(-1)! - ys[0]!];
  while (from < to) {
    // Floored, since a middle that is rounded up may be `to` again.
    const middle = from + Math.floor((to - from) / 2);
    if (countAbove(xs, ys, middle) <= limit) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** How many differences x − y are above; in one walk, since as x grows so does the number of the y that it leaves below. */
function countAbove(xs: readonly number[], ys: readonly number[], difference: number): number {
  let count = 0;
  let below = 0;
  for (const x of xs) {
    while (below < ys.length && x - ys[below]! > difference) below++;
    count += below;
  }
  return count;
}

const negated = (sorted: readonly number[]) => sorted.map((value) => -value).reverse();
