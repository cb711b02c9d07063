/**
 * What is known of some samples taken together: of one metric in a second, or in a period that was asked for.
 *
 * `values` tells how often each value was seen. It is undefined where all values are the same (`min` is `max`), and where
 * nobody knows: a statistic set tells no single values. `isHidden` tells the two apart.
 */
export interface Aggregate {
  count: number;
  sum: number;
  min: number;
  max: number;
  values: Map<number, number> | undefined;
  isHidden: boolean;
  /** Whether values were rounded, since there were too many different ones. */
  isRounded: boolean;
}

/** So many different values are kept as they are. */
const exactValues = 100;

/** Beyond, values are rounded to powers of this: at most half a per cent from what they were. */
const base = 1.01;
const logOfBase = Math.log(base);

/** The value that stands for all close to it. Rounding twice changes nothing. */
export function rounded(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const power = base ** Math.round(Math.log(Math.abs(value)) / logOfBase);
  return value < 0 ? -power : power;
}

/** Zero has no sign: else minimum and maximum would depend on the order. */
const unsigned = (value: number): number => value + 0;

/** `count` samples of one value. */
export function ofValue(given: number, count: number): Aggregate {
  const value = unsigned(given);
  return { count, sum: value * count, min: value, max: value, values: undefined, isHidden: false, isRounded: false };
}

/** Samples whose single values are not told. Where all must be the same, or there is one, they are known all the same. */
export function ofStatistics(count: number, sum: number, min: number, max: number): Aggregate {
  const [least, most] = [unsigned(min), unsigned(max)];
  return { count, sum, min: least, max: most, values: undefined, isHidden: least !== most, isRounded: false };
}

/** Values with how often each was seen. @param counts - once each where there are none */
export function ofValues(values: readonly number[], counts?: readonly number[]): Aggregate {
  const [first = 0] = values;
  const all = ofValue(first, counts?.[0] ?? 1);
  for (let index = 1; index < values.length; index++) addValue(all, values[index] ?? 0, counts?.[index] ?? 1);
  return all;
}

/** Takes samples of one value into an aggregate. */
export function addValue(into: Aggregate, given: number, count: number): void {
  const value = unsigned(given);
  if (into.count === 0) {
    Object.assign(into, ofValue(value, count));
    return;
  }
  if (!into.isHidden && (into.values !== undefined || into.min !== into.max || value !== into.min)) {
    const values = distributionOf(into);
    const kept = into.isRounded ? rounded(value) : value;
    values.set(kept, (values.get(kept) ?? 0) + count);
    into.values = values;
    if (!into.isRounded && values.size > exactValues) round(into);
  }
  into.count += count;
  into.sum += value * count;
  if (value < into.min) into.min = value;
  if (value > into.max) into.max = value;
}

/** Takes one aggregate into another, which is changed. The order of merging does not matter, but for rounding. */
export function merge(into: Aggregate, other: Readonly<Aggregate>): void {
  if (other.count === 0) return;
  if (into.count === 0) {
    Object.assign(into, copyOf(other));
    return;
  }
  const isSame = into.min === into.max && other.min === other.max && into.min === other.min;
  if (into.isHidden || other.isHidden) {
    into.values = undefined;
    into.isHidden = true;
  } else if (!isSame) {
    const values = distributionOf(into);
    if (other.isRounded && !into.isRounded) round(into, values);
    const target = into.values ?? values;
    for (const [value, count] of other.values ?? [[other.min, other.count]]) {
      const kept = into.isRounded ? rounded(value) : value;
      target.set(kept, (target.get(kept) ?? 0) + count);
    }
    into.values = target;
    if (!into.isRounded && target.size > exactValues) round(into);
  }
  into.count += other.count;
  into.sum += other.sum;
  if (other.min < into.min) into.min = other.min;
  if (other.max > into.max) into.max = other.max;
}

/** The same without the distribution: for statistics that do not need it. */
export function mergePlain(into: Aggregate, other: Readonly<Aggregate>): void {
  into.count += other.count;
  into.sum += other.sum;
  if (other.min < into.min) into.min = other.min;
  if (other.max > into.max) into.max = other.max;
}

export function copyOf(aggregate: Readonly<Aggregate>): Aggregate {
  const { values } = aggregate;
  return { ...aggregate, values: values === undefined ? undefined : new Map(values) };
}

export function nothing(): Aggregate {
  return { count: 0, sum: 0, min: Infinity, max: -Infinity, values: undefined, isHidden: false, isRounded: false };
}

/** How often each value was seen; undefined where nobody knows. */
export function valuesOf(aggregate: Readonly<Aggregate>): ReadonlyMap<number, number> | undefined {
  if (aggregate.isHidden) return undefined;
  return aggregate.values ?? new Map([[aggregate.min, aggregate.count]]);
}

function distributionOf({ values, min, count }: Aggregate): Map<number, number> {
  return values ?? new Map([[min, count]]);
}

function round(aggregate: Aggregate, values = aggregate.values): void {
  const kept = new Map<number, number>();
  for (const [value, count] of values ?? []) {
    const key = rounded(value);
    kept.set(key, (kept.get(key) ?? 0) + count);
  }
  aggregate.values = kept;
  aggregate.isRounded = true;
}
