import { describe, expect, it } from "vitest";
import { answered, isOver, newRollout, planRollout, regionsToSee, statusText } from "./rollout.ts";
import {
  fresh,
  groupWith,
  keptGroup,
  minute,
  newGroup,
  old,
  oldGroup,
  runningWith,
  second,
  seenWith,
  silent,
  specWith,
  type SpecGiven,
} from "./specs.test-kit.ts";
import type { RegionState } from "./state.ts";
import {
  serving,
  swapped,
  alarming,
  pending,
  succeeded,
  undoing,
  undone,
  halted,
  waves,
  rolloutWith,
  everywhere,
  settledPlan,
  acting,
  phases,
} from "./rollouts.test-kit.ts";

describe("a new rollout", () => {
  it("waits for its turn, with all regions of its waves before them", () => {
    const about = { id: "r1", kind: "rollout", spec: specWith({ waves }), version: fresh } as const;
    const rollout = newRollout(about, 7);
    expect(rollout).toEqual({
      ...about,
      createdAt: 7,
      status: "queued",
      reason: undefined,
      failedAt: undefined,
      endedAt: undefined,
      isPaused: false,
      isPromoted: false,
      regions: { "us-west-2": pending, "us-east-1": pending, "eu-west-1": pending },
    });
    expect(regionsToSee(rollout, 7)).toEqual([]);
    expect(planRollout(rollout, everywhere(serving), 7)).toEqual({
      rollout,
      actions: {},
      questions: {},
      waiting: { "": "waiting for its turn" },
      wakeAt: undefined,
    });
  });

  it.each(["succeeded", "undone", "halted"] as const)("that is %s is over", (status) => {
    const rollout = rolloutWith([succeeded()], {}, { status });
    expect(isOver(rollout)).toBe(true);
    expect(regionsToSee(rollout, 0)).toEqual([]);
    expect(planRollout(rollout, everywhere(alarming), 0)).toMatchObject({
      rollout,
      waiting: { "": statusText(rollout) },
    });
  });

  it.each(["queued", "running", "undoing"] as const)("that is %s is not over", (status) => {
    expect(isOver(rolloutWith([pending], {}, { status }))).toBe(false);
  });
});

it.each([
  ["queued", "waiting for its turn"],
  ["running", "running"],
  ["undoing", "being undone"],
  ["succeeded", "done"],
  ["undone", "undone"],
  ["halted", "halted"],
] as const)("a rollout that is %s is told as %s", (status, text) => {
  expect(statusText(rolloutWith([pending], {}, { status }))).toBe(text);
});

it("a rollback puts back the group that is kept", () => {
  const kept = seenWith([keptGroup(oldGroup), groupWith(newGroup, { isPromoted: true })]);
  const rollback = rolloutWith([pending], {}, { kind: "rollback", version: old });
  expect(settledPlan(rollback, everywhere(kept), 0).actions["us-west-2"]).toMatchObject([
    { kind: "resize", group: newGroup },
    { kind: "resize", group: oldGroup, size: { desired: 4 } },
  ]);
});

describe("waves", () => {
  it("begin with the first one's regions alone", () => {
    const rollout = rolloutWith([pending]);
    expect(regionsToSee(rollout, 0)).toEqual(["us-west-2"]);
    const plan = settledPlan(rollout, everywhere(serving), 0);
    expect(phases(plan.rollout)).toEqual(["running", "pending", "pending"]);
    expect(acting(plan)).toEqual(["us-west-2"]);
  });

  it("begin when all regions of the one before have succeeded, and its bake time is over", () => {
    const three = [
      { regions: ["us-west-2", "us-east-1"], bakeMs: 10 * minute },
      { regions: ["eu-west-1"], bakeMs: 0 },
    ];
    const after = (west: RegionState, east: RegionState, now: number, of = three) =>
      phases(settledPlan(rolloutWith([west, east], { waves: of }), everywhere(swapped), now).rollout)[2];
    expect(after(succeeded(0), runningWith({ reachedAt: 60 * minute }), 60 * minute)).toBe("pending");
    const unbaked = three.map((wave) => ({ ...wave, bakeMs: 0 }));
    expect(after(succeeded(0), pending, 60 * minute, unbaked)).toBe("pending");
    // From the last one's success.
    expect(after(succeeded(0), succeeded(5 * minute), 15 * minute - 1)).toBe("pending");
    expect(after(succeeded(5 * minute), succeeded(0), 15 * minute - 1)).toBe("pending");
    expect(after(succeeded(0), succeeded(5 * minute), 15 * minute)).toBe("running");
  });

  it("bake under observation: what is waited for is told, and what goes wrong undoes the rollout", () => {
    const rollout = rolloutWith([succeeded(0)]);
    expect(regionsToSee(rollout, minute)).toEqual(["us-west-2"]);
    const plan = settledPlan(rollout, everywhere(swapped), minute);
    expect(plan).toMatchObject({
      waiting: { "": "the bake time of us-west-2 (9 min)", "us-west-2": "the other regions" },
      wakeAt: 10 * minute,
    });
    const failed = settledPlan(rollout, everywhere(alarming), minute).rollout;
    expect(failed).toMatchObject({
      status: "undoing",
      reason: "us-west-2: alarm errors in ALARM",
      failedAt: minute,
    });
    expect(phases(failed)).toEqual(["undoing", "pending", "pending"]);
  });

  it("go on side by side: a region that waits holds up no other of its wave", () => {
    const rollout = rolloutWith([succeeded(0), pending, pending]);
    const plan = settledPlan(
      rollout,
      { ...everywhere(serving), "us-west-2": swapped, "us-east-1": silent() },
      20 * minute,
    );
    expect(phases(plan.rollout)).toEqual(["succeeded", "pending", "running"]);
    expect(plan.actions["eu-west-1"]).toMatchObject([{ kind: "create" }, { kind: "resize" }]);
    expect(regionsToSee(plan.rollout, 20 * minute)).toEqual(["us-west-2", "us-east-1", "eu-west-1"]);
  });

  it("are done when all regions have succeeded, the last one's without a bake time", () => {
    const rollout = rolloutWith([succeeded(), succeeded(), runningWith({ step: 4 })], {
      waves: [waves[0]!, { ...waves[1]!, bakeMs: 60 * minute }],
    });
    const after = settledPlan(rollout, everywhere(swapped), 3).rollout;
    expect(after).toMatchObject({ status: "succeeded", endedAt: 3, reason: undefined });
  });

  it("change nothing of a region that was not looked at", () => {
    const rollout = rolloutWith([runningWith()]);
    expect(planRollout(rollout, {}, 0)).toStrictEqual({
      rollout,
      actions: {},
      questions: {},
      waiting: {},
      wakeAt: undefined,
    });
  });

  it("are woken for what comes first", () => {
    const rollout = rolloutWith([runningWith({ since: 7 }), runningWith({ since: 3 })]);
    expect(planRollout(rollout, everywhere(silent()), 8).wakeAt).toBe(30 * minute + 3);
  });

  it("do nothing in a pass in which anything is to be stored first", () => {
    const rollout = rolloutWith([succeeded(), runningWith(), pending]);
    const plan = planRollout(rollout, { ...everywhere(serving), "us-west-2": swapped }, 20 * minute);
    expect(phases(plan.rollout)).toEqual(["succeeded", "running", "running"]);
    expect([plan.actions, plan.questions, plan.wakeAt]).toEqual([{}, {}, undefined]);
    expect(plan.waiting["us-east-1"]).toBe("its changes");
  });
});

describe("a failure in one region", () => {
  const failing = { ...everywhere(swapped), "us-east-1": alarming };

  it("stops all of them, undoes those that were changed, and leaves the others untouched", () => {
    const one = [...waves, { regions: ["sa-east-1"], bakeMs: 0 }];
    const rollout = rolloutWith([succeeded(), runningWith(), runningWith()], { waves: one });
    const all = { ...rollout, regions: { ...rollout.regions, "sa-east-1": pending } };
    const after = settledPlan(all, failing, 9).rollout;
    expect(phases(after)).toEqual(["undoing", "undoing", "undoing", "pending"]);
    expect(after).toMatchObject({ status: "undoing", reason: "us-east-1: alarm errors in ALARM", failedAt: 9 });
    expect(after.regions["us-west-2"]).toMatchObject({ since: 9, reason: "us-east-1: alarm errors in ALARM" });
    expect(regionsToSee(after, 9)).toEqual(["us-west-2", "us-east-1", "eu-west-1"]);
    // And nothing begins any more.
    expect(settledPlan(after, everywhere(serving), 9).rollout.regions["sa-east-1"]).toBe(pending);
  });

  it("leaves what has succeeded, and halts what has not, where going back is not automatic", () => {
    const rollout = rolloutWith([succeeded(), runningWith(), runningWith()], { rollback: { automatic: false } });
    const after = settledPlan(rollout, failing, 9).rollout;
    expect(phases(after)).toEqual(["succeeded", "halted", "halted"]);
    expect(after).toMatchObject({ status: "halted", endedAt: 9, failedAt: 9 });
    expect(after.regions["eu-west-1"]).toMatchObject({
      at: 9,
      reason: "us-east-1: alarm errors in ALARM",
      left: "rollback.automatic is off: it is left as it is.",
    });
  });

  it("that was found out by a refused change stops all, too", () => {
    const rollout = rolloutWith([succeeded(), runningWith(), pending]);
    const after = answered(rollout, "us-east-1", { kind: "refused", message: "create: not allowed" }, 9);
    expect(phases(after)).toEqual(["undoing", "undoing", "pending"]);
    expect(after.reason).toBe("us-east-1: create: not allowed");
  });

  it("that comes to light when a region would begin stops all, too", () => {
    const denied = silent({ message: "you are not authorized", isTransient: false });
    const looks = { ...everywhere(swapped), "us-east-1": denied };
    const after = settledPlan(rolloutWith([succeeded()]), looks, 20 * minute).rollout;
    expect(after).toMatchObject({ status: "undoing", reason: "us-east-1: you are not authorized" });
    expect(phases(after)).toEqual(["undoing", "undone", "undoing"]);
  });
});

describe("a rollout that goes back", () => {
  const back = { status: "undoing", reason: "us-east-1: code 500", failedAt: 1 } as const;

  it("does so in all regions at once", () => {
    const rollout = rolloutWith([undoing(), undoing(), undoing()], {}, back);
    expect(acting(settledPlan(rollout, everywhere(swapped), 2))).toEqual(["us-west-2", "us-east-1", "eu-west-1"]);
  });

  it("may do so by waves, the last one first", () => {
    const spec: SpecGiven = { rollback: { order: "waves" } };
    const first = settledPlan(rolloutWith([undoing(), undoing(), undoing()], spec, back), everywhere(swapped), 2);
    expect(acting(first)).toEqual(["us-east-1", "eu-west-1"]);
    expect(first.waiting["us-west-2"]).toBe("the regions that are undone before it");
    const half = settledPlan(rolloutWith([undoing(), undone(), undoing()], spec, back), everywhere(swapped), 2);
    expect(acting(half)).toEqual(["eu-west-1"]);
    const rest = settledPlan(rolloutWith([undoing(), undone(), halted()], spec, back), everywhere(swapped), 2);
    expect(acting(rest)).toEqual(["us-west-2"]);
  });

  it("by waves gives each its whole time, from when the one after it was undone or given up", () => {
    const late = (order: "waves" | "all-at-once", east: RegionState, now: number) =>
      phases(
        settledPlan(rolloutWith([undoing(0), east, pending], { rollback: { order } }, back), everywhere(swapped), now)
          .rollout,
      )[0];
    const gaveUp: RegionState = { ...(halted() as RegionState & { phase: "halted" }), at: 25 * minute };
    for (const east of [undone(25 * minute), gaveUp]) {
      expect(late("waves", east, 55 * minute - 1)).toBe("undoing");
      expect(late("waves", east, 55 * minute)).toBe("halted");
      expect(late("all-at-once", east, 30 * minute)).toBe("halted");
    }
    expect(late("waves", pending, 30 * minute)).toBe("halted");
    // From the last of them; those of the same wave and of earlier ones are not waited for.
    const turn = (states: readonly RegionState[], now: number) =>
      phases(
        settledPlan(rolloutWith(states, { rollback: { order: "waves" } }, back), everywhere(swapped), now).rollout,
      );
    expect(turn([undoing(0), undone(5 * minute), undone(25 * minute)], 55 * minute - 1)[0]).toBe("undoing");
    expect(turn([undone(25 * minute), undone(25 * minute), undoing(0)], 30 * minute)[2]).toBe("halted");
  });

  it("is undone when all are, and halted when one could not be", () => {
    const looks = everywhere(serving);
    const almost: RegionState = { ...(undoing() as RegionState & { phase: "undoing" }), reachedAt: 0 };
    const end = (other: RegionState) =>
      settledPlan(rolloutWith([almost, other, pending], {}, back), looks, 5 * second).rollout;
    expect(end(undone())).toMatchObject({ status: "undone", endedAt: 5 * second, failedAt: 1, reason: back.reason });
    expect(end(halted())).toMatchObject({ status: "halted", endedAt: 5 * second });
    expect(end(undoing(5 * second))).toMatchObject({ status: "undoing", endedAt: undefined });
  });

  it("keeps its first reason", () => {
    const rollout = rolloutWith([undoing(), undoing()], {}, back);
    const after = answered(rollout, "us-east-1", { kind: "refused", message: "delete: not allowed" }, 9);
    expect(after).toMatchObject({ status: "undoing", reason: back.reason, failedAt: 1 });
    expect(phases(after)).toEqual(["undoing", "halted", "pending"]);
  });
});

describe("answers", () => {
  const refused = { kind: "refused", message: "not allowed" } as const;

  it("of a region that is not known, or for a rollout that is over, change nothing", () => {
    const going = rolloutWith([runningWith()]);
    expect(answered(going, "ap-south-1", refused, 1)).toBe(going);
    const over = rolloutWith([succeeded(), succeeded(), succeeded()], {}, { status: "succeeded" });
    expect(answered(over, "us-west-2", refused, 1)).toBe(over);
  });

  it("that say nothing new leave the same object", () => {
    const rollout = rolloutWith([runningWith()]);
    const late = { score: 90, reason: "", at: 0, report: undefined };
    expect(answered(rollout, "us-west-2", { kind: "judged", number: 2, score: late }, 1)).toBe(rollout);
    expect(answered(rollout, "us-west-2", { kind: "judged", number: 1, score: late }, 1)).toMatchObject({
      status: "running",
      regions: { "us-west-2": { watch: { scores: [late] } } },
    });
  });
});
