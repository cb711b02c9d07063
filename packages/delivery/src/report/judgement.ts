import type { Classification, GroupScore, Judgement, MetricVerdict, SideSummary } from "../judge/model.ts";
import { markup, nothing, readable, type Markup } from "./markup.ts";
import { plot } from "./plot.ts";
import { style } from "./style.ts";

type Look = "good" | "bad" | "unclear";

/** How a metric's class looks. What could not be judged is neither good nor bad. */
const looks: Readonly<Record<Classification, Look>> = {
  Pass: "good",
  High: "bad",
  Low: "bad",
  NodataFailMetric: "bad",
  Nodata: "unclear",
  Error: "unclear",
};

const scoreLooks: Readonly<Record<Judgement["classification"], Look>> = {
  Pass: "good",
  Marginal: "unclear",
  Fail: "bad",
};

/**
 * A judgement as a page for people: one file, which needs no other, no script and no network, so that it can be kept with
 * a build or sent.
 *
 * @param judgement - as a judge made it, or as it was read from its JSON
 * @param about - the title, and what `judgementWarnings` tells
 */
export function judgementReport(
  judgement: Judgement,
  about: { readonly title: string; readonly warnings?: readonly string[] | undefined },
): string {
  const { score, classification, reason, thresholds, groups, metrics } = judgement;
  const look = scoreLooks[classification];
  // What needs to be looked at comes first.
  const order = { bad: 0, unclear: 1, good: 2 };
  const sorted = [...metrics].sort((a, b) => order[looks[a.classification]] - order[looks[b.classification]]);
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${classification}: ${about.title}</title>
<style>${{ text: style }}</style>
</head>
<body>
<main>
<h1>${about.title}</h1>
<p class="score"><strong class="${look}">${score}</strong> <span class="tag ${look}">${classification}</span></p>
<p>${reason}.</p>
<p class="quiet">Passes from ${thresholds.pass}, is marginal from ${thresholds.marginal}. Judged by the ${judgement.judge} judge.</p>
${(about.warnings ?? []).map((warning) => markup`<p class="warning">${warning}</p>`)}
${groups.length === 0 ? nothing : groupTable(groups)}
<h2>Metrics</h2>
${sorted.length === 0 ? markup`<p class="quiet">There are none.</p>` : sorted.map(metricSection)}
</main>
</body>
</html>
`.text;
}

function groupTable(groups: readonly GroupScore[]): Markup {
  return markup`<h2>Groups</h2>
<table>
<thead><tr><th>Group</th><th>Score</th><th>Weight</th><th>Metrics</th></tr></thead>
<tbody>
${groups.map(groupRow)}
</tbody>
</table>`;
}

function groupRow({ name, score, noData, weight, counts }: GroupScore): Markup {
  const told = Object.entries(counts).map(([classification, count]) => `${count} ${classification}`);
  return markup`<tr><th>${name}</th><td>${noData ? "no data" : readable(score)}</td><td>${readable(weight)} %</td><td>${told.join(", ")}</td></tr>`;
}

function metricSection(metric: MetricVerdict): Markup {
  const { name, classification, critical, muted, reason, canary, baseline } = metric;
  const marks = [critical ? "critical" : "", muted ? "muted" : ""].filter((mark) => mark !== "");
  return markup`<section>
<h3>${name} <span class="tag ${looks[classification]}">${classification}</span> ${marks.map((mark) => markup`<span class="tag">${mark}</span>`)}</h3>
<p>${reason}.</p>
${plot(name, canary.series, baseline.series)}
<p class="quiet">${comparison(metric)}</p>
<table>
<thead><tr><th></th><th>Points</th><th>Mean</th><th>Deviation</th><th>Least</th><th>Most</th><th>Missing</th><th>Outliers</th></tr></thead>
<tbody>
${sideRow("canary", canary)}
${sideRow("baseline", baseline)}
</tbody>
</table>
</section>`;
}

function sideRow(side: "canary" | "baseline", summary: SideSummary): Markup {
  const { count, mean, standardDeviation, min, max, missing, outliersRemoved } = summary;
  const cells = [
    String(count),
    ...[mean, standardDeviation, min, max].map((value) => (count === 0 ? "–" : readable(value))),
    String(missing),
    String(outliersRemoved),
  ];
  return markup`<tr><th class="${side}"><i></i> ${side}</th>${cells.map((cell) => markup`<td>${cell}</td>`)}</tr>`;
}

/** The test's numbers, in words. */
function comparison({ shift, effect, deviation }: MetricVerdict): string {
  if (shift === null) return "Nothing was compared.";
  const [low, high] = shift.confidenceInterval;
  const sure = readable(shift.confidence * 100);
  const told = [
    `The difference, canary less baseline, is about ${readable(shift.estimate)}: with ${sure} % confidence from ${readable(low)} to ${readable(high)}.`,
    `It counts where all of that is beyond ±${readable(shift.bound)}.`,
  ];
  if (deviation !== null) told.push(`The canary's mean is ${readable(deviation)} times the baseline's.`);
  if (effect?.measure === "cles" && effect.value !== null)
    told.push(`A value of the canary is above one of the baseline with a chance of ${readable(effect.value * 100)} %.`);
  return told.join(" ");
}
