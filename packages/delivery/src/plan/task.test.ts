import { describe, expect, it } from "vitest";
import { exactly } from "./goal.ts";
import type { Observation, ServerGroup } from "./model.ts";
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
} from "./specs.test-kit.ts";
import { taskOf, type RegionTask } from "./task.ts";

const thirdGroup = "playback-prod-v002";
const canaryGroup = "playback-prod-canary-v000";
const baselineGroup = "playback-prod-baseline-v000";

function begun(seen: Observation, given: { kind?: "rollout" | "rollback"; hasCanary?: boolean } = {}): RegionTask {
  const { kind = "rollout", hasCanary = false } = given;
  const version = kind === "rollout" ? fresh : old;
  const task = taskOf(specWith(hasCanary ? { canary } : {}), version, kind, hasCanary, seen);
  return typeof task === "string" ? expect.fail(task) : task;
}

const sentence = (seen: Observation, hasCanary = false) =>
  taskOf(specWith({ canary }), fresh, "rollout", hasCanary, seen);

describe("what a rollout is about in a region", () => {
  it("is the group that serves, and a new one of its size", () => {
    expect(begun(seenWith([groupWith(oldGroup)]))).toEqual({
      source: { group: oldGroup, version: old, size, isServing: true },
      others: [],
      target: { group: newGroup, version: fresh, found: undefined },
      capacity: size,
      canary: undefined,
    });
  });

  it("is a first group of the fleet's capacity where nothing serves", () => {
    const capacity = { min: 1, desired: 2, max: 3 };
    const task = begun(seenWith([keptGroup(oldGroup)], { capacity }));
    expect(task).toMatchObject({ source: undefined, others: [], capacity, target: { group: newGroup } });
    expect(begun(seenWith([])).target.group).toBe(oldGroup);
  });

  it("takes the marked group for what serves, else the newest; the others served besides", () => {
    const third = groupWith(thirdGroup, { createdAt: 3 });
    expect(begun(seenWith([third, groupWith(oldGroup)]))).toMatchObject({
      source: { group: oldGroup },
      others: [{ group: thirdGroup }],
    });
    expect(begun(seenWith([groupWith(oldGroup, { isPromoted: false }), third]))).toMatchObject({
      source: { group: thirdGroup },
      others: [{ group: oldGroup }],
    });
    const twins = [groupWith(oldGroup, { isPromoted: false }), groupWith(newGroup, { createdAt: 1 })];
    expect([begun(seenWith(twins)), begun(seenWith(twins.toReversed()))].map((task) => task.source?.group)).toEqual([
      newGroup,
      newGroup,
    ]);
  });

  it.each([
    ["without instances", { size: exactly(0) }],
    ["without traffic", { isServing: false }],
    ["that is being deleted", { isDeleting: true }],
    ["of a canary", { role: "canary" as const }],
  ])("leaves out a group %s", (_, given) => {
    expect(begun(seenWith([groupWith(oldGroup, given)])).source).toBeUndefined();
  });

  it("names the new group after the newest, by its age and not by its number", () => {
    const seen = seenWith([
      groupWith("playback-prod-v999", { createdAt: 5 }),
      groupWith("playback-prod-v007", { createdAt: 4 }),
      groupWith("playback-prod", { createdAt: 6 }),
      groupWith("playback-prod-canary-v020", { createdAt: 7, role: "canary" }),
    ]);
    const next = (...groups: readonly ServerGroup[]) =>
      [groups, groups.toReversed()].map((one) => begun(seenWith(one)).target.group);
    expect(next(...seen.groups)).toEqual(["playback-prod-v000", "playback-prod-v000"]);
    const twins = [groupWith("playback-prod-v003"), groupWith("playback-prod-v009", { createdAt: 1 })];
    expect(next(...twins)).toEqual(["playback-prod-v010", "playback-prod-v010"]);
  });

  it("is nothing when all numbers are taken", () => {
    const all = (cluster: string) =>
      Array.from({ length: 1000 }, (_, number) => groupWith(`${cluster}-v${String(number).padStart(3, "0")}`));
    expect(sentence(seenWith(all("playback-prod")))).toBe("All 1000 numbers of playback-prod are taken.");
    const trials = all("playback-prod-baseline").map((group) => ({ ...group, role: "baseline" as const }));
    expect(sentence(seenWith([groupWith(oldGroup), ...trials]), true)).toBe(
      "All 1000 numbers of its canaries are taken.",
    );
  });

  it("compares a canary with a baseline of what serves", () => {
    const seen = seenWith([groupWith(oldGroup)]);
    expect(begun(seen, { hasCanary: true }).canary).toEqual({
      canary: canaryGroup,
      baseline: baselineGroup,
      version: old,
    });
    expect(begun(seenWith([]), { hasCanary: true }).canary).toBeUndefined();
    expect(sentence(seenWith([groupWith(oldGroup, { version: undefined })]), true)).toMatch(
      /^playback-prod-v000 tells no version, so that no baseline can be made of it: tag it/,
    );
  });

  it("puts the canary behind the cluster's detail", () => {
    const spec = specWith({ cluster: { app: "playback", stack: "prod", detail: "eu" }, canary });
    const seen = seenWith([groupWith("playback-prod-eu-v000")]);
    expect(taskOf(spec, fresh, "rollout", true, seen)).toMatchObject({
      canary: { canary: "playback-prod-eu-canary-v000", baseline: "playback-prod-eu-baseline-v000" },
    });
  });

  it("is, of a rollback, the newest group that is kept of the version", () => {
    const seen = seenWith([
      keptGroup(oldGroup, { createdAt: 1 }),
      keptGroup(thirdGroup, { createdAt: 3, version: old }),
      groupWith(newGroup, { isPromoted: true }),
    ]);
    expect(begun(seen, { kind: "rollback" })).toMatchObject({
      source: { group: newGroup },
      target: { group: thirdGroup, version: old, found: { group: thirdGroup, size: exactly(0), isServing: false } },
      capacity: size,
    });
    // A rollout makes its own, also of a version that is there.
    expect(taskOf(specWith(), old, "rollout", false, seen)).toMatchObject({
      target: { group: "playback-prod-v003", found: undefined },
    });
  });

  it("is, of a rollback, no larger than what is gone back to where that is all that serves", () => {
    const seen = (given: Partial<ServerGroup>) => seenWith([groupWith(oldGroup, given)], { capacity: exactly(9) });
    const capacityOf = (given: Partial<ServerGroup>) => begun(seen(given), { kind: "rollback" }).capacity;
    expect(begun(seen({}), { kind: "rollback" })).toMatchObject({ source: undefined, capacity: size });
    expect(capacityOf({ isServing: false })).toEqual(exactly(9));
    expect(capacityOf({ size: exactly(0) })).toEqual(exactly(9));
    expect(capacityOf({ size: exactly(1) })).toEqual(exactly(1));
  });

  it("is, of a rollback, a new group where none is kept", () => {
    expect(begun(seenWith([groupWith(newGroup)]), { kind: "rollback" }).target).toEqual({
      group: thirdGroup,
      version: old,
      found: undefined,
    });
  });
});
