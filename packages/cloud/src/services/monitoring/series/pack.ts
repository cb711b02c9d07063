import { nothing, ofStatistics, ofValue } from "./aggregate.ts";
import type { Aggregate } from "./aggregate.ts";

// Aggregates as numbers in a row, which the store packs tightly: what they are, then what is known.
const same = 1;
const exact = 2;
const roundedValues = 3;
const hidden = 0;

/** Appends an aggregate to a row of numbers. */
export function pack(to: number[], aggregate: Readonly<Aggregate>): void {
  const { count, sum, min, max, values, isHidden, isRounded } = aggregate;
  // A statistic set may tell a sum that its values do not have.
  if (isHidden || (values === undefined && sum !== min * count)) to.push(hidden, count, sum, min, max);
  else if (values === undefined) to.push(same, min, count);
  else {
    if (isRounded) to.push(roundedValues, sum, min, max, values.size);
    else to.push(exact, values.size);
    for (const [value, times] of values) to.push(value, times);
  }
}

/** Reads aggregates, one after another, from a row of numbers. */
export class Unpacking {
  readonly #row: readonly number[];
  #at = 0;

  constructor(row: readonly number[]) {
    this.#row = row;
  }

  get isDone(): boolean {
    return this.#at >= this.#row.length;
  }

  number(): number {
    return this.#row[this.#at++] ?? 0;
  }

  aggregate(): Aggregate {
    switch (this.number()) {
      case hidden:
        return ofStatistics(this.number(), this.number(), this.number(), this.number());
      case same:
        return ofValue(this.number(), this.number());
      case exact:
        return this.#values(nothing(), false);
      default: {
        const sum = this.number();
        const min = this.number();
        const max = this.number();
        return { ...this.#values(nothing(), true), sum, min, max };
      }
    }
  }

  #values(into: Aggregate, isRounded: boolean): Aggregate {
    const values = new Map<number, number>();
    for (let left = this.number(); left > 0; left--) {
      const value = this.number();
      const count = this.number();
      values.set(value, count);
      into.count += count;
      into.sum += value * count;
      if (value < into.min) into.min = value;
      if (value > into.max) into.max = value;
    }
    into.values = values;
    into.isRounded = isRounded;
    return into;
  }
}
