import { describe, expect, it } from "vitest";
import { exactly, pinned } from "./goal.ts";
import type { ServerGroup } from "./model.ts";
import { answerRegion, planRegion } from "./region.ts";
import {
  canary,
  contextWith,
  groupWith,
  instanceWith,
  minute,
  newGroup,
  old,
  oldGroup,
  planned,
  runningWith,
  seenWith,
  silent,
  size,
  taskWith,
  type SpecGiven,
} from "./specs.test-kit.ts";
import type { RegionState } from "./state.ts";
import { stepsOf, stepText } from "./steps.ts";

const pending: RegionState = { phase: "pending" };
const serving = seenWith([groupWith(oldGroup)]);
const pinnedOld = groupWith(oldGroup, { size: pinned(size) });
const both = (given: Partial<ServerGroup> = {}) =>
  seenWith([pinnedOld, groupWith(newGroup, { size: pinned(size), ...given })]);
const grown = runningWith({ reachedAt: 0 });
const halfHour = 30 * minute;
const denied = silent({ code: "AccessDenied", message: "you are not authorized", isTransient: false });

describe("the begin of a region's part", () => {
  it("decides what it is about, and stores it before the first change", () => {
    expect(planRegion(contextWith(), pending, serving, 7)).toMatchObject({
      state: { phase: "running", task: taskWith(), step: 0, since: 7, reachedAt: undefined },
      actions: [],
    });
  });

  it("begins with the canary, but where nothing serves that it could be compared with", () => {
    const context = contextWith({ canary });
    const first = (seen: typeof serving) => {
      const { state } = planRegion(context, pending, seen, 0);
      return state.phase === "running"
        ? stepText(stepsOf(context.spec, context.region, "rollout")[state.step]!)
        : state;
    };
    expect([serving, seenWith([])].map(first)).toEqual(["canary", "100 % new"]);
  });

  it("is over with nothing to undo when it cannot be decided", () => {
    const untagged = seenWith([groupWith(oldGroup, { version: undefined })]);
    expect(planRegion(contextWith({ canary }), pending, untagged, 7)).toMatchObject({
      state: {
        phase: "undone",
        at: 7,
        left: undefined,
        reason: expect.stringMatching(/tells no version/),
      },
      waiting: expect.stringMatching(/tells no version/),
    });
  });

  it("waits for a region that does not answer as long as a group has to get healthy", () => {
    const { state, waiting } = planRegion(contextWith(), pending, silent(), 5);
    expect([state, waiting]).toEqual([{ phase: "pending", silentSince: 5 }, "an answer: EC2 is not available"]);
    expect(planRegion(contextWith(), state, silent(), 5 + halfHour - 1)).toMatchObject({ state, wakeAt: 5 + halfHour });
    expect(planRegion(contextWith(), state, silent(), 5 + halfHour).state).toMatchObject({
      phase: "undone",
      reason: "it does not answer: EC2 is not available",
      left: undefined,
    });
    expect(planRegion(contextWith(), state, serving, 6).state.phase).toBe("running");
  });

  it("gives up at once where access is denied", () => {
    expect(planRegion(contextWith(), pending, denied, 0).state).toMatchObject({
      phase: "undone",
      reason: "you are not authorized",
      left: undefined,
    });
  });
});

describe("a step", () => {
  it("acts until its goal is reached, and then remembers when it was", () => {
    const state = runningWith();
    expect(planned(contextWith(), state, serving, 1)).toMatchObject({
      waiting: "its changes",
      actions: [
        { kind: "create", group: newGroup },
        { kind: "resize", group: oldGroup },
      ],
    });
    expect(planned(contextWith({ strategy: { pause: { kind: "promote" } } }), state, both(), 9).state).toMatchObject({
      step: 0,
      reachedAt: 9,
    });
  });

  it("stores what it has seen of the new version's instances before it does anything", () => {
    const partly = both({ instances: [instanceWith("i-1")] });
    const plan = planRegion(contextWith(), runningWith(), partly, 1);
    expect(plan.actions).toEqual([]);
    expect(plan.state).toMatchObject({ watch: { losses: { groups: { [newGroup]: { "i-1": "healthy" } } } } });
  });

  it("is followed by the next, until the region has succeeded", () => {
    const seen = seenWith([
      groupWith(oldGroup, { size: exactly(0), isServing: false, instances: [], isPromoted: false }),
      groupWith(newGroup, { isPromoted: true }),
    ]);
    // Of red/black, the last.
    expect(planned(contextWith(), runningWith({ step: 4 }), seen, 5).state).toMatchObject({
      phase: "succeeded",
      at: 5,
      task: taskWith(),
    });
  });

  it("takes no more from traffic than the guard lets, rounded up", () => {
    const taken = (minimumHealthyPercent: number) =>
      planned(
        contextWith({ guards: { minimumHealthyPercent, healthyPercent: 50 } }),
        runningWith({ step: 1 }),
        both({ instances: [instanceWith("i-1"), instanceWith("i-2")] }),
        1,
      ).waiting;
    expect(taken(50)).toBe("its changes");
    expect(taken(51)).toBe(
      `${oldGroup} cannot be taken from traffic: of 6 healthy instances at least 3 must go on serving`,
    );
  });
});

describe("a step that does not come to its end in time", () => {
  const late = (seen: ReturnType<typeof both>, state = runningWith()) =>
    [halfHour - 1, halfHour].map((now) => planned(contextWith(), state, seen, now).state);

  it("undoes the region, and says which instances are not healthy and why, and what the group says", () => {
    const sick = instanceWith("i-1", { health: "unhealthy", reason: "code 500" });
    const seen = both({ instances: [sick], reason: "no capacity in us-west-2a" });
    const [before, after] = late(seen);
    expect(before).toMatchObject({ phase: "running" });
    expect(after).toMatchObject({
      phase: "undoing",
      task: taskWith(),
      since: halfHour,
      reason: `100 % new: not done within 30 min: 0 of 4 instances of ${newGroup} are healthy (i-1: code 500; no capacity in us-west-2a)`,
    });
    // And is looked at then, if nothing is heard before.
    expect(planned(contextWith(), runningWith(), seen, 1).wakeAt).toBe(halfHour);
  });

  it("undoes the region when its changes come to nothing", () => {
    expect(late(serving).map((state) => ("reason" in state ? state.reason : state.phase))).toEqual([
      "running",
      "100 % new: not done within 30 min: changes that do not come into effect",
    ]);
  });

  it("is one that never reached its goal: what falls short later is put right", () => {
    const smaller = both({ size: { min: 2, desired: 2, max: 8 }, instances: [instanceWith("i-1")] });
    const context = contextWith({ strategy: { pause: { kind: "promote" } } });
    const plan = planned(context, grown, smaller, halfHour + 1);
    expect(plan.state.phase).toBe("running");
    expect(plan.actions).toEqual([{ kind: "resize", group: newGroup, size: pinned(size) }]);
    // But by nobody's hand while it is paused.
    expect(planned({ ...context, isPaused: true }, grown, smaller, halfHour + 1).actions).toEqual([]);
  });

  it("is left as it is where going back is not automatic", () => {
    const context = contextWith({ rollback: { automatic: false } });
    expect(planned(context, runningWith(), serving, halfHour).state).toEqual({
      phase: "halted",
      task: taskWith(),
      at: halfHour,
      reason: "100 % new: not done within 30 min: changes that do not come into effect",
      left: "rollback.automatic is off: everything is left as it is.",
    });
  });
});

describe("a region that does not answer", () => {
  it("is waited for as long as its step may take, and then goes back", () => {
    const plan = planRegion(contextWith(), runningWith({ since: 5 }), silent(), 6);
    expect(plan).toMatchObject({ waiting: "an answer: EC2 is not available", wakeAt: halfHour + 5 });
    expect(planRegion(contextWith(), runningWith(), silent(), halfHour - 1).state.phase).toBe("running");
    expect(planRegion(contextWith(), runningWith(), silent(), halfHour).state).toMatchObject({
      phase: "undoing",
      reason: "it does not answer: EC2 is not available",
    });
  });

  it("is waited for as long again in a pause, however long that lasts: only its silence counts", () => {
    const context = contextWith({ strategy: { pause: { kind: "time", ms: 5 * halfHour } } });
    const quiet = planned(context, grown, silent(), 4 * halfHour);
    expect(quiet).toMatchObject({ state: { phase: "running", silentSince: 4 * halfHour }, wakeAt: 5 * halfHour });
    expect(planned(context, quiet.state, silent(), 5 * halfHour - 1).state).toBe(quiet.state);
    expect(planned(context, quiet.state, silent(), 5 * halfHour).state).toMatchObject({ phase: "undoing" });
    const heard = planned(context, quiet.state, both(), 4 * halfHour + 1).state;
    expect(heard).toMatchObject({ phase: "running", silentSince: undefined });
    expect(planned(context, heard, silent(), 5 * halfHour).state).toMatchObject({ silentSince: 5 * halfHour });
  });

  it("goes back at once where access is denied, without another try", () => {
    expect(planRegion(contextWith(), grown, denied, 0).state).toMatchObject({
      phase: "undoing",
      reason: "you are not authorized",
    });
  });

  it("is waited for when it has succeeded", () => {
    const done: RegionState = { phase: "succeeded", task: taskWith(), at: 0, watch: grown.watch };
    expect([silent(), denied].map((seen) => planRegion(contextWith(), done, seen, halfHour * 10).state)).toEqual([
      done,
      done,
    ]);
  });
});

describe("what undoes a region at any time", () => {
  const states: readonly (readonly [string, RegionState])[] = [
    ["in a step", runningWith()],
    ["in a pause", grown],
    ["when it has succeeded", { phase: "succeeded", task: taskWith(), at: 0, watch: grown.watch }],
  ];
  const ill = (count: number) =>
    both({
      instances: [1, 2, 3, 4].map((number) =>
        instanceWith(`i-${number}`, number <= count ? { health: "unhealthy", reason: "code 500" } : {}),
      ),
    });
  const context = contextWith({ strategy: { pause: { kind: "promote" } }, guards: { lostInstances: 1 } });

  it.each(states)("is an alarm: %s", (_, state) => {
    const reasonOf = (...alarms: string[]) => planned(context, state, { ...both(), alarms }, 3).state;
    expect(reasonOf("errors")).toMatchObject({ phase: "undoing", since: 3, reason: "alarm errors in ALARM" });
    expect(reasonOf("errors", "latency")).toMatchObject({ reason: "alarms errors, latency in ALARM" });
  });

  it.each(states)("is more lost instances than the spec allows: %s", (_, state) => {
    const known = planned(context, state, both(), 1).state;
    expect(planned(context, known, ill(1), 2).state.phase).toBe(state.phase);
    expect(planned(context, known, ill(2), 2).state).toMatchObject({
      phase: "undoing",
      reason: "2 instances of version new died or fell ill (i-1: code 500; i-2: code 500)",
    });
  });

  it.each(states)("is a failed analysis: %s", (_, state) => {
    if (state.phase !== "running" && state.phase !== "succeeded") return expect.fail();
    const result = { outcome: "Failed", reason: 'Metric "errors" assessed Failed', advice: "abort" } as const;
    const analysis = { startedAt: 0, metrics: [], result };
    const failing = { ...state, watch: { ...state.watch, analysis } };
    expect(planned(context, failing, both(), 3).state).toMatchObject({
      phase: "undoing",
      reason: 'analysis: Metric "errors" assessed Failed',
    });
  });

  it("is a single lost instance where none may be lost", () => {
    const strict = contextWith({ guards: { lostInstances: 0 }, strategy: { pause: { kind: "promote" } } });
    const known = planned(strict, grown, both(), 1).state;
    expect(planned(strict, known, ill(1), 2).state).toMatchObject({
      reason: expect.stringMatching(/^1 instance of version new died/),
    });
  });

  it("counts the canary's instances, and neither the baseline's nor those of what is being deleted", () => {
    const trial = { canary: "playback-prod-canary-v000", baseline: "playback-prod-baseline-v000", version: old };
    const trials = (name: string, given: Partial<ServerGroup>) =>
      seenWith([
        pinnedOld,
        ...[trial.canary, trial.baseline].map((one) =>
          groupWith(one, { size: exactly(1), ...(one === name ? given : {}) }),
        ),
      ]);
    const state = runningWith({ task: taskWith({ canary: trial }) });
    const judged = contextWith({ canary, guards: { lostInstances: 0 } });
    const known = planned(judged, state, trials("", {}), 1).state;
    const ended = (name: string, given: Partial<ServerGroup>) =>
      planned(judged, known, trials(name, given), 2).state.phase;
    expect(ended(trial.canary, { instances: [] })).toBe("undoing");
    expect(ended(trial.baseline, { instances: [] })).toBe("running");
    expect(ended(trial.canary, { instances: [], isDeleting: true })).toBe("running");
  });
});

describe("a change that is refused", () => {
  const refused = { kind: "refused", message: "create: not allowed" } as const;

  it("undoes the region, also when it has succeeded", () => {
    const done: RegionState = { phase: "succeeded", task: taskWith(), at: 0, watch: grown.watch };
    for (const state of [runningWith(), done])
      expect(answerRegion(contextWith(), state, refused, 4)).toEqual({
        phase: "undoing",
        task: taskWith(),
        reason: "create: not allowed",
        since: 4,
      });
  });

  it("on the way back leaves the region as it is, for a person", () => {
    const state: RegionState = { phase: "undoing", task: taskWith(), reason: "code 500", since: 1 };
    expect(answerRegion(contextWith(), state, refused, 4)).toEqual({
      phase: "halted",
      task: taskWith(),
      reason: "code 500",
      at: 4,
      left: "create: not allowed",
    });
  });

  it("says nothing of a region that has not begun, or is over", () => {
    for (const state of [pending, { phase: "undone", reason: "", at: 0, left: undefined } as const])
      expect(answerRegion(contextWith(), state, refused, 4)).toBe(state);
  });
});

describe("outside of its windows", () => {
  const opens = 8 * halfHour;
  const frozen: SpecGiven = {
    windows: { "us-west-2": { timeZone: "UTC", windows: [], freezes: [{ from: 0, to: opens }] } },
  };
  const context = contextWith(frozen);
  const text = `its window, which opens at ${new Date(opens).toISOString()}`;

  it("a region does not begin, also if it does not answer, and begins when they open", () => {
    expect(planRegion(context, pending, serving, 1)).toMatchObject({ state: pending, waiting: text, wakeAt: opens });
    expect(planRegion(context, pending, denied, 1).state).toBe(pending);
    expect(planRegion(context, pending, serving, opens).state.phase).toBe("running");
    expect(planRegion({ ...context, region: "us-east-1" }, pending, serving, 1).state.phase).toBe("running");
  });

  it("a step that exposes more does not begin; what falls short is put right meanwhile", () => {
    expect(planned(context, grown, both(), 1)).toMatchObject({ state: { step: 0 }, waiting: text, wakeAt: opens });
    const smaller = both({ size: exactly(3) });
    expect(planned(context, grown, smaller, 1).actions).toMatchObject([{ kind: "resize", group: newGroup }]);
    expect(planned(context, grown, both(), opens).state).toMatchObject({ step: 1 });
  });

  it("a step that exposes no more begins", () => {
    const shifted = seenWith([groupWith(oldGroup, { size: pinned(size), isServing: false }), groupWith(newGroup)]);
    expect(planned(context, runningWith({ step: 1, reachedAt: 0 }), shifted, 1).state).toMatchObject({ step: 2 });
  });

  it("going back is not held up", () => {
    const state: RegionState = { phase: "undoing", task: taskWith(), reason: "code 500", since: 1 };
    expect(planRegion(context, state, both(), 1).actions).toMatchObject([{ kind: "serve", group: newGroup }]);
  });

  it("a region waits for a person where no window ever opens", () => {
    const never = contextWith({
      windows: { "us-west-2": { timeZone: "UTC", windows: [{ days: [], from: 0, to: 60 }], freezes: [] } },
    });
    expect(planRegion(never, pending, serving, 1)).toMatchObject({
      state: pending,
      waiting: "a window that never opens: see the spec's windows",
      wakeAt: undefined,
    });
  });
});

describe("while it is paused by a person", () => {
  const paused = contextWith({}, { isPaused: true });
  const resume = "`trysail rollout resume`";

  it("no region begins, and no step that exposes more", () => {
    expect(planRegion(paused, pending, serving, 1)).toMatchObject({ state: pending, waiting: resume });
    expect(planned(paused, grown, both(), 1)).toMatchObject({ state: { step: 0 }, waiting: resume });
  });

  it("a step that exposes more changes nothing, and its time does not end", () => {
    const plan = planned(paused, runningWith(), serving, halfHour);
    expect(plan).toMatchObject({ state: { phase: "running" }, waiting: resume, actions: [] });
    // One that exposes no more goes on.
    const seen = seenWith([groupWith(oldGroup, { isServing: false }), groupWith(newGroup)]);
    expect(planned(paused, runningWith({ step: 2 }), seen, 1).actions).toMatchObject([{ kind: "demote" }]);
  });

  it("what only needs time is still waited for, and not for ever", () => {
    const starting = both({ instances: [] });
    expect(planned(paused, runningWith(), starting, halfHour - 1).state.phase).toBe("running");
    expect(planned(paused, runningWith(), starting, halfHour).state.phase).toBe("undoing");
  });
});

describe("answers", () => {
  const judged = (number: number) =>
    ({ kind: "judged", number, score: { score: 90, reason: "good", at: 1, report: undefined } }) as const;

  it("of a judgement count once, whoever gives them", () => {
    const one = answerRegion(contextWith(), runningWith(), judged(1), 1);
    expect(one).toMatchObject({ watch: { scores: [{ score: 90 }] } });
    expect(answerRegion(contextWith(), one, judged(1), 1)).toBe(one);
    expect(answerRegion(contextWith(), one, judged(3), 1)).toBe(one);
  });

  it("of a measurement change nothing where none goes on", () => {
    const answer = { kind: "measured", metric: "errors", at: 1, measured: { kind: "value", value: 1 } } as const;
    const state = runningWith();
    expect(answerRegion(contextWith(), state, answer, 1)).toBe(state);
  });
});
