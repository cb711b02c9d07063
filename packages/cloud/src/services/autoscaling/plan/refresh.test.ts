import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GroupInstance } from "../model/instance.ts";
import type { Refresh, RefreshPreferences } from "../model/refresh.ts";
import { bounds, turnBack } from "./refresh.ts";
import { groupOf, World } from "./world.test-kit.ts";

const preferences: RefreshPreferences = {
  minHealthyPercent: 90,
  maxHealthyPercent: 100,
  warmupSeconds: 0,
  checkpoints: [],
  checkpointDelaySeconds: 600,
  skipMatching: false,
  autoRollback: false,
  protectedInstances: "Wait",
  standbyInstances: "Wait",
  bakeSeconds: 0,
};

/** A group that has its instances, and begins to replace all of them. */
function refreshing(
  desired: number,
  change: Partial<RefreshPreferences> = {},
  targetGroups: readonly string[] = [],
): World {
  const world = new World(groupOf({ desired, max: 20, targetGroups }));
  world.settle();
  becomeHealthy(world, world.active);
  const old = world.active.map(({ id }) => id);
  world.refresh = {
    id: "r",
    group: "web",
    order: 1,
    status: "Pending",
    statusReason: undefined,
    startedAt: world.time,
    endedAt: undefined,
    preferences: { ...preferences, ...change },
    desired: undefined,
    previous: world.group.source,
    old,
    total: old.length,
    percentComplete: 0,
    toUpdate: old.length,
    checkpointsPassed: 0,
    pausedUntil: 0,
    progressAt: world.time,
    bakesUntil: undefined,
    rollback: undefined,
  };
  return world;
}

/** The target groups find the instances healthy. */
function becomeHealthy(world: World, instances: readonly GroupInstance[]): void {
  const targets = Object.fromEntries(world.group.targetGroups.map((arn) => [arn, "healthy" as const]));
  for (const { id } of instances) world.change(id, { targets });
}

const percentages = fc
  .tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 100, max: 200 }))
  .filter(([min, max]) => max - min <= 100);

describe("an instance refresh", () => {
  it("replaces all, with never fewer healthy and never more at all than it may", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 12 }),
        percentages,
        fc.constantFrom(0, 30),
        (desired, [min, max], warmup) => {
          const world = refreshing(desired, { minHealthyPercent: min, maxHealthyPercent: max, warmupSeconds: warmup });
          const old = new Set(world.refresh?.old);
          const warm = () =>
            world.active.filter(
              ({ id, lifecycle, inServiceAt }) =>
                lifecycle === "InService" && (old.has(id) || (inServiceAt ?? 0) + warmup * 1000 <= world.time),
            ).length;
          while (world.refresh !== undefined) {
            const { least, most } = bounds(world.group, world.refresh);
            const before = warm();
            world.settle(undefined, (steps) => {
              const ends = steps.filter((step) => step.do === "begin-termination").length;
              const begins = steps.filter((step) => step.do === "begin-launch").length;
              expect(world.active.length + world.launches.size + begins).toBeLessThanOrEqual(most);
              // Where there is no room at all, one is replaced all the same.
              if (ends > 1) expect(warm() - ends).toBeGreaterThanOrEqual(least);
            });
            expect(before).toBeLessThanOrEqual(most);
            const { wakeAt } = world.plan();
            if (world.refresh !== undefined) world.time = Math.max(wakeAt ?? 0, world.time + 1);
          }
          world.settle();
          expect(world.active.length).toBe(desired);
          expect(world.active.some(({ id }) => old.has(id))).toBe(false);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("launches before it terminates where more than the desired capacity is allowed and less is not", () => {
    const world = refreshing(4, { minHealthyPercent: 100, maxHealthyPercent: 125, warmupSeconds: 60 });
    world.settle();
    expect(world.active.length).toBe(5);
    expect(world.refresh?.statusReason).toMatch(
      /^Waiting for instances to warm up before continuing\. For example: i-/,
    );
    world.pass(60_000);
    expect(world.refresh).toMatchObject({ percentComplete: 25, toUpdate: 3 });
    world.pass(200_000);
    expect(world.refresh).toBeUndefined();
    expect(world.active.length).toBe(4);
  });

  it("takes none away before the target groups have found the new ones healthy", () => {
    const world = refreshing(2, { minHealthyPercent: 100, maxHealthyPercent: 200 }, ["tg"]);
    world.pass(60_000);
    const made = world.active.filter(({ id }) => world.refresh?.old.includes(id) === false);
    expect([world.active.length, made.length]).toEqual([4, 2]);
    becomeHealthy(world, made);
    world.pass(60_000);
    expect(world.refresh).toBeUndefined();
    expect(world.active.map(({ id }) => id)).toEqual(made.map(({ id }) => id));
  });

  it("holds at a checkpoint", () => {
    const world = refreshing(4, { minHealthyPercent: 50, checkpoints: [50, 100] });
    world.settle();
    expect(world.refresh).toMatchObject({ percentComplete: 50, toUpdate: 2, checkpointsPassed: 1 });
    world.pass(599_000);
    expect(world.refresh).toMatchObject({ percentComplete: 50 });
    world.pass(1_000);
    expect(world.refresh).toBeUndefined();
  });

  it("waits for what is protected, and fails when it has waited for an hour", () => {
    const world = refreshing(2);
    for (const { id } of world.active) world.change(id, { protected: true });
    const last: Refresh[] = [];
    world.settle();
    world.time += 3_600_000;
    world.settle(undefined, (steps) =>
      last.push(...steps.flatMap((step) => (step.do === "update-refresh" ? [step.refresh] : []))),
    );
    expect(last.at(-1)).toMatchObject({ status: "Failed" });
    expect(world.active.length).toBe(2);
  });

  it("goes back to what there was, by replacing what it has launched", () => {
    const world = refreshing(4, { minHealthyPercent: 50, checkpoints: [50, 100] });
    world.settle();
    const made = world.active.filter(({ id }) => world.refresh?.old.includes(id) === false).map(({ id }) => id);
    expect(made).toHaveLength(2);
    if (world.refresh !== undefined) world.refresh = turnBack(world.refresh, world.active, "asked", world.time);
    world.settle();
    expect(world.refresh).toBeUndefined();
    expect(world.active.some(({ id }) => made.includes(id))).toBe(false);
    expect(world.active.length).toBe(4);
  });
});
