/** Values over time, the oldest first. Times are in seconds. */
export interface TimeSeries {
  readonly label: string;
  readonly times: readonly number[];
  readonly values: readonly number[];
  readonly periodSeconds: number;
}

/** What an expression comes to. A boolean is 1 or 0. */
export type Value = number | TimeSeries | readonly TimeSeries[];

export const isArray = (value: Value): value is readonly TimeSeries[] => Array.isArray(value);
export const isSeries = (value: Value): value is TimeSeries => typeof value === "object" && !Array.isArray(value);

/** A series with other values. */
export function mapped(series: TimeSeries, change: (value: number, time: number) => number): TimeSeries {
  const { times, values } = series;
  return finite({ ...series, values: values.map((value, index) => change(value, times[index] ?? 0)) });
}

/** Leaves out what is no number: a division by zero, a logarithm of nothing. */
export function finite(series: TimeSeries): TimeSeries {
  if (series.values.every(Number.isFinite)) return series;
  const times: number[] = [];
  const values: number[] = [];
  series.values.forEach((value, index) => {
    if (!Number.isFinite(value)) return;
    times.push(series.times[index] ?? 0);
    values.push(value);
  });
  return { ...series, times, values };
}

/** Takes two series together where both have a value. */
export function joined(one: TimeSeries, other: TimeSeries, join: (a: number, b: number) => number): TimeSeries {
  const times: number[] = [];
  const values: number[] = [];
  let at = 0;
  for (let index = 0; index < one.times.length; index++) {
    const time = one.times[index] ?? 0;
    while (at < other.times.length && (other.times[at] ?? 0) < time) at += 1;
    if (other.times[at] !== time) continue;
    times.push(time);
    values.push(join(one.values[index] ?? 0, other.values[at] ?? 0));
  }
  const periodSeconds = Math.max(one.periodSeconds, other.periodSeconds);
  return finite({ label: one.label, times, values, periodSeconds });
}

/** Takes several series together at each time that any of them has a value at. */
export function across(series: readonly TimeSeries[], take: (values: readonly number[]) => number): TimeSeries {
  const at = new Map<number, number[]>();
  for (const { times, values } of series)
    times.forEach((time, index) => {
      const known = at.get(time);
      if (known === undefined) at.set(time, [values[index] ?? 0]);
      else known.push(values[index] ?? 0);
    });
  const times = [...at.keys()].toSorted((a, b) => a - b);
  const periodSeconds = Math.max(1, ...series.map((one) => one.periodSeconds));
  return finite({ label: "", times, values: times.map((time) => take(at.get(time) ?? [])), periodSeconds });
}
