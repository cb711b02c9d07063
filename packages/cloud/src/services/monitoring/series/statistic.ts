import { valuesOf } from "./aggregate.ts";
import type { Aggregate } from "./aggregate.ts";

/** What is asked of an aggregate. */
export type Statistic =
  | { readonly kind: "SampleCount" | "Average" | "Sum" | "Minimum" | "Maximum" }
  /** The value that this share of the samples does not exceed, from 0 to 1. */
  | { readonly kind: "percentile"; readonly share: number }
  /** Of the samples between two shares, or two values: their mean, number, sum; or what share of all they are. */
  | {
      readonly kind: "trimmed mean" | "trimmed count" | "trimmed sum" | "winsorized mean" | "percentile rank";
      readonly by: "shares" | "values";
      readonly low: number;
      readonly high: number;
    };

const trimmedKinds = {
  tm: "trimmed mean",
  tc: "trimmed count",
  ts: "trimmed sum",
  wm: "winsorized mean",
} as const;

const plain = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"] as const;

/**
 * Reads a statistic as AWS writes it: `Average`, `p99.9`, `tm90`, `TM(10%:90%)`, `PR(:300)`, `IQM`.
 *
 * @returns undefined if it is none
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
 */
export function parseStatistic(text: string): Statistic | undefined {
  const kind = plain.find((name) => name === text);
  if (kind !== undefined) return { kind };
  if (/^IQM$/i.test(text)) return { kind: "trimmed mean", by: "shares", low: 0.25, high: 0.75 };
  const short = /^(?<name>p|tm|tc|ts|wm)(?<percent>\d{1,2}(?:\.\d{0,10})?|100)$/i.exec(text)?.groups;
  if (short !== undefined) {
    const share = Number(short["percent"]) / 100;
    const name = short["name"]?.toLowerCase() ?? "";
    if (name === "p") return { kind: "percentile", share };
    return { kind: trimmedKinds[name as "tm"], by: "shares", low: 0, high: share };
  }
  const long = /^(?<name>tm|tc|ts|wm|pr)\((?<low>-?[\d.]*)(?<lowUnit>%?):(?<high>-?[\d.]*)(?<highUnit>%?)\)$/i.exec(
    text,
  )?.groups;
  if (long === undefined) return undefined;
  const name = long["name"]?.toLowerCase() ?? "";
  const { low = "", high = "", lowUnit = "", highUnit = "" } = long;
  const isByShares = lowUnit === "%" || highUnit === "%";
  const isMixed = isByShares && ((low !== "" && lowUnit !== "%") || (high !== "" && highUnit !== "%"));
  if ((low === "" && high === "") || isMixed || (name === "pr" && isByShares)) return undefined;
  const scale = isByShares ? 100 : 1;
  const from = low === "" ? (isByShares ? 0 : -Infinity) : Number(low) / scale;
  const to = high === "" ? (isByShares ? 1 : Infinity) : Number(high) / scale;
  if (Number.isNaN(from) || Number.isNaN(to) || from > to) return undefined;
  const by = isByShares ? "shares" : "values";
  return { kind: name === "pr" ? "percentile rank" : trimmedKinds[name as "tm"], by, low: from, high: to };
}

/** Whether a statistic can only be told from single values. */
export function needsValues({ kind }: Statistic): boolean {
  return !(plain as readonly string[]).includes(kind);
}

/** @returns undefined where it cannot be told: there are no samples, or nobody knows their single values */
export function statisticOf(aggregate: Readonly<Aggregate>, statistic: Statistic): number | undefined {
  const { count, sum, min, max } = aggregate;
  if (count === 0) return undefined;
  switch (statistic.kind) {
    case "SampleCount":
      return count;
    case "Sum":
      return sum;
    case "Average":
      return sum / count;
    case "Minimum":
      return min;
    case "Maximum":
      return max;
    case "percentile":
      return percentile(aggregate, statistic.share);
    case "trimmed mean":
    case "trimmed count":
    case "trimmed sum":
    case "winsorized mean":
    case "percentile rank":
      return trimmed(aggregate, statistic);
  }
}

/** Values from the least on, with how often each was seen. */
function sorted(aggregate: Readonly<Aggregate>): [value: number, count: number][] | undefined {
  const values = valuesOf(aggregate);
  return values === undefined ? undefined : [...values].toSorted(([one], [other]) => one - other);
}

function percentile(aggregate: Readonly<Aggregate>, share: number): number | undefined {
  const values = sorted(aggregate);
  if (values === undefined) return undefined;
  const { count, min, max } = aggregate;
  const rank = Math.max(Number.MIN_VALUE, share * count);
  let seen = 0;
  for (const [value, times] of values) {
    seen += times;
    // What was rounded must not lie outside of what was seen.
    if (seen >= rank - 1e-9) return Math.min(max, Math.max(min, value));
  }
  return max;
}

type Trimmed = Extract<Statistic, { readonly by: string }>;

function trimmed(aggregate: Readonly<Aggregate>, { kind, by, low, high }: Trimmed): number | undefined {
  const values = sorted(aggregate);
  if (values === undefined) return undefined;
  const all = aggregate.count;
  const within = by === "shares" ? betweenShares(values, low * all, high * all) : betweenValues(values, low, high);
  const kept = within.reduce((sum, [, count]) => sum + count, 0);
  switch (kind) {
    case "trimmed count":
      return kept;
    case "percentile rank":
      return (kept / all) * 100;
    case "trimmed sum":
      return sumOf(within);
    case "trimmed mean":
      return kept === 0 ? undefined : sumOf(within) / kept;
    case "winsorized mean": {
      const least = within[0]?.[0];
      const most = within.at(-1)?.[0];
      if (least === undefined || most === undefined) return undefined;
      return sumOf(values.map(([value, count]) => [Math.min(most, Math.max(least, value)), count])) / all;
    }
  }
}

const sumOf = (values: readonly (readonly [number, number])[]) =>
  values.reduce((sum, [value, count]) => sum + value * count, 0);

/** The samples whose place in the order lies between two: a value that lies across an edge counts in part. */
function betweenShares(values: readonly [number, number][], from: number, to: number): [number, number][] {
  let seen = 0;
  return values.flatMap(([value, count]): [number, number][] => {
    const start = seen;
    seen += count;
    const part = Math.min(seen, to) - Math.max(start, from);
    return part > 1e-9 ? [[value, part]] : [];
  });
}

/** The lower bound is left out, the upper one is in. */
function betweenValues(values: readonly [number, number][], low: number, high: number): [number, number][] {
  return values.filter(([value]) => value > low && value <= high);
}
