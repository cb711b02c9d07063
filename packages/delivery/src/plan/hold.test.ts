import { describe, expect, it } from "vitest";
import type { MeasuredMetric } from "../spec/model.ts";
import { pinned } from "./goal.ts";
import { answerRegion } from "./region.ts";
import {
  canary,
  contextWith,
  groupWith,
  healthy,
  minute,
  newGroup,
  old,
  oldGroup,
  planned,
  runningWith,
  second,
  seenWith,
  size,
  taskWith,
} from "./specs.test-kit.ts";
import type { Answer, RegionContext, RegionState, RunningRegion } from "./state.ts";

const serving = seenWith([groupWith(oldGroup, { size: pinned(size) }), groupWith(newGroup, { size: pinned(size) })]);
const grown = runningWith({ reachedAt: 0 });
const running = (state: RegionState): RunningRegion =>
  state.phase === "running" ? state : expect.fail(`it is ${state.phase}`);

describe("a pause", () => {
  it("lasts from when the goal is reached as long as the spec says, and is told with what is left of it", () => {
    const context = contextWith({ strategy: { pause: { kind: "time", ms: 5 * minute } } });
    const first = planned(context, runningWith(), serving, minute);
    expect(first).toMatchObject({
      state: { step: 0, reachedAt: minute },
      waiting: "the pause after 100 % new (5 min)",
      wakeAt: 6 * minute,
    });
    expect(planned(context, first.state, serving, 6 * minute - 1).state).toBe(first.state);
    expect(planned(context, first.state, serving, 6 * minute).state).toMatchObject({ step: 1, since: 6 * minute });
  });

  it("is over when a person promotes it, and the next one is a pause again", () => {
    const context = contextWith({
      strategy: {
        type: "rolling-red-black",
        percentages: [100],
        pause: { kind: "time", ms: 5 * minute },
        delayBeforeScaleDownMs: minute,
      },
    });
    expect(planned(context, { ...grown, isPromoted: true }, serving, 1).state).toMatchObject({
      step: 1,
      isPromoted: false,
    });
  });

  it("may be for a person alone, for whom it waits, but not for ever", () => {
    const context = contextWith({ strategy: { pause: { kind: "promote" } }, timeouts: { promoteMs: 90 * minute } });
    expect(planned(context, grown, serving, 1)).toMatchObject({
      waiting: "`trysail rollout promote`",
      wakeAt: 90 * minute,
    });
    const [before, after] = [90 * minute - 1, 90 * minute].map((now) => planned(context, grown, serving, now).state);
    expect(running(before!).step).toBe(0);
    expect(after).toMatchObject({
      phase: "undoing",
      reason: "100 % new: nobody promoted it within 1 h 30 min",
    });
    const promoted = planned(context, { ...grown, isPromoted: true }, serving, 90 * minute).state;
    expect(promoted).toMatchObject({ phase: "running", step: 1 });
  });

  it("is left by nothing but the word of a person where it ends by failing", () => {
    const context = contextWith({ strategy: { pause: { kind: "promote" } }, rollback: { automatic: false } });
    expect(planned(context, grown, serving, 60 * minute).state.phase).toBe("halted");
  });

  it("comes after the promotion, before the old group is scaled down", () => {
    const context = contextWith({ strategy: { delayBeforeScaleDownMs: 10 * minute } });
    const promoted = seenWith([
      groupWith(oldGroup, { isServing: false, isPromoted: false }),
      groupWith(newGroup, { isPromoted: true }),
    ]);
    const state = runningWith({ step: 2, reachedAt: 0 });
    expect(planned(context, state, promoted, 1)).toMatchObject({
      waiting: "the pause after promotion (10 min)",
      wakeAt: 10 * minute,
    });
    expect(planned(context, state, promoted, 10 * minute).actions).toMatchObject([
      { kind: "resize", group: oldGroup, size: { desired: 0 } },
    ]);
  });
});

describe("a canary", () => {
  const groups = { canary: "playback-prod-canary-v000", baseline: "playback-prod-baseline-v000", version: old };
  const one = { min: 1, desired: 1, max: 1 };
  const compared = seenWith([
    groupWith(oldGroup, { size: pinned(size) }),
    groupWith(groups.canary, { role: "canary", size: one, isPromoted: false }),
    groupWith(groups.baseline, { role: "baseline", size: one, isPromoted: false }),
  ]);
  const begun = runningWith({ task: taskWith({ canary: groups }) });
  const context = (given: Partial<typeof canary> = {}) => contextWith({ canary: { ...canary, ...given } });

  /** The state after scores, the first of them one interval after the begin. */
  function scored(of: RegionContext, scores: readonly number[], at = 0): RegionState {
    const state = planned(of, begun, compared, at).state;
    return scores.reduce<RegionState>(
      (before, score, index) =>
        answerRegion(
          of,
          before,
          {
            kind: "judged",
            number: index + 1,
            score: { score, reason: `because of ${score}`, at: 0, report: undefined },
          },
          at,
        ),
      state,
    );
  }

  it("is judged at the end of each interval, from when both groups are healthy", () => {
    const first = planned(context(), begun, compared, 3 * second);
    expect(first).toMatchObject({
      state: { reachedAt: 3 * second },
      questions: [],
      waiting: "the canary's judgement 1 (1 min)",
      wakeAt: 63 * second,
    });
    expect(planned(context(), first.state, compared, 63 * second - 1).questions).toEqual([]);
    expect(planned(context(), first.state, compared, 63 * second)).toMatchObject({
      waiting: "the canary's judgement 1 (being made)",
      wakeAt: 63 * second + 30 * minute,
      questions: [
        {
          kind: "judge",
          number: 1,
          from: 3 * second,
          to: 63 * second,
          canary: groups.canary,
          baseline: groups.baseline,
        },
      ],
    });
    const next = planned(context(), scored(context(), [90], 3 * second), compared, 200 * second);
    expect(next.questions).toMatchObject([{ number: 2, from: 3 * second, to: 123 * second }]);
  });

  it("fails when its metrics cannot be read in the time that a group has to get healthy", () => {
    const begun = scored(context(), [90], 3 * second);
    expect(planned(context(), begun, compared, 123 * second + 30 * minute - 1).state.phase).toBe("running");
    expect(planned(context(), begun, compared, 123 * second + 30 * minute).state).toMatchObject({
      phase: "undoing",
      reason: "canary: judgement 2 could not be made within 30 min: its metrics cannot be read",
    });
  });

  it("is judged after its warmup, by no more than the lookback", () => {
    const warm = context({ warmupMs: 10 * minute, lookbackMs: 20 * second });
    expect(planned(warm, scored(warm, []), compared, 11 * minute).questions).toMatchObject([
      { from: 11 * minute - 20 * second, to: 11 * minute },
    ]);
  });

  it.each([
    ["fails as soon as a score is not above the marginal one", [50], "failed", "is not above 50"],
    ["goes on with a score between both", [60], "goes on", ""],
    ["fails when the last score does not reach the one to pass", [100, 74], "failed", "is below 75"],
    ["passes by its last score", [60, 75], "passed", ""],
  ] as const)("%s", (_, scores, outcome, reason) => {
    const state = scored(context(), scores);
    const plan = planned(context(), state, compared, 10 * minute);
    if (outcome === "failed")
      expect(plan.state).toMatchObject({
        phase: "undoing",
        reason: `canary: its score ${scores.at(-1)} ${reason}: because of ${scores.at(-1)}`,
      });
    else expect(running(plan.state).step).toBe(outcome === "passed" ? 1 : 0);
  });

  it("that has passed is removed before the new version grows", () => {
    const plan = planned(context(), scored(context(), [75, 75]), compared, 10 * minute);
    expect(plan.actions).toEqual(
      [groups.canary, groups.baseline].map((group) => ({ kind: "serve", group, instances: 0, weight: 0 })),
    );
  });

  it("is not cut short by a person's promotion", () => {
    const state = { ...running(scored(context(), [])), isPromoted: true };
    expect(planned(context(), state, compared, 1)).toMatchObject({
      state: { step: 0 },
      waiting: "the canary's judgement 1 (1 min)",
    });
  });

  it("is judged also while the rollout is paused; what comes after it waits", () => {
    const paused = { ...context(), isPaused: true };
    expect(planned(paused, scored(paused, []), compared, minute).questions).toHaveLength(1);
    const alone = seenWith([groupWith(oldGroup, { size: pinned(size) })]);
    expect(planned(paused, scored(paused, [75, 75]), alone, minute)).toMatchObject({
      state: { step: 1 },
      waiting: "`trysail rollout resume`",
    });
  });
});

describe("an analysis", () => {
  const metric: MeasuredMetric = {
    name: "errors",
    intervalMs: minute,
    count: 3,
    successCondition: { op: "<", value: 1 },
    failureCondition: { op: ">", value: 5 },
    query: { kind: "expression", expression: "1", periodSeconds: 60 },
  };
  const context = contextWith({
    analysis: [metric],
    strategy: { pause: { kind: "time", ms: 10 * minute } },
    timeouts: { promoteMs: 60 * minute },
  });
  const begun = planned(context, runningWith(), serving, 0);
  const measured = (value: number, at: number): Answer => ({
    kind: "measured",
    metric: "errors",
    at,
    measured: { kind: "value", value },
  });
  const after = (state: RegionState, value: number, at: number) =>
    answerRegion(context, state, measured(value, at), at);
  const question = { kind: "measure", metric: "errors", group: newGroup };

  it("begins when the new group takes traffic, and asks again after each interval", () => {
    expect(planned(context, runningWith(), seenWith([groupWith(oldGroup)]), 0).questions).toEqual([]);
    expect(begun).toMatchObject({ questions: [question], wakeAt: 10 * minute });
    const once = planned(context, after(begun.state, 0, 3), serving, 4);
    expect(once).toMatchObject({ questions: [], wakeAt: minute + 3, waiting: "the pause after 100 % new (10 min)" });
    expect(planned(context, once.state, serving, minute + 3).questions).toEqual([question]);
  });

  it("begins with none of a canary's steps", () => {
    const tried = contextWith({ analysis: [metric], canary });
    const alone = seenWith([groupWith(oldGroup, { size: pinned(size) })]);
    expect(planned(tried, runningWith({ step: 1 }), alone, 0)).toMatchObject({
      state: { step: 2, watch: { analysis: undefined } },
      questions: [],
    });
  });

  it("goes on in later steps, and begins there no second time", () => {
    const rolling = contextWith({
      analysis: [metric],
      strategy: { type: "rolling-red-black", percentages: [100] },
    });
    const state = { ...running(after(begun.state, 0, 3)), step: 2, reachedAt: undefined };
    const starting = healthy(4).map((one) => ({ ...one, health: "starting" as const }));
    const waitingFor = seenWith([
      groupWith(oldGroup, { isServing: false }),
      groupWith(newGroup, { instances: starting }),
    ]);
    // Also while a step waits for its goal, or acts.
    expect(planned(rolling, state, waitingFor, minute + 3)).toMatchObject({
      questions: [question],
      waiting: expect.stringContaining("0 of 4 instances"),
    });
    const acting = seenWith([groupWith(oldGroup, { isServing: false }), groupWith(newGroup)]);
    expect(planned(rolling, state, acting, 4)).toMatchObject({ waiting: "its changes", wakeAt: minute + 3 });
    const again = planned(rolling, { ...state, step: 0 }, serving, 4).state;
    expect(again).toMatchObject({ watch: { analysis: { startedAt: 0 } } });
  });

  it("is measured while the next step waits for its window, and when the region has succeeded", () => {
    const frozen = contextWith({
      analysis: [metric],
      windows: { "us-west-2": { timeZone: "UTC", windows: [], freezes: [{ from: 0, to: 100 * minute }] } },
    });
    const state = after(begun.state, 0, 3);
    expect(planned(frozen, state, serving, 4)).toMatchObject({
      waiting: expect.stringContaining("its window"),
      wakeAt: minute + 3,
    });
    expect(planned(frozen, state, serving, minute + 3).questions).toEqual([question]);
    const { task, watch } = running(state);
    const done: RegionState = { phase: "succeeded", task, watch, at: 0 };
    expect(planned(context, done, serving, 4)).toMatchObject({ questions: [], wakeAt: minute + 3 });
    expect(planned(context, done, serving, minute + 3).questions).toEqual([question]);
    expect(after(done, 9, minute + 3)).toMatchObject({ watch: { analysis: { result: { advice: "abort" } } } });
  });

  it("that fails undoes the region", () => {
    expect(planned(context, after(begun.state, 9, 3), serving, 4).state).toMatchObject({
      phase: "undoing",
      reason: expect.stringMatching(/^analysis: Metric "errors" assessed Failed due to /),
    });
  });

  it("that succeeds holds up nothing", () => {
    const state = [0, 0, 0].reduce((before, value, index) => after(before, value, index), begun.state);
    expect(planned(context, state, serving, 10 * minute).state).toMatchObject({ step: 1 });
  });

  describe("that is inconclusive", () => {
    const unsure = after(after(begun.state, 0, 3), 3, 20 * minute);

    it("waits for a person, though the pause is over, but not for ever", () => {
      expect(planned(context, unsure, serving, 30 * minute)).toMatchObject({
        state: { step: 0 },
        waiting: expect.stringMatching(/^`trysail rollout promote` or `abort`: Metric "errors" assessed Inconclusive/),
        wakeAt: 80 * minute,
      });
      expect(planned(context, unsure, serving, 80 * minute - 1).state.phase).toBe("running");
      expect(planned(context, unsure, serving, 80 * minute).state).toMatchObject({
        phase: "undoing",
        reason: "100 % new: nobody promoted it within 1 h",
      });
    });

    it("waits in a later step from when that has reached its goal", () => {
      const later = { ...running(unsure), reachedAt: 25 * minute };
      expect(planned(context, later, serving, 30 * minute).wakeAt).toBe(85 * minute);
    });

    it("begins anew when a person lets it go on, so that one word is enough", () => {
      const plan = planned(context, { ...running(unsure), isPromoted: true }, serving, 21 * minute);
      expect(plan.state).toMatchObject({
        step: 1,
        watch: { analysis: { startedAt: 21 * minute, result: undefined } },
      });
      expect(plan.questions).toEqual([question]);
    });
  });
});
