import type { Random } from "./random.ts";

/** Randomness that is the same each time: Marsaglia's xorshift. */
export function seededRandom(seed: number): Random {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
