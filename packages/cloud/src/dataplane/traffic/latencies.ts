/** Times are told to within half of this share. */
const base = 1.02;
const perStep = 1 / Math.log(base);
/** Shorter times are told as this. In milliseconds. */
const shortestMs = 0.01;

/** How often requests took how long: times that differ by less than two per cent are taken together. */
export class Latencies {
  #steps = new Map<number, number>();

  add(ms: number): void {
    const step = Math.round(Math.log(ms < shortestMs ? shortestMs : ms) * perStep);
    this.#steps.set(step, (this.#steps.get(step) ?? 0) + 1);
  }

  /** Times in milliseconds with how often each was seen, since the last call. */
  take(): { readonly values: readonly number[]; readonly counts: readonly number[] } {
    const steps = this.#steps;
    this.#steps = new Map();
    return { values: Array.from(steps.keys(), (step) => base ** step), counts: [...steps.values()] };
  }
}
