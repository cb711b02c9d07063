/** Ranks from 1; equal values share the average of theirs. */
export function averageRanks(values: readonly number[]): readonly number[] {
  const order = values.map((_, index) => index).sort((a, b) => values[a]! - values[b]!);
  const ranks = values.map(() => 0);
  for (const [from, to] of tiedRuns(order.map((index) => values[index]!)))
    for (let at = from; at < to; at++) ranks[order[at]!] = (from + 1 + to) / 2;
  return ranks;
}

/** What ties take from the variance of a rank sum: t³ − t for each run of t equal values. */
export function tieTerm(values: readonly number[]): number {
  let term = 0;
  for (const [from, to] of tiedRuns([...values].sort((a, b) => a - b))) term += (to - from) ** 3 - (to - from);
  return term;
}

/** Where the runs of equal values in what is sorted begin and end. */
function* tiedRuns(sorted: readonly number[]): Generator<readonly [from: number, to: number]> {
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    while (to < sorted.length && sorted[to] === sorted[from]) to++;
    yield [from, to];
  }
}
