import type { Classification, GroupScore, MetricVerdict } from "./model.ts";

/** From which share of metrics without data, in percent, the canary fails. */
const tooManyWithoutData = 50;

/** What of a verdict counts for the score. */
export type Scored = Pick<MetricVerdict, "name" | "groups" | "muted" | "classification" | "critical" | "reason">;

export interface Score {
  readonly score: number;
  /** Why it is 0 whatever the groups say; else undefined. */
  readonly reason: string | undefined;
  readonly groups: readonly GroupScore[];
}

/**
 * The score of all metrics that are not muted, from 0 to 100: the groups' scores by their weights. A critical metric
 * that does not pass makes it 0, as does half of the metrics without data.
 */
export function scoreMetrics(verdicts: readonly Scored[], weights: Readonly<Record<string, number>>): Score {
  const counted = verdicts.filter((verdict) => !verdict.muted);
  const groups = groupScores(counted, weights);
  const critical = counted.find((verdict) => verdict.critical && verdict.classification !== "Pass");
  if (critical !== undefined) return { score: 0, reason: `Canary Failed: ${critical.reason}`, groups };
  const without = counted.filter(({ classification }) => classification === "Nodata").length;
  if (counted.length > 0 && (without / counted.length) * 100 >= tooManyWithoutData)
    return { score: 0, reason: `Canary Failed: ${tooManyWithoutData}% or more metrics returned NODATA`, groups };
  const total = groups.reduce((sum, group) => sum + (group.noData ? 100 : group.score) * (group.weight / 100), 0);
  return { score: rounded(total), reason: undefined, groups };
}

function groupScores(verdicts: readonly Scored[], weights: Readonly<Record<string, number>>): readonly GroupScore[] {
  const names = [...new Set(verdicts.flatMap(({ groups }) => groups))];
  const unweighted = names.filter((name) => !Object.hasOwn(weights, name)).length;
  // What a weighted group without metrics has is lost, not shared.
  const left = 100 - Object.values(weights).reduce((total, weight) => total + weight, 0);
  return names.map((name) => {
    const counts: Partial<Record<Classification, number>> = {};
    for (const { groups, classification } of verdicts)
      for (const group of groups) if (group === name) counts[classification] = (counts[classification] ?? 0) + 1;
    const passed = counts.Pass ?? 0;
    const scored = passed + (counts.High ?? 0) + (counts.Low ?? 0) + (counts.NodataFailMetric ?? 0);
    const weight = Object.hasOwn(weights, name) ? weights[name]! : left / unweighted;
    return { name, score: scored === 0 ? 0 : (passed / scored) * 100, noData: scored === 0, weight, counts };
  });
}

/** To two decimals, half up, by the number as it is written: 1.005 is 1.01. */
function rounded(score: number): number {
  const shifted = Number(`${score}e2`);
  // What is written with an exponent already is too small to tell.
  return Number.isNaN(shifted) ? 0 : Number(`${Math.round(shifted)}e-2`);
}
