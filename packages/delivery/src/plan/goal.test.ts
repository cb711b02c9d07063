import { describe, expect, it } from "vitest";
import { exactly, fullTraffic, noTraffic, pinned, trafficOf, type Goal } from "./goal.ts";
import { shareOf } from "./health.ts";
import type { Observation } from "./model.ts";
import {
  canary,
  fresh,
  groupWith,
  keptGroup,
  newGroup,
  old,
  oldGroup,
  seenWith,
  size,
  specWith,
  type SpecGiven,
} from "./specs.test-kit.ts";
import { stepsOf, type Step } from "./steps.ts";
import { goalOf, taskOf, undoneGoal, type RegionTask } from "./task.ts";

const thirdGroup = "playback-prod-v002";
const canaryGroup = "playback-prod-canary-v000";

function begun(seen: Observation, given: { kind?: "rollout" | "rollback"; hasCanary?: boolean } = {}): RegionTask {
  const { kind = "rollout", hasCanary = false } = given;
  const version = kind === "rollout" ? fresh : old;
  const task = taskOf(specWith(hasCanary ? { canary } : {}), version, kind, hasCanary, seen);
  return typeof task === "string" ? expect.fail(task) : task;
}

/** What a step makes of the old and the new group, and the rest of its goal. */
function goalIn(step: Step, given: SpecGiven = {}, seen = seenWith([groupWith(oldGroup)]), task = begun(seen)) {
  const goal = goalOf(specWith(given), task, step, seen);
  const of = (name: string) => goal.groups.find(({ group }) => group === name);
  return { ...goal, of, before: of(oldGroup), after: of(newGroup) };
}

const atLeast = (one: typeof size) => ({ kind: "at-least", size: one }) as const;
const released = { kind: "released", size } as const;
const zero = { kind: "zero" } as const;
const full = fullTraffic(4, 4);
const rolling = { strategy: { type: "rolling-red-black", percentages: [25, 50, 100] } } as const;

describe("the goal of a step", () => {
  it("holds the old group at its size until the new one is promoted, so that nothing scales it in meanwhile", () => {
    const steps: readonly Step[] = [
      { kind: "canary" },
      { kind: "end-canary" },
      { kind: "grow", percent: 100 },
      { kind: "shift", percent: 100 },
    ];
    for (const step of steps) expect(goalIn(step).before?.size).toEqual(atLeast({ min: 4, desired: 4, max: 8 }));
    expect(goalIn({ kind: "promote" }).before?.size).toEqual(released);
  });

  it("grows the new group to the whole capacity beside the old one, pinned", () => {
    const { before, after, promoted } = goalIn({ kind: "grow", percent: 100 });
    expect(before).toMatchObject({ traffic: full, isAwaited: false });
    expect(after).toEqual({
      group: newGroup,
      role: "server",
      version: fresh,
      size: atLeast(pinned(size)),
      traffic: full,
      isAwaited: true,
    });
    expect(promoted).toBeUndefined();
  });

  it("takes nothing from traffic while a red/black grows, whatever percentages it has", () => {
    const strategy = { type: "red-black", percentages: [50, 100] } as const;
    expect(goalIn({ kind: "grow", percent: 100 }, { strategy }).before?.traffic).toEqual(full);
  });

  it("takes the old groups from traffic when all of it is shifted, and waits for the new one", () => {
    const seen = seenWith([groupWith(oldGroup), groupWith(thirdGroup, { createdAt: 0 })]);
    const { before, after, of } = goalIn({ kind: "shift", percent: 100 }, {}, seen);
    expect([before?.traffic, of(thirdGroup)?.traffic]).toEqual([noTraffic, noTraffic]);
    expect(after).toMatchObject({ traffic: full, isAwaited: true });
  });

  it("marks the new group and lets its size and that of the old ones go when it is promoted", () => {
    const { before, after, promoted } = goalIn({ kind: "promote" });
    expect(promoted).toBe(newGroup);
    expect(before).toMatchObject({ size: released, traffic: noTraffic });
    expect(after).toMatchObject({ size: released, traffic: full, isAwaited: true });
    // With `none` what was there goes on serving.
    expect(goalIn({ kind: "promote" }, { strategy: { type: "none" } }).before).toMatchObject({
      size: released,
      traffic: full,
    });
  });

  it("leaves the old groups no instances when they are scaled down", () => {
    const { before, after, promoted } = goalIn({ kind: "scale-down" });
    expect(before).toMatchObject({ size: zero, traffic: noTraffic });
    expect(after).toMatchObject({ size: released, traffic: full });
    expect(promoted).toBe(newGroup);
  });

  it("has the new group alone where nothing served before", () => {
    const first = seenWith([]);
    for (const step of stepsOf(specWith(rolling), "us-west-2", "rollout"))
      expect(goalIn(step, rolling, first).groups.map(({ group }) => group)).toEqual([oldGroup]);
  });

  it("makes the canary and the baseline in the canary's step, and removes them in every other", () => {
    const strays = ["canary", "baseline"].map((role) =>
      groupWith(`playback-prod-${role}-v004`, { role: role as "canary" | "baseline", createdAt: 0 }),
    );
    const seen = seenWith([groupWith(oldGroup), ...strays]);
    const task = begun(seen, { hasCanary: true });
    const [trial, base] = [task.canary!.canary, task.canary!.baseline];
    const running = seenWith([
      ...seen.groups,
      groupWith(trial, { role: "canary" }),
      groupWith(base, { role: "baseline" }),
    ]);
    const { groups, absent } = goalIn({ kind: "canary" }, { canary: { ...canary, instances: 2 } }, running, task);
    expect(groups.map(({ group }) => group)).toEqual([oldGroup, base, trial]);
    expect(groups.slice(1)).toEqual(
      [
        { group: base, role: "baseline", version: old },
        { group: trial, role: "canary", version: fresh },
      ].map((one) => ({
        ...one,
        size: atLeast(exactly(2)),
        traffic: { instances: "all", weight: 50 },
        isAwaited: true,
      })),
    );
    expect(absent).toEqual(strays.map(({ name }) => name));
    const later: readonly Step[] = [
      { kind: "end-canary" },
      { kind: "grow", percent: 100 },
      { kind: "shift", percent: 100 },
      { kind: "promote" },
      { kind: "scale-down" },
      { kind: "clean-up" },
    ];
    for (const step of later)
      expect(goalIn(step, { canary }, running, task).absent).toEqual(
        expect.arrayContaining([...strays.map(({ name }) => name), trial, base]),
      );
    expect(goalIn({ kind: "end-canary" }, { canary }, running, task).groups).toEqual([
      expect.objectContaining({ group: oldGroup, traffic: full }),
    ]);
  });
});

describe("the groups that are kept", () => {
  const strategyOf = (keep: number) => ({ strategy: { keep } });
  const cleaned = (keep: number, seen: Observation, task = begun(seenWith([groupWith(oldGroup, { createdAt: 5 })]))) =>
    goalIn({ kind: "clean-up" }, strategyOf(keep), seen, task);
  const target = groupWith(newGroup, { createdAt: 9 });
  const kept = (number: number, given = {}) => keptGroup(`playback-prod-v10${number}`, { createdAt: number, ...given });

  it("are the newest, the replaced one among them", () => {
    const seen = seenWith([kept(1), target, keptGroup(oldGroup, { createdAt: 5 }), kept(3)]);
    expect(cleaned(0, seen).absent).toEqual([oldGroup, "playback-prod-v103", "playback-prod-v101"]);
    expect(cleaned(1, seen).absent).toEqual(["playback-prod-v103", "playback-prod-v101"]);
    expect(cleaned(2, seen).absent).toEqual(["playback-prod-v101"]);
    expect(cleaned(3, seen)).toMatchObject({
      absent: [],
      promoted: newGroup,
      groups: [{ group: newGroup, size: released }],
    });
  });

  it("are what was replaced before any that is newer, as after a rollback", () => {
    const goneBackFrom = kept(7);
    const seen = seenWith([target, keptGroup(oldGroup, { createdAt: 5 }), goneBackFrom]);
    expect(cleaned(1, seen).absent).toEqual([goneBackFrom.name]);
    expect(cleaned(0, seen).absent).toEqual([oldGroup, goneBackFrom.name]);
  });

  it("are never deleted where they take traffic, or were made by no rollout", () => {
    const seen = seenWith([target, kept(1, { isServing: true }), kept(2, { version: undefined })]);
    expect(cleaned(0, seen).absent).toEqual([]);
    // The replaced ones are, whatever they are.
    const replaced = groupWith(oldGroup, { version: undefined });
    expect(cleaned(0, seenWith([target, replaced]), begun(seenWith([replaced]))).absent).toEqual([oldGroup]);
    const other = groupWith(thirdGroup, { createdAt: 0 });
    const both = begun(seenWith([groupWith(oldGroup), other]));
    expect(cleaned(0, seenWith([target, groupWith(oldGroup), other]), both).absent).toEqual([oldGroup, thirdGroup]);
  });

  it("do not count what is being deleted", () => {
    const seen = seenWith([target, keptGroup(oldGroup, { createdAt: 5, isDeleting: true }), kept(3), kept(1)]);
    expect(cleaned(1, seen).absent).toEqual(["playback-prod-v101"]);
  });
});

describe("a rolling red/black", () => {
  it.each([
    { capacity: 4, percent: 25, before: 0, grown: 1, kept: 3 },
    { capacity: 4, percent: 50, before: 1, grown: 2, kept: 2 },
    { capacity: 4, percent: 100, before: 2, grown: 4, kept: 0 },
    { capacity: 10, percent: 25, before: 0, grown: 3, kept: 7 },
    { capacity: 3, percent: 50, before: 1, grown: 2, kept: 1 },
    { capacity: 1, percent: 25, before: 0, grown: 1, kept: 0 },
    { capacity: 1, percent: 100, before: 1, grown: 1, kept: 0 },
  ])("of $capacity has, at $percent %, $grown new instances, then takes from the old to $kept", (row) => {
    const capacity = { min: 0, desired: row.capacity, max: 20 };
    const seen = seenWith([groupWith(oldGroup, { size: capacity })]);
    const grow = goalIn({ kind: "grow", percent: row.percent }, rolling, seen);
    const shift = goalIn({ kind: "shift", percent: row.percent }, rolling, seen);
    const isWhole = row.grown === row.capacity;
    expect(grow.after?.size).toEqual(atLeast(isWhole ? pinned(capacity) : exactly(row.grown)));
    expect(shift.after?.size).toEqual(grow.after?.size);
    // While it grows, what was shifted before stays with the new group.
    const left = row.capacity - row.before;
    const expected = (instances: number) =>
      instances === row.capacity ? fullTraffic(instances, row.capacity) : trafficOf(instances, row.capacity);
    expect(grow.before?.traffic).toEqual(expected(left));
    expect(shift.before?.traffic).toEqual(expected(row.kept));
  });

  it("has weights that sum up to 100 after each shift", () => {
    for (let capacity = 1; capacity <= 40; capacity++) {
      const seen = seenWith([groupWith(oldGroup, { size: exactly(capacity) })]);
      for (const percent of [10, 25, 50, 75, 100]) {
        const { before, after } = goalIn(
          { kind: "shift", percent },
          { strategy: { type: "rolling-red-black", percentages: [10, 25, 50, 75, 100] } },
          seen,
        );
        const sum = before!.traffic.weight + after!.traffic.weight;
        expect(Math.abs(sum - 100), `${capacity} at ${percent} %`).toBeLessThanOrEqual(1);
      }
    }
  });

  it("takes of all that served its part, and gives nothing back while the new group grows", () => {
    const other = groupWith(thirdGroup, { createdAt: 0, size: exactly(2) });
    const seen = seenWith([groupWith(oldGroup), other]);
    const traffics = ([25, 50, 100] as const).flatMap((percent) =>
      (["grow", "shift"] as const).map((kind) => {
        const { before, of } = goalIn({ kind, percent }, rolling, seen);
        return [before?.traffic, of(thirdGroup)?.traffic];
      }),
    );
    const both = (instances: number, others: number) => [trafficOf(instances, 4), trafficOf(others, 4)];
    expect(traffics).toEqual([
      [full, fullTraffic(2, 4)],
      both(3, 2),
      both(3, 2),
      both(2, 1),
      both(2, 1),
      [noTraffic, noTraffic],
    ]);
  });
});

describe("traffic", () => {
  it.each([
    [0, 4, 0],
    [1, 4, 25],
    [1, 3, 33],
    [2, 3, 67],
    [4, 4, 100],
    [8, 4, 200],
    [1, 1000, 1],
    [50, 4, 999],
    [1, 0, 100],
  ])("of %i instances of a capacity of %i has weight %i", (instances, capacity, weight) => {
    expect(trafficOf(instances, capacity)).toEqual({ instances, weight });
  });

  it("in full is that of all instances, and of a group without any that it is to get", () => {
    expect(fullTraffic(2, 4)).toEqual({ instances: "all", weight: 50 });
    expect(fullTraffic(0, 4)).toEqual({ instances: "all", weight: 100 });
  });

  it.each([
    [50, 0, 0],
    [0, 4, 1],
    [1, 4, 1],
    [50, 3, 2],
    [90, 10, 9],
    [91, 10, 10],
    [100, 4, 4],
  ])("shares: %i %% of %i are %i", (percent, instances, share) => {
    expect(shareOf(percent, instances)).toBe(share);
  });
});

describe("what is undone", () => {
  const source = groupWith(oldGroup);
  const task = begun(seenWith([source]));

  it("has all that served back, awaited and pinned, before the new group goes", () => {
    const serving = seenWith([source, groupWith(newGroup)]);
    expect(undoneGoal(task, serving)).toEqual<Goal>({
      groups: [
        {
          group: oldGroup,
          role: "server",
          version: old,
          size: atLeast(pinned(size)),
          traffic: full,
          isAwaited: true,
        },
      ],
      absent: [newGroup],
      promoted: oldGroup,
    });
  });

  it.each([
    ["is gone", seenWith([source])],
    ["is being deleted", seenWith([source, groupWith(newGroup, { isDeleting: true })])],
  ])("lets the size of what served go when the new group %s", (_, seen) => {
    expect(undoneGoal(task, seen).groups[0]?.size).toEqual(released);
  });

  it("has the canary's groups gone, too, before sizes are let go", () => {
    const seen = seenWith([source, groupWith(canaryGroup, { role: "canary" })]);
    expect(undoneGoal(task, seen)).toMatchObject({
      absent: [canaryGroup, newGroup],
      groups: [{ size: atLeast(pinned(size)) }],
    });
  });

  it("has all that served besides back", () => {
    const other = groupWith(thirdGroup, { createdAt: 0 });
    const seen = seenWith([source, other]);
    expect(undoneGoal(begun(seen), seen).groups.map(({ group }) => group)).toEqual([oldGroup, thirdGroup]);
  });

  it("marks nothing where nothing served", () => {
    expect(undoneGoal(begun(seenWith([])), seenWith([]))).toEqual({
      groups: [],
      absent: [oldGroup],
      promoted: undefined,
    });
  });

  describe("of a rollback to a kept group", () => {
    const bad = groupWith(newGroup, { isPromoted: true });
    const task = begun(seenWith([keptGroup(oldGroup), bad]), { kind: "rollback" });

    it("keeps that group, without instances and traffic, as it was", () => {
      const goal = undoneGoal(task, seenWith([groupWith(oldGroup), bad]));
      expect(goal).toMatchObject({
        absent: [],
        promoted: newGroup,
        groups: [
          { group: newGroup, size: atLeast(pinned(size)), isAwaited: true },
          { group: oldGroup, role: "server", version: old, size: zero, traffic: noTraffic, isAwaited: false },
        ],
      });
    });

    it("lets sizes go when that group takes no traffic any more", () => {
      const goal = undoneGoal(task, seenWith([groupWith(oldGroup, { isServing: false }), bad]));
      expect(goal.groups[0]?.size).toEqual(released);
    });

    it("makes it not again when somebody deleted it", () => {
      expect(undoneGoal(task, seenWith([bad])).groups.map(({ group }) => group)).toEqual([newGroup]);
    });

    it("leaves it with what it had: its size, and traffic if it took some", () => {
      const small = { min: 1, desired: 2, max: 2 };
      const was = seenWith([groupWith(oldGroup, { size: small, isPromoted: false }), bad]);
      const grown = seenWith([groupWith(oldGroup), bad]);
      expect(undoneGoal(begun(was, { kind: "rollback" }), grown).groups).toMatchObject([
        { group: newGroup, size: released },
        { group: oldGroup, size: { kind: "released", size: small }, traffic: fullTraffic(2, 4) },
      ]);
    });
  });
});
