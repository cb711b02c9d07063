import type { Millis } from "@trysail/core";

/** A value that stands for a period: from its time on, for as long as the period lasts. */
export interface PlotPoint {
  readonly time: Millis;
  readonly value: number;
}

export interface PlotOptions {
  readonly from: Millis;
  readonly to: Millis;
  readonly periodMs: Millis;
  /** Characters across, labels included. */
  readonly columns: number;
  /** Lines of the curve, without the times below it. */
  readonly rows: number;
  readonly dim: (text: string) => string;
}

/** Dots of a braille character: two across, four down. */
const dotColumns = 2;
const dotRows = 4;
const brailleBlank = 0x28_00;
/** The bit of each dot, by its row and column in the character. */
const dotBits = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

/**
 * Draws values over time as lines of text, from zero or the least value up to the greatest. Where there is no data the
 * curve has a gap: nothing is made up between points.
 */
export function plotLines(points: readonly PlotPoint[], options: PlotOptions): string[] {
  const { from, to, rows, dim } = options;
  const values = points.map(({ value }) => value);
  const low = Math.min(0, ...values);
  const high = Math.max(...values, low === 0 ? Number.MIN_VALUE : low);
  const labels = new Map([
    [0, numberText(high)],
    [rows - 1, numberText(low)],
  ]);
  if (rows >= 5) labels.set(Math.floor(rows / 2), numberText((high + low) / 2));
  const margin = Math.max(...[...labels.values()].map(({ length }) => length));
  const width = Math.max(1, options.columns - margin - 2);

  const heights = heightsOf(points, options, width * dotColumns).map((value) =>
    value === undefined ? undefined : Math.round(((value - low) / (high - low || 1)) * (rows * dotRows - 1)),
  );
  const cells = Array.from({ length: rows }, () => Array.from({ length: width }, () => 0));
  const set = (x: number, height: number) => {
    const y = rows * dotRows - 1 - height;
    const row = cells[Math.floor(y / dotRows)];
    const bit = dotBits[(y % dotRows) as 0][(x % dotColumns) as 0];
    if (row !== undefined) row[Math.floor(x / dotColumns)]! |= bit;
  };
  heights.forEach((height, x) => {
    if (height === undefined) return;
    const before = heights[x - 1] ?? height;
    for (let at = Math.min(before, height); at <= Math.max(before, height); at++) set(x, at);
  });

  const lines = cells.map((row, index) => {
    const label = (labels.get(index) ?? "").padStart(margin);
    const curve = row.map((bits) => (bits === 0 ? " " : String.fromCodePoint(brailleBlank + bits))).join("");
    return `${dim(`${label} ${labels.has(index) ? "┤" : "│"}`)}${curve}`.trimEnd();
  });
  const first = timeText(from);
  const last = timeText(to);
  const gap = Math.max(1, width - first.length - last.length);
  return [
    ...lines,
    dim(`${" ".repeat(margin)} └${"─".repeat(width)}`),
    dim(`${" ".repeat(margin + 2)}${first}${" ".repeat(gap)}${last}`),
  ];
}

/** The value at each of `count` steps from `from` to `to`: the mean where several periods fall into one. */
function heightsOf(
  points: readonly PlotPoint[],
  { from, to, periodMs }: PlotOptions,
  count: number,
): (number | undefined)[] {
  const stepMs = (to - from) / count;
  const sums = Array.from({ length: count }, () => 0);
  const seen = Array.from({ length: count }, () => 0);
  for (const { time, value } of points) {
    const first = Math.max(0, Math.floor((time - from) / stepMs));
    const last = Math.min(count, Math.max(first + 1, Math.ceil((time + periodMs - from) / stepMs)));
    for (let step = first; step < last; step++) {
      sums[step]! += value;
      seen[step]! += 1;
    }
  }
  return sums.map((sum, step) => (seen[step] === 0 ? undefined : sum / seen[step]!));
}

const prefixes = ["", "k", "M", "G", "T", "P"];

/** `0`, `0.0123`, `12.3`, `4.56k`: three digits that count. */
export function numberText(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 0.000_1) return value.toExponential(1);
  const step = Math.min(prefixes.length - 1, Math.max(0, Math.floor(Math.log10(size) / 3)));
  const scaled = Number((value / 1000 ** step).toPrecision(3));
  return `${scaled}${prefixes[step]}`;
}

const timeText = (time: Millis) => new Date(time).toTimeString().slice(0, 8);
