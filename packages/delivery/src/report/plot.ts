import { markup, nothing, readable, type Markup } from "./markup.ts";

type Series = readonly (number | null)[];

const size = { width: 640, height: 160, left: 64, right: 8, top: 8, bottom: 20 };

/**
 * Both sides over their points, as lines that are broken where there is no value. The baseline is dashed, so that colours
 * are not needed to tell them apart.
 *
 * @param name - of the metric, for who does not see the plot
 */
export function plot(name: string, canary: Series, baseline: Series): Markup {
  const values = [...canary, ...baseline].filter((value) => value !== null);
  if (values.length === 0) return markup`<p class="quiet">There are no values to plot.</p>`;
  const low = values.reduce((least, value) => Math.min(least, value));
  const high = values.reduce((most, value) => Math.max(most, value));
  const points = Math.max(canary.length, baseline.length);
  const [right, foot] = [size.width - size.right, size.height - 4];
  const x = between(0, points - 1, size.left, right);
  const y = between(low, high, size.height - size.bottom, size.top);
  const levels = low === high ? [low] : [low, low / 2 + high / 2, high];
  const axis = levels.map(
    (level) =>
      markup`<path class="grid" d="M${size.left} ${y(level)}H${right}"/><text x="${size.left - 6}" y="${y(level)}" class="level">${readable(level)}</text>`,
  );
  const label = `${name}: ${canary.length} points of the canary and ${baseline.length} of the baseline, from ${readable(low)} to ${readable(high)}`;
  return markup`<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${label}">
${axis}
<text x="${size.left}" y="${foot}">1</text>
${points > 1 ? markup`<text x="${right}" y="${foot}" class="last">${points}</text>` : nothing}
<path class="baseline" d="${pathOf(baseline, x, y)}"/>
<path class="canary" d="${pathOf(canary, x, y)}"/>
</svg>`;
}

/** From one range to another, to tenths; to the middle where the range has no extent. */
function between(from: number, to: number, start: number, end: number): (value: number) => number {
  // Halves, since the extent of what is finite may not be.
  const extent = to / 2 - from / 2;
  return (value) => {
    const share = extent > 0 ? (value / 2 - from / 2) / extent : 0.5;
    return Math.round((start + share * (end - start)) * 10) / 10;
  };
}

function pathOf(series: Series, x: (index: number) => number, y: (value: number) => number): string {
  let path = "";
  for (const [index, value] of series.entries()) {
    if (value === null) continue;
    const isStart = (series[index - 1] ?? null) === null;
    path += `${isStart ? "M" : "L"}${x(index)} ${y(value)}`;
    // A point without neighbours is a line without length, of which the round ends are seen.
    if (isStart && (series[index + 1] ?? null) === null) path += "h0";
  }
  return path;
}
