import type { Millis } from "@trysail/core";
import { statusText, type Rollout } from "../plan/rollout.ts";
import type { RegionContext, RegionState } from "../plan/state.ts";
import { stepAt, stepsOf, stepText } from "../plan/steps.ts";
import { clusterName } from "../server-groups/name.ts";
import type { RolloutEvent } from "../store/model.ts";

/** What has happened from one state of a rollout to the next. */
export function eventsBetween(before: Rollout | undefined, after: Rollout, now: Millis): readonly RolloutEvent[] {
  const events: RolloutEvent[] = [];
  const about = aboutOf(after);
  for (const [region, state] of Object.entries(after.regions)) {
    const was = before?.regions[region];
    if (was === state) continue;
    const scores = scoresOf(state);
    for (const score of scores.slice(was === undefined ? 0 : scoresOf(was).length)) {
      const text = `the canary's score is ${score.score}: ${score.reason}`;
      const { report } = score;
      events.push({
        at: now,
        type: "Rollout Canary Judgement",
        region,
        text,
        detail: { ...about, score: score.score, reason: score.reason, report },
      });
    }
    const context = { spec: after.spec, region, version: after.version, kind: after.kind, isPaused: after.isPaused };
    const text = regionText(context, state);
    if (was === undefined || regionText(context, was) !== text)
      if (state.phase !== "pending")
        events.push({
          at: now,
          type: "Rollout Region State Change",
          region,
          text,
          detail: { ...about, ...regionDetail(context, state) },
        });
  }
  if (before?.status !== after.status || before.isPaused !== after.isPaused)
    events.push({
      at: now,
      type: "Rollout State Change",
      region: undefined,
      text: wholeText(after),
      detail: { ...about, status: after.status, reason: after.reason, isPaused: after.isPaused, ...timesOf(after) },
    });
  return events;
}

const aboutOf = ({ id, kind, spec, version }: Rollout) => ({
  rollout: id,
  kind,
  cluster: clusterName(spec.cluster),
  version: version.id,
  commit: version.commit,
  execution: version.execution,
});

/** What delivery is measured by. */
const timesOf = ({ createdAt, failedAt, endedAt, version }: Rollout) => ({
  createdAt,
  failedAt,
  endedAt,
  committedAt: version.committedAt,
});

function wholeText(rollout: Rollout): string {
  const paused = rollout.isPaused && rollout.status === "running" ? ", paused" : "";
  const reason = rollout.reason === undefined ? "" : `: ${rollout.reason}`;
  return `${rollout.kind} of ${rollout.version.id} is ${statusText(rollout)}${paused}${reason}`;
}

const scoresOf = (state: RegionState) =>
  state.phase === "running" || state.phase === "succeeded" ? state.watch.scores : [];

/** How a region is, for people; the same as long as nothing that they would call new has happened. */
export function regionText(context: RegionContext, state: RegionState): string {
  switch (state.phase) {
    case "pending":
      return "waiting";
    case "running":
      return stepText(stepAt(stepsOf(context.spec, context.region, context.kind), state.step));
    case "succeeded":
      return `done: ${state.task.target.group} serves version ${state.task.target.version.id}`;
    case "undoing":
      return `is being undone: ${state.reason}`;
    case "undone":
      return `undone${state.left === undefined ? "" : `; ${state.left}`}`;
    case "halted":
      return `halted: ${state.reason}; ${state.left}`;
  }
}

function regionDetail(context: RegionContext, state: RegionState) {
  return {
    region: context.region,
    phase: state.phase,
    step: state.phase === "running" ? regionText(context, state) : undefined,
    group: "task" in state ? state.task?.target.group : undefined,
    reason: "reason" in state ? state.reason : undefined,
    left: "left" in state ? state.left : undefined,
  };
}
