import type { Millis } from "@trysail/core";
import { stepAnalysis } from "../analysis/analysis.ts";
import { opensAt } from "../windows/windows.ts";
import { shareOf } from "./health.ts";
import { hold, measuresOf, withAnalysis, withoutPause } from "./hold.ts";
import { noLosses, watchLosses } from "./losses.ts";
import type { Observation, Unreachable } from "./model.ts";
import { failed, say } from "./say.ts";
import type { Answer, RegionContext, RegionPlan, RegionState, RunningRegion, Watch } from "./state.ts";
import { isExposing, stepAt, stepsOf, stepText, timeText, type Step } from "./steps.ts";
import { goalOf, taskOf, undoneGoal, type RegionTask } from "./task.ts";
import { toward } from "./toward.ts";

type Seen = Observation | Unreachable;

/**
 * So long what is undone must look undone: AWS may show for seconds what was there before the last change, which looks just
 * like it.
 */
const settleMs = 5_000;

/** The next of one region's part of a rollout. Pure. */
export function planRegion(context: RegionContext, state: RegionState, seen: Seen, now: Millis): RegionPlan {
  switch (state.phase) {
    case "pending":
      return begin(context, state, seen, now);
    case "running":
      return run(context, state, seen, now);
    case "undoing":
      return undo(context, state, seen, now);
    case "succeeded":
      return bake(context, state, seen, now);
    case "undone":
    case "halted":
      return say(state, "nothing: it is over");
  }
}

function begin(context: RegionContext, state: RegionState & { phase: "pending" }, seen: Seen, now: Millis): RegionPlan {
  const shut = shutUntil(context, now);
  if (shut !== undefined) return say(state, shut.for, { wakeAt: shut.wakeAt });
  if (seen.kind === "unreachable") return unreached(context, state, seen, now);
  const { spec, version, kind, region } = context;
  const steps = stepsOf(spec, region, kind);
  const task = taskOf(spec, version, kind, steps[0]?.kind === "canary", seen);
  if (typeof task === "string") return unbegun(task, now);
  const watch: Watch = { losses: noLosses, scores: [], analysis: undefined };
  return say(runningAt(task, firstStep(steps, task), now, watch), "its first step");
}

/** Without a version to compare with there is no canary. */
const firstStep = (steps: readonly Step[], task: RegionTask): number =>
  task.canary === undefined ? steps.findIndex(({ kind }) => kind !== "canary" && kind !== "end-canary") : 0;

const runningAt = (task: RegionTask, step: number, since: Millis, watch: Watch): RunningRegion => ({
  phase: "running",
  task,
  step,
  since,
  reachedAt: undefined,
  isPromoted: false,
  watch,
});

function run(context: RegionContext, state: RunningRegion, seen: Seen, now: Millis): RegionPlan {
  const { spec, region, kind } = context;
  if (seen.kind === "unreachable") return unreached(context, state, seen, now);
  if (state.silentSince !== undefined) return say({ ...state, silentSince: undefined }, "another look");
  const steps = stepsOf(spec, region, kind);
  const step = stepAt(steps, state.step);
  const watched = watch(state.task, state.watch, seen);
  if (watched !== state.watch) return say({ ...state, watch: watched }, "its instances");
  const fault = faultOf(context, state, seen);
  if (fault !== undefined) return failed(context, state.task, fault, now);
  const progress = toward(goalOf(spec, state.task, step, seen), seen, {
    floor: shareOf(spec.guards.minimumHealthyPercent, state.task.capacity.desired),
    healthyPercent: spec.guards.healthyPercent,
  });
  const measures = measuresOf(spec, state, now);
  /** With what is measured besides, if nothing new is to be stored first. */
  const measured = (plan: RegionPlan): RegionPlan =>
    plan.state === state
      ? {
          ...plan,
          questions: [...measures.asked, ...plan.questions],
          wakeAt: earliest(plan.wakeAt, measures.wakeAt),
        }
      : plan;
  if (state.reachedAt === undefined && progress.kind !== "reached") {
    if (context.isPaused && isExposing(step) && progress.kind === "acting")
      return measured(say(state, "`trysail rollout resume`"));
    const late = state.since + spec.timeouts.healthyMs;
    const what = progress.kind === "acting" ? "changes that do not come into effect" : progress.for;
    if (now >= late)
      return failed(
        context,
        state.task,
        `${stepText(step)}: not done within ${timeText(spec.timeouts.healthyMs)}: ${what}`,
        now,
      );
    return measured(
      progress.kind === "acting"
        ? say(state, "its changes", { actions: progress.actions })
        : say(state, progress.for, { wakeAt: late }),
    );
  }
  if (state.reachedAt === undefined)
    return say({ ...state, reachedAt: now, watch: withAnalysis(spec, step, state.watch, now) }, "its pause");
  const next = steps[state.step + 1];
  const held = hold(context, state, step, now) ?? shut(context, state, next, now);
  // What falls short again while it is waited for is put right, and watched by what counts losses.
  const actions = progress.kind === "acting" && !context.isPaused ? progress.actions : [];
  if (held !== undefined) return measured(held.state === state ? { ...held, actions } : held);
  const watchOn = withoutPause(spec, state.watch, now);
  if (next === undefined) return say({ phase: "succeeded", task: state.task, at: now, watch: watchOn }, "its end");
  return say(runningAt(state.task, state.step + 1, now, watchOn), "its next step");
}

/** What is waited for because the next step would expose more, and may not now. */
function shut(
  context: RegionContext,
  state: RunningRegion,
  next: Step | undefined,
  now: Millis,
): RegionPlan | undefined {
  const until = next !== undefined && isExposing(next) ? shutUntil(context, now) : undefined;
  return until && say(state, until.for, { wakeAt: until.wakeAt });
}

/** After its success, until the rollout is over: what goes wrong now still undoes it. */
function bake(
  context: RegionContext,
  state: RegionState & { phase: "succeeded" },
  seen: Seen,
  now: Millis,
): RegionPlan {
  if (seen.kind === "unreachable") return say(state, `an answer: ${seen.message}`);
  const watched = watch(state.task, state.watch, seen);
  if (watched !== state.watch) return say({ ...state, watch: watched }, "its instances");
  const fault = faultOf(context, state, seen);
  if (fault !== undefined) return failed(context, state.task, fault, now);
  const questions = measuresOf(context.spec, state, now);
  return say(state, "the other regions", { questions: questions.asked, wakeAt: questions.wakeAt });
}

function undo(context: RegionContext, state: RegionState & { phase: "undoing" }, seen: Seen, now: Millis): RegionPlan {
  const { spec } = context;
  const { task, reason } = state;
  const late = Math.max(state.since, context.turnAt ?? 0) + spec.timeouts.healthyMs;
  const over = (left: string): RegionPlan => say({ phase: "halted", task, reason, at: now, left }, left);
  if (seen.kind === "unreachable")
    return now >= late
      ? over(`It does not answer: ${seen.message}`)
      : say(state, `an answer: ${seen.message}`, { wakeAt: late });
  const progress = toward(undoneGoal(task, seen), seen, {
    floor: shareOf(spec.guards.minimumHealthyPercent, task.capacity.desired),
    // Going back need not wait for the last instance: what is gone back from is worse.
    healthyPercent: Math.min(spec.guards.healthyPercent, spec.guards.minimumHealthyPercent),
  });
  // Where nothing served before, there is nothing to go back to: the last that serves stays.
  const left =
    progress.kind === "guarded" && task.source === undefined
      ? `${task.target.group} is left: nothing else serves.`
      : undefined;
  if (progress.kind === "reached" || left !== undefined) {
    if (state.reachedAt === undefined) return say({ ...state, reachedAt: now }, "another look");
    const until = state.reachedAt + settleMs;
    if (now < until) return say(state, "another look", { wakeAt: until });
    return say({ phase: "undone", reason, at: now, left }, "nothing: it is undone");
  }
  if (state.reachedAt !== undefined) return say({ ...state, reachedAt: undefined }, "what has come up meanwhile");
  switch (progress.kind) {
    case "guarded":
    case "waiting":
      return now >= late ? over(progress.for) : say(state, progress.for, { wakeAt: late });
    case "acting":
      return now >= late
        ? over("Its changes do not come into effect.")
        : say(state, "its changes", { actions: progress.actions });
  }
}

function unreached(
  context: RegionContext,
  state: RegionState & { phase: "pending" | "running" },
  seen: Unreachable,
  now: Millis,
): RegionPlan {
  const fail = (reason: string) =>
    state.phase === "running" ? failed(context, state.task, reason, now) : unbegun(reason, now);
  if (!seen.isTransient) return fail(seen.message);
  // A pause may have lasted for days: only the silence counts then.
  const since = state.phase === "running" && state.reachedAt === undefined ? state.since : state.silentSince;
  if (since === undefined) return say({ ...state, silentSince: now }, `an answer: ${seen.message}`);
  const late = since + context.spec.timeouts.healthyMs;
  return now >= late
    ? fail(`it does not answer: ${seen.message}`)
    : say(state, `an answer: ${seen.message}`, { wakeAt: late });
}

/** A region in which nothing was changed yet: there is nothing to undo. */
const unbegun = (reason: string, now: Millis): RegionPlan =>
  say({ phase: "undone", reason, at: now, left: undefined }, reason);

/** Why nothing may be exposed now. */
function shutUntil(
  { spec, region, isPaused }: RegionContext,
  now: Millis,
): { for: string; wakeAt: Millis | undefined } | undefined {
  if (isPaused) return { for: "`trysail rollout resume`", wakeAt: undefined };
  const windows = spec.windows[region];
  if (windows === undefined) return undefined;
  const opens = opensAt(windows, now);
  if (opens === now) return undefined;
  if (opens === undefined) return { for: "a window that never opens: see the spec's windows", wakeAt: undefined };
  return { for: `its window, which opens at ${new Date(opens).toISOString()}`, wakeAt: opens };
}

/** The new version's groups are watched for losses. */
function watch(task: RegionTask, before: Watch, seen: Observation): Watch {
  const names = new Set([task.target.group, ...(task.canary === undefined ? [] : [task.canary.canary])]);
  const losses = watchLosses(
    before.losses,
    seen.groups.filter(({ name, isDeleting }) => names.has(name) && !isDeleting),
  );
  return losses === before.losses ? before : { ...before, losses };
}

/** What undoes a rollout at any time. */
function faultOf(
  { spec }: RegionContext,
  { watch, task }: { readonly watch: Watch; readonly task: RegionTask },
  seen: Observation,
): string | undefined {
  if (seen.alarms.length > 0) return `alarm${seen.alarms.length === 1 ? "" : "s"} ${seen.alarms.join(", ")} in ALARM`;
  const { lost, reasons } = watch.losses;
  if (lost > spec.guards.lostInstances)
    return `${lost} instance${lost === 1 ? "" : "s"} of version ${task.target.version.id} died or fell ill (${reasons.join("; ")})`;
  const result = watch.analysis?.result;
  return result?.advice === "abort" ? `analysis: ${result.reason}` : undefined;
}

/** The state after something that a plan asked for. */
export function answerRegion(context: RegionContext, state: RegionState, answer: Answer, now: Millis): RegionState {
  if (state.phase === "undoing" && answer.kind === "refused")
    return { phase: "halted", task: state.task, reason: state.reason, at: now, left: answer.message };
  if (state.phase !== "running" && state.phase !== "succeeded") return state;
  switch (answer.kind) {
    case "refused":
      return failed(context, state.task, answer.message, now).state;
    case "judged":
      // Another worker may have answered meanwhile.
      if (answer.number !== state.watch.scores.length + 1) return state;
      return { ...state, watch: { ...state.watch, scores: [...state.watch.scores, answer.score] } };
    case "measured":
      if (state.watch.analysis === undefined) return state;
      return {
        ...state,
        watch: { ...state.watch, analysis: stepAnalysis(context.spec.analysis, state.watch.analysis, answer) },
      };
  }
}

const earliest = (one: Millis | undefined, other: Millis | undefined): Millis | undefined =>
  one === undefined ? other : other === undefined ? one : Math.min(one, other);
