import { TrysailError, type Millis } from "@trysail/core";
import { isOver, measure, nextMeasurementAt, pending } from "./metric.ts";
import type { Analysis, AnalysisMetric, AnalysisResult, Happening, MetricState, Outcome } from "./model.ts";

const fromBestToWorst: readonly Outcome[] = ["Successful", "Inconclusive", "Error", "Failed"];

/**
 * An analysis that begins now.
 *
 * @throws TrysailError `invalid-analysis` (fault: user) for metrics that could not end or mean nothing
 */
export function startAnalysis(metrics: readonly AnalysisMetric[], now: Millis): Analysis {
  check(metrics);
  return { startedAt: now, metrics: metrics.map(({ name }) => pending(name)), result: undefined };
}

/**
 * The analysis after a happening. One that is over stays as it is; so does a metric that is.
 *
 * It is over when all metrics are, or as soon as one is not successful: the worst decides.
 *
 * @param metrics - those that it was started with
 * @see https://argo-rollouts.readthedocs.io/en/stable/features/analysis/
 */
export function stepAnalysis(metrics: readonly AnalysisMetric[], analysis: Analysis, happening: Happening): Analysis {
  if (analysis.result !== undefined) return analysis;
  const states = analysis.metrics.map((state) => stepMetric(metrics, state, happening));
  const isEnding =
    happening.kind === "terminate" || states.some((state) => isOver(state) && state.phase !== "Successful");
  const ended = isEnding ? states.map(stopped) : states;
  return { ...analysis, metrics: ended, result: resultOf(ended) };
}

/** Which metrics are to be measured now, and when to look again; undefined when it is over. */
export function dueMeasurements(
  metrics: readonly AnalysisMetric[],
  analysis: Analysis,
  now: Millis,
): { readonly due: readonly string[]; readonly wakeAt: Millis | undefined } {
  if (analysis.result !== undefined) return { due: [], wakeAt: undefined };
  const times = metrics.flatMap((metric) => {
    const state = analysis.metrics.find(({ name }) => name === metric.name);
    const at = state === undefined ? undefined : nextMeasurementAt(metric, state, analysis.startedAt);
    return at === undefined ? [] : [{ name: metric.name, at }];
  });
  const later = times.filter(({ at }) => at > now).map(({ at }) => at);
  return {
    due: times.filter(({ at }) => at <= now).map(({ name }) => name),
    wakeAt: later.length === 0 ? undefined : later.reduce((first, at) => Math.min(first, at)),
  };
}

function stepMetric(metrics: readonly AnalysisMetric[], state: MetricState, happening: Happening): MetricState {
  if (happening.kind !== "measured" || happening.metric !== state.name || isOver(state)) return state;
  const metric = metrics.find(({ name }) => name === state.name);
  return metric === undefined ? state : measure(metric, state, happening.at, happening.measured);
}

/** What has no end yet had no fault either: it passed no limit. */
function stopped(state: MetricState): MetricState {
  return isOver(state) ? state : { ...state, phase: "Successful", reason: "the early end of the analysis" };
}

function resultOf(states: readonly MetricState[]): AnalysisResult | undefined {
  const over = states.filter(isOver);
  if (over.length < states.length) return undefined;
  const rank = ({ phase }: { readonly phase: Outcome }) => fromBestToWorst.indexOf(phase);
  const worst = over.reduce((one, other) => (rank(other) > rank(one) ? other : one));
  const advice = ({ Successful: "goOn", Inconclusive: "pause", Error: "abort", Failed: "abort" } as const)[worst.phase];
  return {
    outcome: worst.phase,
    reason: `Metric "${worst.name}" assessed ${worst.phase} due to ${worst.reason}`,
    advice,
  };
}

function check(metrics: readonly AnalysisMetric[]): void {
  const refuse = (message: string) => {
    throw new TrysailError("invalid-analysis", message, { fault: "user" });
  };
  if (metrics.length === 0) refuse("An analysis needs a metric.");
  if (new Set(metrics.map(({ name }) => name)).size < metrics.length) refuse("Two metrics have one name.");
  for (const metric of metrics) {
    const { name, count = 0, intervalMs, initialDelayMs = 0, failureLimit = 0, consecutiveSuccessLimit = 0 } = metric;
    if (intervalMs !== undefined && !(intervalMs > 0)) refuse(`The interval of "${name}" must be above 0.`);
    if (!(initialDelayMs >= 0)) refuse(`The initial delay of "${name}" must not be below 0.`);
    if (count > 1 && intervalMs === undefined) refuse(`"${name}" is measured more than once, and needs an interval.`);
    const limits = { count, failureLimit: failureLimit + 1, consecutiveSuccessLimit };
    const others = { inconclusiveLimit: metric.inconclusiveLimit, consecutiveErrorLimit: metric.consecutiveErrorLimit };
    for (const [limit, value] of Object.entries({ ...limits, ...others }))
      if (value !== undefined && !(Number.isInteger(value) && value >= 0))
        refuse(`${limit} of "${name}" must be a whole number${limit === "failureLimit" ? " from −1" : " from 0"}.`);
    if (failureLimit < 0 && consecutiveSuccessLimit === 0)
      refuse(`"${name}" could not fail: turn failureLimit off only with a consecutiveSuccessLimit.`);
    if (count > 0 && failureLimit >= count)
      refuse(`"${name}" could not fail: its failureLimit is not below its count.`);
  }
}
