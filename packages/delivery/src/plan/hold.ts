import type { Millis } from "@trysail/core";
import { dueMeasurements, startAnalysis } from "../analysis/analysis.ts";
import type { Analysis } from "../analysis/model.ts";
import { decideRun, type CanaryRun } from "../judge/run.ts";
import type { RolloutSpec } from "../spec/model.ts";
import { failed, say } from "./say.ts";
import type { Question, RegionContext, RegionPlan, RunningRegion, Watch } from "./state.ts";
import { pauseAfter, stepText, timeText, type Step } from "./steps.ts";
import type { RegionTask } from "./task.ts";

/** What is waited for though the goal is reached; undefined when it is time for the next step. */
export function hold(context: RegionContext, state: RunningRegion, step: Step, now: Millis): RegionPlan | undefined {
  const { spec } = context;
  const reachedAt = state.reachedAt ?? now;
  if (step.kind === "canary") return judging(context, state, reachedAt, now);
  if (state.isPromoted) return undefined;
  const { analysis } = state.watch;
  if (analysis?.result?.advice === "pause") {
    const since = Math.max(reachedAt, endOf(analysis));
    return promotion(
      context,
      state,
      step,
      since,
      `\`trysail rollout promote\` or \`abort\`: ${analysis.result.reason}`,
      now,
    );
  }
  const pause = pauseAfter(spec, step);
  if (pause.kind === "promote") return promotion(context, state, step, reachedAt, "`trysail rollout promote`", now);
  const until = reachedAt + pause.ms;
  if (now >= until) return undefined;
  return say(state, `the pause after ${stepText(step)} (${timeText(until - now)})`, { wakeAt: until });
}

/** A person's word is waited for, and not for ever. */
function promotion(
  context: RegionContext,
  state: RunningRegion,
  step: Step,
  since: Millis,
  what: string,
  now: Millis,
): RegionPlan {
  const { promoteMs } = context.spec.timeouts;
  const until = since + promoteMs;
  return now >= until
    ? failed(context, state.task, `${stepText(step)}: nobody promoted it within ${timeText(promoteMs)}`, now)
    : say(state, what, { wakeAt: until });
}

const endOf = ({ metrics }: Analysis): Millis =>
  Math.max(...metrics.flatMap(({ measurements }) => measurements.map(({ at }) => at)));

/** The run of a canary that began when both of its groups were healthy. */
export function canaryRun({ canary }: RolloutSpec, startedAt: Millis): CanaryRun | undefined {
  return (
    canary && {
      startedAt,
      warmupMs: canary.warmupMs,
      lifetimeMs: canary.lifetimeMs,
      intervalMs: canary.intervalMs,
      lookbackMs: canary.lookbackMs,
      thresholds: canary.config.thresholds,
    }
  );
}

function judging(context: RegionContext, state: RunningRegion, startedAt: Millis, now: Millis): RegionPlan | undefined {
  const run = canaryRun(context.spec, startedAt);
  const groups = state.task.canary;
  if (run === undefined || groups === undefined) return undefined;
  const decision = decideRun(
    run,
    state.watch.scores.map(({ score }) => score),
  );
  if (decision.kind !== "waiting") {
    if (decision.kind === "passed") return undefined;
    const last = state.watch.scores.at(-1);
    const { pass, marginal } = run.thresholds;
    const why =
      last === undefined
        ? decision.reason
        : `its score ${last.score} is ${last.score <= marginal ? `not above ${marginal}` : `below ${pass}`}: ${last.reason}`;
    return failed(context, state.task, `canary: ${why}`, now);
  }
  const { number, from, to } = decision.next;
  const isDue = now >= to;
  const late = to + context.spec.timeouts.healthyMs;
  if (now >= late)
    return failed(
      context,
      state.task,
      `canary: judgement ${number} could not be made within ${timeText(context.spec.timeouts.healthyMs)}: its metrics cannot be read`,
      now,
    );
  return say(state, `the canary's judgement ${number} (${isDue ? "being made" : timeText(to - now)})`, {
    questions: isDue ? [{ kind: "judge", number, from, to, canary: groups.canary, baseline: groups.baseline }] : [],
    wakeAt: isDue ? late : to,
  });
}

/** Analyses begin when the new group takes traffic. */
export function withAnalysis(spec: RolloutSpec, step: Step, watch: Watch, now: Millis): Watch {
  if (spec.analysis.length === 0 || watch.analysis !== undefined || step.kind !== "grow") return watch;
  return { ...watch, analysis: startAnalysis(spec.analysis, now) };
}

/** When a person lets go on what an inconclusive analysis held, a new one begins. */
export const withoutPause = (spec: RolloutSpec, watch: Watch, now: Millis): Watch =>
  watch.analysis?.result?.advice === "pause" ? { ...watch, analysis: startAnalysis(spec.analysis, now) } : watch;

/** What is to be measured now, and when next. */
export function measuresOf(
  spec: RolloutSpec,
  { watch, task }: { readonly watch: Watch; readonly task: RegionTask },
  now: Millis,
) {
  if (watch.analysis === undefined) return { asked: [], wakeAt: undefined };
  const { due, wakeAt } = dueMeasurements(spec.analysis, watch.analysis, now);
  return { asked: due.map((metric): Question => ({ kind: "measure", metric, group: task.target.group })), wakeAt };
}
