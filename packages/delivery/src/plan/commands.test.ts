import { describe, expect, it } from "vitest";
import { commanded, regionsToSee, statusText, type Command, type Rollout } from "./rollout.ts";
import { canary, minute, runningWith, silent, taskWith } from "./specs.test-kit.ts";
import {
  serving,
  swapped,
  pending,
  succeeded,
  undoing,
  undone,
  halted,
  waves,
  rolloutWith,
  everywhere,
  settledPlan,
  phases,
} from "./rollouts.test-kit.ts";

const command = (rollout: Rollout, given: Command, now = 5): Rollout => {
  const after = commanded(rollout, given, now);
  return typeof after === "string" ? expect.fail(after) : after;
};

describe("commands", () => {
  it.each(["pause", "resume", "promote"] as const)("%s has no meaning for what is over or goes back", (kind) => {
    for (const status of ["undoing", "succeeded", "undone", "halted"] as const) {
      const rollout = rolloutWith([runningWith({ reachedAt: 0 })], {}, { status });
      expect(commanded(rollout, { kind }, 5)).toBe(`r1 is ${statusText(rollout)}: there is nothing to ${kind}.`);
    }
  });

  it("pause and resume hold up what is queued or goes on, and let it go again", () => {
    for (const status of ["queued", "running"] as const) {
      const paused = command(rolloutWith([pending], {}, { status }), { kind: "pause" });
      expect(paused).toMatchObject({ isPaused: true, status });
      expect(command(paused, { kind: "resume" })).toMatchObject({ isPaused: false, status });
    }
    const paused = command(rolloutWith([pending]), { kind: "pause" });
    expect(settledPlan(paused, everywhere(serving), 6)).toMatchObject({
      rollout: paused,
      actions: { "us-west-2": [] },
      waiting: { "us-west-2": "`trysail rollout resume`" },
    });
  });

  it("resume gives steps that were held up their whole time again, and nobody else", () => {
    const states = [runningWith(), runningWith({ reachedAt: 1 }), succeeded()];
    const paused = rolloutWith(states, {}, { isPaused: true });
    const after = command(paused, { kind: "resume" }, 60 * minute);
    expect(Object.values(after.regions)).toEqual([{ ...states[0], since: 60 * minute }, states[1], states[2]]);
    const going = rolloutWith(states);
    expect(command(going, { kind: "resume" }, 60 * minute)).toBe(going);
  });

  it("promote ends the pauses that go on, and no others", () => {
    const states = [runningWith({ reachedAt: 0 }), runningWith(), succeeded()];
    const after = command(rolloutWith(states), { kind: "promote" });
    expect(Object.values(after.regions)).toEqual([{ ...states[0], isPromoted: true }, states[1], states[2]]);
    expect(after.isPromoted).toBe(false);
  });

  it("promote ends the bake time, that of the wave alone", () => {
    const three = [...waves.map((wave) => ({ ...wave, bakeMs: 10 * minute })), { regions: ["sa-east-1"], bakeMs: 0 }];
    const baking = rolloutWith([succeeded(minute)], { waves: three });
    const promoted = command({ ...baking, regions: { ...baking.regions, "sa-east-1": pending } }, { kind: "promote" });
    expect(promoted.isPromoted).toBe(true);
    expect(regionsToSee(promoted, 2 * minute)).toEqual(["us-west-2", "us-east-1", "eu-west-1"]);
    // It holds until the whole wave has begun: a region that does not answer does not fall back into the bake time.
    const some = { ...everywhere(serving), "us-west-2": swapped, "eu-west-1": silent() };
    const half = settledPlan(promoted, some, 2 * minute).rollout;
    expect([phases(half), half.isPromoted]).toEqual([["succeeded", "running", "pending", "pending"], true]);
    expect(regionsToSee(half, 2 * minute)).toContain("eu-west-1");
    const begun = settledPlan(half, { ...everywhere(serving), "us-west-2": swapped }, 3 * minute).rollout;
    expect([phases(begun), begun.isPromoted]).toEqual([["succeeded", "running", "running", "pending"], false]);
  });

  it.each([
    ["nothing has begun", [pending]],
    ["a step has not reached its goal", [runningWith()]],
    ["a canary is judged, which says itself when it is over", [runningWith({ reachedAt: 0 })]],
    ["the bake time is over", [succeeded(-10 * minute)]],
  ])("promote has no meaning where %s", (_, states) => {
    expect(commanded(rolloutWith(states, { canary }), { kind: "promote" }, 5)).toBe(
      "r1 waits for nothing that could be promoted.",
    );
  });
});

describe("abort", () => {
  const abort: Command = { kind: "abort", reason: "not today" };

  it("takes back what waits for its turn", () => {
    expect(command(rolloutWith([pending], {}, { status: "queued" }), abort)).toMatchObject({
      status: "undone",
      reason: "not today",
      failedAt: 5,
      endedAt: 5,
    });
  });

  it("undoes all that was changed, also where going back is not automatic", () => {
    const rollout = rolloutWith([succeeded(), runningWith(), pending], { rollback: { automatic: false } });
    const after = command(rollout, abort);
    expect(after).toMatchObject({ status: "undoing", reason: "not today", failedAt: 5, endedAt: undefined });
    expect(Object.values(after.regions)).toEqual([
      { phase: "undoing", task: taskWith(), reason: "not today", since: 5 },
      { phase: "undoing", task: taskWith(), reason: "not today", since: 5 },
      pending,
    ]);
  });

  it("is over at once where nothing was changed", () => {
    expect(command(rolloutWith([pending]), abort)).toMatchObject({ status: "undone", endedAt: 5 });
  });

  it("undoes what is halted, again: the first reason stays", () => {
    const states = [halted(), undone(), halted({ task: undefined })];
    const given = { status: "halted", reason: "us-west-2: code 500", failedAt: 1, endedAt: 2 } as const;
    const after = command(rolloutWith(states, {}, given), abort);
    expect(after).toMatchObject({ status: "undoing", reason: given.reason, failedAt: 1, endedAt: undefined });
    expect(phases(after)).toEqual(["undoing", "undone", "halted"]);
    expect(command(rolloutWith(states, {}, { ...given, reason: undefined }), abort).reason).toBe("not today");
  });

  it("changes nothing of what goes back already", () => {
    const rollout = rolloutWith([undoing()], {}, { status: "undoing" });
    expect(command(rollout, abort)).toBe(rollout);
  });

  it.each(["succeeded", "undone"] as const)("has no meaning for what is %s", (status) => {
    const rollout = rolloutWith([pending], {}, { status });
    expect(commanded(rollout, abort, 5)).toBe(
      `r1 is ${statusText(rollout)}: there is nothing to abort. To go back to an earlier version: trysail rollout rollback.`,
    );
  });
});
