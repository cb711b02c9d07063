/** A source of randomness: numbers from 0 to less than 1. */
export type Random = () => number;

/** A number from the standard normal distribution, by the method of Box and Muller. */
export function gaussian(random: Random): number {
  // 1 − u, since the logarithm of 0 is none.
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
