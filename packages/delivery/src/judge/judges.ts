import { classify, failed, type Compare } from "./classify.ts";
import { checkCanaryConfig } from "./config.ts";
import { exactShift } from "./exact-shift.ts";
import { toGrid } from "./grid.ts";
import { mannWhitneyShift } from "./mann-whitney.ts";
import type { CanaryConfig, Judge, Judgement, MetricConfig, MetricPair, MetricVerdict } from "./model.ts";
import { outsideQuartiles } from "./outliers.ts";
import { gaussian, type Random } from "./random.ts";
import { scoreMetrics } from "./score.ts";
import { cles, meanRatio, summarize } from "./statistics.ts";
import { removeMarked, removeMissing, replaceMissing } from "./transforms.ts";

/** Of two sides that are constant, so that there is a spread to test, in parts of the constant. */
const noise = 1e-5;

/** How Kayenta compares two samples: see {@link compatibleJudge}. */
export function compareCompatibly(random: Random): Compare {
  const isConstant = (values: readonly number[]) => values.every((value) => value === values[0]);
  const noisy = (values: readonly number[]) => values.map((value) => value + gaussian(random) * value * noise);
  return (given, givenBaseline, confidence) => {
    const isNoisy = isConstant(given) && isConstant(givenBaseline);
    const [canary, baseline] = isNoisy ? [noisy(given), noisy(givenBaseline)] : [given, givenBaseline];
    return {
      shift: mannWhitneyShift(canary, baseline, confidence),
      slack: 0,
      meanRatio: meanRatio(canary, baseline),
      cles: cles(canary, baseline),
    };
  };
}

/** How samples are compared that lie on a grid: see {@link scaleFreeJudge}. */
export const compareExactly: Compare = (canary, baseline, confidence) => ({
  shift: exactShift(canary, baseline, confidence),
  // What the grid's rounding can leave of an estimate and a limit.
  slack: 2,
  // To the digits that the grid can tell, so that 1.05 is 1.05, as a threshold may be.
  meanRatio: Number(meanRatio(canary, baseline).toPrecision(10)),
  cles: cles(canary, baseline),
});

/**
 * Judges as Kayenta's `NetflixACAJudge-v1.0`, number by number. Take it to get the verdicts that Spinnaker gives.
 *
 * The search for the test's roots stops at an absolute tolerance of 10⁻⁴, so verdicts depend on the unit that a metric
 * is told in: values that are all below that are never seen to differ.
 *
 * @param random - for the noise that tells two constant sides apart
 * @see https://github.com/spinnaker/kayenta/blob/master/docs/canary-config.md
 */
export function compatibleJudge(random: Random): Judge {
  const compare = compareCompatibly(random);
  return judgeOf("compatible", compare, (canary, baseline) => ({ canary, baseline, step: 1 }));
}

/**
 * Judges by Kayenta's rules, whatever unit a metric is told in: multiplying both sides by a positive factor changes no
 * verdict. Two things make it so.
 *
 * - Values are taken to a grid by the largest of them ({@link toGrid}), and judged there: both units are the same to the
 *   last bit before anything is decided.
 * - Roots of the test are found by counting ({@link exactShift}), not by a search with an absolute tolerance. Where the
 *   estimate is exactly zero, as it is where most values of both sides are equal, Kayenta's verdict is left to where in
 *   that tolerance the search happened to stop: the interval and the bound are both about zero. Here the test of "there is
 *   no shift" decides.
 *
 * It needs no randomness: two constant sides differ, or do not.
 */
export const scaleFreeJudge: Judge = judgeOf("scale-free", compareExactly, toGrid);

type ToGrid = (canary: readonly number[], baseline: readonly number[]) => ReturnType<typeof toGrid>;

function judgeOf(name: string, compare: Compare, onGrid: ToGrid): Judge {
  return {
    name,
    judge(config, pairs) {
      checkCanaryConfig(config, pairs);
      const metrics = config.metrics.map((metric) => {
        const pair = pairs.find((one) => one.name === metric.name);
        return judgeMetric(metric, pair ?? { name: metric.name, canary: [], baseline: [] }, compare, onGrid);
      });
      return judgementOf(name, config, metrics);
    },
  };
}

function judgementOf(judge: string, config: CanaryConfig, metrics: readonly MetricVerdict[]): Judgement {
  const { score, reason, groups } = scoreMetrics(metrics, config.groupWeights ?? {});
  const { thresholds } = config;
  const classification = score >= thresholds.pass ? "Pass" : score >= thresholds.marginal ? "Marginal" : "Fail";
  const compared = {
    Pass: `is at least the pass threshold of ${thresholds.pass}`,
    Marginal: `is below the pass threshold of ${thresholds.pass}, and at least the marginal threshold of ${thresholds.marginal}`,
    Fail: `is below the marginal threshold of ${thresholds.marginal}`,
  }[classification];
  return {
    judge,
    score,
    classification,
    reason: reason ?? `The score of ${score} ${compared}`,
    thresholds,
    groups,
    metrics,
  };
}

function judgeMetric(config: MetricConfig, pair: MetricPair, compare: Compare, onGrid: ToGrid): MetricVerdict {
  const about = { name: config.name, groups: config.groups, muted: config.muted === true };
  const isInfinite = [...pair.canary, ...pair.baseline].some((value) => Math.abs(value) === Infinity);
  const [of, by] = [finiteOnly(pair.canary), finiteOnly(pair.baseline)];
  const given = onGrid(of, by);
  const mine = prepare(config, of, given.canary);
  const theirs = prepare(config, by, given.baseline);
  const sides = { canary: mine.summary, baseline: theirs.summary };
  if (isInfinite) return { ...about, ...failed(config, `${config.name} has values that are not finite`), ...sides };
  // Anew, since an outlier that is gone was the largest.
  const { canary, baseline, step } = onGrid(mine.values, theirs.values);
  const finding = classify(config, canary, baseline, compare);
  return { ...about, ...finding, shift: inUnit(finding.shift, step), ...sides };
}

const finiteOnly = (values: readonly number[]) => values.map((value) => (Number.isFinite(value) ? value : Number.NaN));

/** One side without missing points and outliers, which are looked for on the grid; and what is told of it. */
function prepare(config: MetricConfig, given: readonly number[], onGrid: readonly number[]) {
  const handle = config.nanStrategy === "replace" ? replaceMissing : removeMissing;
  const marks = config.outlierFactor === undefined ? [] : outsideQuartiles(handle(onGrid), config.outlierFactor, true);
  const values = removeMarked(handle(given), marks);
  const summary = {
    ...summarize(values),
    missing: given.filter(Number.isNaN).length,
    outliersRemoved: marks.filter(Boolean).length,
    series: given.map((value) => (Number.isNaN(value) ? null : value)),
  };
  return { values, summary };
}

function inUnit(shift: MetricVerdict["shift"], unit: number): MetricVerdict["shift"] {
  if (shift === null) return null;
  const [low, high] = shift.confidenceInterval;
  return {
    confidence: shift.confidence,
    estimate: shift.estimate * unit,
    confidenceInterval: [low * unit, high * unit],
    bound: shift.bound * unit,
  };
}
