/** Periods that CloudWatch has data of, in seconds. */
const periods = [1, 5, 10, 30, 60, 300, 900, 3600, 6 * 3600, 24 * 3600];

/** The shortest period of which a range has no more than so many. */
export function periodFor(rangeSeconds: number, mostPeriods: number): number {
  return periods.find((period) => rangeSeconds / period <= mostPeriods) ?? 7 * 24 * 3600;
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600, d: 24 * 3600 };

/** `90s`, `15m`, `3h`, `2d` in seconds; undefined if it is something else. */
export function secondsOf(text: string): number | undefined {
  const { amount, unit = "s" } = /^(?<amount>\d+)(?<unit>s|m|min|h|d)?$/.exec(text)?.groups ?? {};
  const seconds = Number(amount) * (units[unit] ?? Number.NaN);
  return seconds > 0 ? seconds : undefined;
}
