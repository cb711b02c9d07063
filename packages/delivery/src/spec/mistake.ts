/** What is wrong with one field of a rollout's spec. */
export interface Mistake {
  /** `waves[1].regions[0]`; empty for the whole. */
  readonly path: string;
  /** From 1; undefined where it was not read from text. */
  readonly line?: number | undefined;
  /** From 1. */
  readonly column?: number | undefined;
  /** One sentence: what is wrong, and what is allowed. */
  readonly message: string;
}

/** `rollout.yaml:12:5 strategy.type must be one of …` */
export function mistakeText({ path, line, column, message }: Mistake, file?: string): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(":");
  return [place, path, message].filter((part) => part !== "").join(" ");
}

/** The name that was probably meant; undefined if none is near. */
export function nearest(name: string, allowed: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  const ranked = allowed
    .map((one) => ({ one, distance: distance(lower, one.toLowerCase()) }))
    .filter(({ one, distance: far }) => far <= Math.max(1, Math.floor(Math.min(one.length, name.length) / 3)));
  return ranked.toSorted((a, b) => a.distance - b.distance)[0]?.one;
}

/** Levenshtein's: how many letters must be put in, left out or changed. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++)
      next.push(
        Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)),
      );
    row = next;
  }
  return row[to.length] ?? 0;
}
