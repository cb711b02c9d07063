import { across, finite, isArray, isSeries, mapped } from "./value.ts";
import type { TimeSeries, Value } from "./value.ts";

/** Where an expression is evaluated. */
export interface Surroundings {
  /** The times of all periods of the range that is asked for, in seconds. */
  timeline(periodSeconds: number): readonly number[];
  /** The period of a series that is made from a number. */
  readonly periodSeconds: number;
}

type MathFunction = (args: readonly Value[], surroundings: Surroundings) => Value;

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;
const least = (values: readonly number[]) => values.reduce((low, value) => Math.min(low, value), Infinity);
const most = (values: readonly number[]) => values.reduce((high, value) => Math.max(high, value), -Infinity);

function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

/** How SORT compares series. */
export const sortKeys: Readonly<Record<string, (values: readonly number[]) => number>> = {
  AVG: mean,
  MIN: least,
  MAX: most,
  SUM: sum,
};

function only(args: readonly Value[], name: string): Value {
  const [value] = args;
  if (value === undefined || args.length !== 1) throw new Error(`${name} takes one argument`);
  return value;
}

/** A function of each value by itself. */
function ofEach(name: string, change: (value: number) => number): MathFunction {
  return (args) => each(only(args, name), (series) => mapped(series, change), change);
}

function each(value: Value, change: (series: TimeSeries) => TimeSeries, ofNumber: (value: number) => number): Value {
  if (isArray(value)) return value.map(change);
  return isSeries(value) ? change(value) : ofNumber(value);
}

/** A function of series only. */
function ofSeries(name: string, change: (series: TimeSeries) => TimeSeries): MathFunction {
  return (args) =>
    each(only(args, name), change, () => {
      throw new Error(`${name} takes a time series, not a number`);
    });
}

/** One number of a series, or one series of several. */
function together(name: string, take: (values: readonly number[]) => number): MathFunction {
  return (args) => {
    const value = only(args, name);
    if (isArray(value)) return across(value, take);
    if (!isSeries(value)) return take([value]);
    return value.values.length === 0 ? Number.NaN : take(value.values);
  };
}

/** From the second value on: what has become of the one before it. */
function differences(series: TimeSeries, take: (value: number, before: number, seconds: number) => number): TimeSeries {
  const { times, values } = series;
  return finite({
    ...series,
    times: times.slice(1),
    values: values
      .slice(1)
      .map((value, index) => take(value, values[index] ?? 0, (times[index + 1] ?? 0) - (times[index] ?? 0))),
  });
}

function runningSum(series: TimeSeries): TimeSeries {
  let total = 0;
  return mapped(series, (value) => (total += value));
}

function arrayIn(args: readonly Value[], name: string): readonly TimeSeries[] {
  const [value] = args;
  if (value === undefined || typeof value === "number") throw new Error(`${name} takes an array of time series`);
  return isArray(value) ? value : [value];
}

/** A calendar's part of the time of each value, in UTC. */
function ofTime(name: string, part: (time: Date) => number): MathFunction {
  return ofSeries(name, (series) => mapped(series, (_, time) => part(new Date(time * 1000))));
}

/** The functions whose arguments are values. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html */
export const functions: Readonly<Record<string, MathFunction>> = {
  ABS: ofEach("ABS", Math.abs),
  AVG: together("AVG", mean),
  CEIL: ofEach("CEIL", Math.ceil),
  DATAPOINT_COUNT: together("DATAPOINT_COUNT", (values) => values.length),
  DATE: ofTime("DATE", (time) => time.getUTCDate()),
  DAY: ofTime("DAY", (time) => time.getUTCDay() || 7),
  DIFF: ofSeries("DIFF", (series) => differences(series, (value, before) => value - before)),
  DIFF_TIME: ofSeries("DIFF_TIME", (series) => differences(series, (_, __, seconds) => seconds)),
  EPOCH: ofSeries("EPOCH", (series) => mapped(series, (_, time) => time)),
  FIRST: (args) => chosen(arrayIn(args, "FIRST")[0], "FIRST"),
  FLOOR: ofEach("FLOOR", Math.floor),
  HOUR: ofTime("HOUR", (time) => time.getUTCHours()),
  LAST: (args) => chosen(arrayIn(args, "LAST").at(-1), "LAST"),
  LOG: ofEach("LOG", Math.log),
  LOG10: ofEach("LOG10", Math.log10),
  MAX: together("MAX", most),
  METRIC_COUNT: (args) => arrayIn(args, "METRIC_COUNT").length,
  MIN: together("MIN", least),
  MINUTE: ofTime("MINUTE", (time) => time.getUTCMinutes()),
  MONTH: ofTime("MONTH", (time) => time.getUTCMonth() + 1),
  PERIOD: (args) => {
    const value = only(args, "PERIOD");
    if (!isSeries(value)) throw new Error("PERIOD takes a time series");
    return value.periodSeconds;
  },
  RATE: ofSeries("RATE", (series) => differences(series, (value, before, seconds) => (value - before) / seconds)),
  REMOVE_EMPTY: (args) => arrayIn(args, "REMOVE_EMPTY").filter(({ values }) => values.length > 0),
  RUNNING_SUM: ofSeries("RUNNING_SUM", runningSum),
  SLICE: (args) => {
    const [, from, to] = args;
    if (typeof from !== "number" || (to !== undefined && typeof to !== "number"))
      throw new Error("SLICE takes an array of time series, and numbers from where on and up to where");
    return arrayIn(args, "SLICE").slice(from, to);
  },
  STDDEV: together("STDDEV", deviation),
  SUM: together("SUM", sum),
  TIME_SERIES: (args, { timeline, periodSeconds }) => {
    const value = only(args, "TIME_SERIES");
    if (typeof value !== "number") throw new Error("TIME_SERIES takes a number");
    const times = timeline(periodSeconds);
    return { label: "", times, values: times.map(() => value), periodSeconds };
  },
  YEAR: ofTime("YEAR", (time) => time.getUTCFullYear()),
};

function chosen(series: TimeSeries | undefined, name: string): TimeSeries {
  if (series === undefined) throw new Error(`${name} of an empty array`);
  return series;
}

/** Puts values where a series has none. `LINEAR` fills between two values only. */
export function fill(
  series: TimeSeries,
  by: number | "REPEAT" | "LINEAR" | TimeSeries,
  { timeline }: Surroundings,
): TimeSeries {
  const { times: known, values, periodSeconds } = series;
  const at = new Map(known.map((time, index) => [time, values[index] ?? 0]));
  const others =
    typeof by === "object" ? new Map(by.times.map((time, index) => [time, by.values[index] ?? 0])) : undefined;
  const times = timeline(periodSeconds);
  let next = 0;
  const filled = times.map((time) => {
    const own = at.get(time);
    if (own !== undefined) return own;
    if (typeof by === "number") return by;
    if (others !== undefined) return others.get(time) ?? Number.NaN;
    while (next < known.length && (known[next] ?? 0) < time) next += 1;
    const before = values[next - 1];
    if (by === "REPEAT") return before ?? Number.NaN;
    const after = values[next];
    if (before === undefined || after === undefined) return Number.NaN;
    const start = known[next - 1] ?? 0;
    return before + ((after - before) * (time - start)) / ((known[next] ?? 0) - start);
  });
  return finite({ ...series, times, values: filled });
}
