import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Step } from "./step.ts";
import { groupOf, World } from "./world.test-kit.ts";
import { countByZone } from "./zones.ts";

/** What may befall a group. Numbers choose among what there is. */
type Happening =
  | {
      readonly kind: "kill" | "stop" | "unhealthy" | "protect" | "unprotect" | "break" | "mend";
      readonly which: number;
    }
  | { readonly kind: "desire"; readonly desired: number }
  | { readonly kind: "pass"; readonly ms: number }
  | { readonly kind: "interrupt"; readonly seed: number };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("kill", "stop", "unhealthy", "protect", "unprotect", "break", "mend" as const),
    which: fc.nat(20),
  }),
  fc.record({ kind: fc.constant("desire" as const), desired: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ kind: fc.constant("pass" as const), ms: fc.constantFrom(1, 5_000, 60_000, 600_000) }),
  fc.record({ kind: fc.constant("interrupt" as const), seed: fc.nat(1000) }),
);

const zones = ["a", "b", "c"];
const limits = { min: 1, max: 8 };

function checkSteps(world: World, steps: readonly Step[]): void {
  const { group, active } = world;
  const ended = new Set(steps.flatMap((step) => (step.do === "begin-termination" ? [step.instance.id] : [])));
  const begun = steps.filter((step) => step.do === "begin-launch").length;
  const left = active.filter(({ id }) => !ended.has(id)).length + world.launches.size + begun;
  // One more than the maximum only for the balance of the zones.
  expect(left).toBeLessThanOrEqual(Math.max(group.max + 1, active.length + world.launches.size));
  if (begun > 0) expect(left).toBeLessThanOrEqual(group.desired + 1);
  for (const step of steps) {
    if (step.do !== "begin-termination") continue;
    const { instance } = step;
    // What is healthy is only ended while enough are left.
    if (instance.unhealthy === undefined) {
      expect(instance.protected).toBe(false);
      expect(left).toBeGreaterThanOrEqual(group.desired);
      expect(left).toBeGreaterThanOrEqual(group.min);
    }
  }
}

function befall(world: World, { kind, ...how }: Happening): void {
  const which = "which" in how ? how.which : 0;
  const one = world.active.at(world.active.length === 0 ? 0 : which % world.active.length);
  switch (kind) {
    case "kill":
      if (one !== undefined) world.die(one.id);
      break;
    case "stop":
      if (one !== undefined) world.die(one.id, "stopped");
      break;
    case "unhealthy":
      if (one?.lifecycle === "InService") world.change(one.id, { unhealthy: "user" });
      break;
    case "protect":
    case "unprotect":
      if (one !== undefined) world.change(one.id, { protected: kind === "protect" });
      break;
    case "break":
      world.broken.add(zones[which % 3] ?? "a");
      break;
    case "mend":
      world.broken.delete(zones[which % 3] ?? "a");
      break;
    case "desire":
      if ("desired" in how) world.group = { ...world.group, desired: how.desired };
      break;
    case "pass":
      if ("ms" in how) world.pass(how.ms);
      break;
    case "interrupt": {
      let seed = "seed" in how ? how.seed : 0;
      world.settle(
        () => (seed = (seed * 7 + 3) % 11) > 3,
        (steps) => checkSteps(world, steps),
      );
      return;
    }
    default:
      kind satisfies never;
  }
  world.settle(undefined, (steps) => checkSteps(world, steps));
}

describe("the plan of a group", () => {
  it("keeps within its limits whatever happens, and comes to the desired capacity, balanced, when all is well", () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 25 }), fc.boolean(), (happenings, withTargets) => {
        const targetGroups = withTargets ? ["tg"] : [];
        const world = new World(groupOf({ ...limits, desired: 3, targetGroups }));
        for (const one of happenings) befall(world, one);

        world.broken.clear();
        for (const { id } of world.active) world.change(id, { protected: false });
        // As long as the longest back-off, several times.
        for (let n = 0; n < 12; n++) world.pass(300_000);
        expect(world.active.length).toBe(world.group.desired);
        expect(world.active.every(({ lifecycle, ec2 }) => lifecycle === "InService" && ec2 === "running")).toBe(true);
        const counts = [...countByZone(zones, world.active).values()];
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        expect(world.instances.size).toBe(world.group.desired);
        expect(world.plan().steps).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it("goes to nothing when the group is deleted", () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 10 }), (happenings) => {
        const world = new World(groupOf({ ...limits, desired: 5 }));
        for (const one of happenings) befall(world, one);
        world.group = { ...world.group, min: 0, desired: 0, deleting: true };
        world.settle();
        expect([world.instances.size, world.launches.size]).toEqual([0, 0]);
      }),
    );
  });
});
