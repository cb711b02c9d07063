import type { Millis } from "@trysail/core";
import { holds } from "./condition.ts";
import type { AnalysisMetric, Measured, Measurement, MetricState, Outcome } from "./model.ts";

/** Argo Rollouts': an error is tried again sooner than an interval, which may be long. */
const errorRetryMs = 10_000;
const measurementsKept = 10;

/** What a measurement says by the metric's conditions; without any, all that was measured succeeds. */
export function outcomeOf(metric: AnalysisMetric, measured: Measured): Outcome {
  if (measured.kind === "error") return "Error";
  const { successCondition, failureCondition } = metric;
  const isSuccess = successCondition === undefined ? undefined : holds(successCondition, measured.value);
  const isFailure = failureCondition === undefined ? undefined : holds(failureCondition, measured.value);
  // What both hold for failed.
  if (isFailure ?? isSuccess === false) return "Failed";
  return (isSuccess ?? true) ? "Successful" : "Inconclusive";
}

export const pending = (name: string): MetricState => ({
  name,
  phase: "Pending",
  reason: undefined,
  count: 0,
  successful: 0,
  failed: 0,
  inconclusive: 0,
  errors: 0,
  consecutiveErrors: 0,
  consecutiveSuccesses: 0,
  measurements: [],
});

export function isOver(
  state: MetricState,
): state is MetricState & { readonly phase: Outcome; readonly reason: string } {
  return state.phase !== "Pending" && state.phase !== "Running";
}

/** The state after one more measurement. */
export function measure(metric: AnalysisMetric, state: MetricState, at: Millis, measured: Measured): MetricState {
  const outcome = outcomeOf(metric, measured);
  const is = (one: Outcome) => (outcome === one ? 1 : 0);
  const measurement: Measurement =
    measured.kind === "error"
      ? { at, outcome, value: null, message: measured.message }
      : { at, outcome, value: Number.isFinite(measured.value) ? measured.value : null };
  const counted: MetricState = {
    name: state.name,
    phase: "Running",
    reason: undefined,
    count: state.count + 1 - is("Error"),
    successful: state.successful + is("Successful"),
    failed: state.failed + is("Failed"),
    inconclusive: state.inconclusive + is("Inconclusive"),
    errors: state.errors + is("Error"),
    consecutiveErrors: outcome === "Error" ? state.consecutiveErrors + 1 : 0,
    consecutiveSuccesses: outcome === "Successful" ? state.consecutiveSuccesses + 1 : 0,
    measurements: [...state.measurements, measurement].slice(-measurementsKept),
  };
  return { ...counted, ...assess(metric, counted) };
}

/** Argo Rollouts' order: limits that are passed, a run of successes, then the count. */
function assess(metric: AnalysisMetric, state: MetricState): Pick<MetricState, "phase" | "reason"> {
  const { failureLimit = 0, inconclusiveLimit = 0, consecutiveErrorLimit = 4, consecutiveSuccessLimit = 0 } = metric;
  if (state.consecutiveErrors > consecutiveErrorLimit)
    return {
      phase: "Error",
      reason: `consecutiveErrors (${state.consecutiveErrors}) > consecutiveErrorLimit (${consecutiveErrorLimit})`,
    };
  if (state.inconclusive > inconclusiveLimit)
    return {
      phase: "Inconclusive",
      reason: `inconclusive (${state.inconclusive}) > inconclusiveLimit (${inconclusiveLimit})`,
    };
  if (failureLimit >= 0 && state.failed > failureLimit)
    return { phase: "Failed", reason: `failed (${state.failed}) > failureLimit (${failureLimit})` };
  if (consecutiveSuccessLimit > 0 && state.consecutiveSuccesses >= consecutiveSuccessLimit)
    return { phase: "Successful", reason: `consecutiveSuccessLimit (${consecutiveSuccessLimit}) reached` };
  const count = countOf(metric);
  if (count === undefined || state.count < count) return { phase: "Running", reason: undefined };
  if (consecutiveSuccessLimit === 0) return { phase: "Successful", reason: `count (${count}) reached` };
  const missed = `count (${count}) reached, and consecutiveSuccessLimit (${consecutiveSuccessLimit}) not`;
  // Failures that have a limit and kept it say no more than that it did not go wrong.
  return { phase: failureLimit >= 0 ? "Inconclusive" : "Failed", reason: missed };
}

function countOf(metric: AnalysisMetric): number | undefined {
  if (metric.count !== undefined && metric.count > 0) return metric.count;
  return metric.intervalMs === undefined ? 1 : undefined;
}

/** When the metric is to be measured next; undefined if it is over. */
export function nextMeasurementAt(metric: AnalysisMetric, state: MetricState, startedAt: Millis): Millis | undefined {
  if (isOver(state)) return undefined;
  const last = state.measurements.at(-1);
  if (last === undefined) return startedAt + (metric.initialDelayMs ?? 0);
  return last.at + (last.outcome === "Error" ? errorRetryMs : (metric.intervalMs ?? errorRetryMs));
}
