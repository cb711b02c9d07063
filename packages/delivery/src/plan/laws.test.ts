import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Strategy } from "../spec/model.ts";
import { shareOf } from "./health.ts";
import { answered, commanded, isOver, newRollout, planRollout, regionsToSee, type Rollout } from "./rollout.ts";
import { canary, fresh, minute, old, specWith } from "./specs.test-kit.ts";
import { world, type Nature } from "./world.test-kit.ts";

const strategy: fc.Arbitrary<Strategy> = fc
  .record({
    type: fc.constantFrom<Strategy["type"][]>("red-black", "rolling-red-black", "highlander", "none"),
    percentages: fc.constantFrom([100], [50, 100], [10, 25, 75, 100]),
    pause: fc.constantFrom({ kind: "time", ms: 0 } as const, { kind: "time", ms: 2 * minute } as const),
    scaleDown: fc.boolean(),
    delayBeforeScaleDownMs: fc.constantFrom(0, minute),
    keep: fc.constantFrom(0, 1, 3),
  })
  .map((one) => (one.type === "highlander" ? { ...one, keep: 0 } : one));

const spec = fc
  .record({
    strategy,
    canary: fc.constantFrom(undefined, canary),
    minimumHealthyPercent: fc.constantFrom(50, 90, 100),
    order: fc.constantFrom("all-at-once" as const, "waves" as const),
    lostInstances: fc.constantFrom(2, 1000),
  })
  .map(({ strategy, canary, minimumHealthyPercent, order, lostInstances }) =>
    specWith({
      waves: [
        { regions: ["us-west-2"], bakeMs: 3 * minute },
        { regions: ["us-east-1", "eu-west-1"], bakeMs: 0 },
      ],
      strategy,
      canary,
      guards: { minimumHealthyPercent, lostInstances },
      rollback: { order },
    }),
  );

/**
 * What befalls a pass: what a person says before it, how many of its actions are done before the worker dies, and whether an
 * instance dies then.
 */
const fate = fc.record({
  done: fc.constantFrom(0, 1, 2, 1000, 1000, 1000),
  killed: fc.option(fc.nat(20), { nil: undefined, freq: 8 }),
  region: fc.nat(2),
  said: fc.option(fc.constantFrom("pause", "resume", "promote"), { nil: undefined, freq: 6 }),
});

const scenario = fc.record({
  spec,
  traffic: fc.constantFrom("attachment" as const, "weight" as const, "none" as const),
  desired: fc.integer({ min: 1, max: 7 }),
  hasOld: fc.boolean(),
  /** Whether a group that somebody started serves besides. */
  hasOther: fc.boolean(),
  nature: fc.constantFrom<Nature[]>("good", "never-healthy", "dies"),
  ticksToHealthy: fc.integer({ min: 1, max: 4 }),
  fates: fc.array(fate, { maxLength: 60 }),
  abortAt: fc.option(fc.nat(80), { nil: undefined, freq: 2 }),
  score: fc.constantFrom(100, 60, 0),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

const regions = ["us-west-2", "us-east-1", "eu-west-1"];
const mostPasses = 2000;
const otherSize = { min: 1, desired: 2, max: 3 };

/**
 * @param isStale - whether each look sees what was there a pass before, as on an endpoint that is eventually consistent
 */
function play(given: Scenario, isStale = false) {
  const size = { min: 1, desired: given.desired, max: given.desired + 2 };
  const worlds = new Map(
    regions.map((region) => {
      const one = world({
        traffic: given.traffic,
        capacity: size,
        natureOf: (version) => (version === "new" ? given.nature : "good"),
        ticksToHealthy: given.ticksToHealthy,
      });
      if (given.hasOld && given.hasOther) one.add("playback-prod-v006", old, otherSize);
      if (given.hasOld) one.add("playback-prod-v007", old, size, { isPromoted: true });
      one.settle();
      return [region, one] as const;
    }),
  );
  const floor = shareOf(given.spec.guards.minimumHealthyPercent, given.desired);
  let rollout: Rollout = {
    ...newRollout({ id: "r1", kind: "rollout", spec: given.spec, version: fresh }, 0),
    status: "running",
  };
  let storesInARow = 0;
  const looks = new Map([...worlds].map(([region, place]) => [region, place.observe()]));
  const look = (region: string) => {
    const fresh = worlds.get(region)!.observe();
    const stale = looks.get(region)!;
    looks.set(region, fresh);
    return isStale ? stale : fresh;
  };
  for (let pass = 0; pass < mostPasses && !isOver(rollout); pass++) {
    const now = worlds.get("us-west-2")!.now();
    if (pass === given.abortAt) {
      const after = commanded(rollout, { kind: "abort", reason: "aborted" }, now);
      if (typeof after !== "string") rollout = after;
    }
    // In the end somebody resumes it.
    const said = pass === given.fates.length ? "resume" : given.fates[pass]?.said;
    const after = said === undefined ? rollout : commanded(rollout, { kind: said }, now);
    if (typeof after !== "string") rollout = after;
    const seen = Object.fromEntries(regionsToSee(rollout, now).map((region) => [region, look(region)] as const));
    const plan = planRollout(rollout, seen, now);
    if (plan.rollout !== rollout) {
      expect(Object.values(plan.actions).flat()).toEqual([]);
      // What is stored is read by who takes over.
      rollout = JSON.parse(JSON.stringify(plan.rollout)) as Rollout;
      storesInARow += 1;
      expect(storesInARow).toBeLessThan(40);
      continue;
    }
    storesInARow = 0;
    const { done = 1000, killed, region = 0 } = given.fates[pass] ?? {};
    let left = done;
    for (const [name, actions] of Object.entries(plan.actions)) {
      const place = worlds.get(name)!;
      for (const action of actions) {
        if (left-- <= 0) break;
        if (rollout.isPaused && rollout.status === "running")
          expect(action.kind, "nothing is made in a pause").not.toBe("create");
        const before = place.serving();
        const fullyNew = place.groups.find(({ version }) => version?.id === "new");
        const isTaken = action.kind === "serve" && action.group === "playback-prod-v007" && action.weight === 0;
        // Never the old disabled while the new is not healthy.
        if (isTaken && rollout.status === "running" && !isStale)
          expect(fullyNew?.servers.filter(({ isHealthy }) => isHealthy).length).toBeGreaterThanOrEqual(given.desired);
        place.apply(action);
        const after = place.serving();
        if (after < before && !isStale)
          expect(after, `${JSON.stringify(action)} leaves ${after} of ${before}`).toBeGreaterThanOrEqual(floor);
        expect(
          place.groups.filter((group) => group.isPromoted && group.deletingFor === undefined).length,
        ).toBeLessThanOrEqual(1);
      }
    }
    for (const [name, asked] of Object.entries(plan.questions))
      for (const question of asked)
        if (question.kind === "judge")
          rollout = answered(
            rollout,
            name,
            {
              kind: "judged",
              number: question.number,
              score: { score: given.score, reason: "because", at: now, report: undefined },
            },
            now,
          );
    for (const place of worlds.values()) place.tick(minute / 4);
    if (killed !== undefined) worlds.get(regions[region]!)!.kill(killed);
  }
  return { rollout, worlds };
}

/** Everywhere only one version is in use, and all that were made to compare it are gone. */
function expectWhole(given: Scenario, { rollout, worlds }: ReturnType<typeof play>) {
  expect(isOver(rollout), JSON.stringify(rollout.regions)).toBe(true);
  for (const region of regions) {
    const place = worlds.get(region)!;
    for (let ticks = 0; ticks < 10; ticks++) place.tick(minute);
    const state = rollout.regions[region]!;
    const seen = place.observe();
    const inUse = seen.groups
      .filter((group) => group.isServing && !group.isDeleting && group.size.desired > 0)
      .toSorted((a, b) => a.name.localeCompare(b.name));
    expect(
      seen.groups.filter(({ role }) => role !== "server"),
      "trial groups are gone",
    ).toEqual([]);
    if (rollout.status === "succeeded") {
      expect(inUse.filter(({ version }) => version?.id === "new").length).toBe(1);
      const { type, scaleDown, keep } = given.spec.strategy;
      const isOldLeft = type === "none" || (given.traffic === "none" && !scaleDown && keep > 0);
      if (!isOldLeft) expect(inUse.length).toBe(1);
      expect(seen.groups.filter(({ isPromoted }) => isPromoted).map(({ version }) => version?.id)).toEqual(["new"]);
    } else if (state.phase === "pending" || state.phase === "undone") {
      const isKept = state.phase === "undone" && state.left !== undefined;
      const size = { min: 1, desired: given.desired, max: given.desired + 2 };
      const before = [...(given.hasOther ? [["old", otherSize, false]] : []), ["old", size, true]];
      expect(inUse.map(({ version, size, isPromoted }) => [version?.id, size, isPromoted])).toEqual(
        given.hasOld ? before : isKept ? [["new", expect.anything(), expect.anything()]] : [],
      );
    } else expect.fail(`${rollout.status}: ${region} is ${JSON.stringify(state)}`);
  }
}

describe("a rollout", () => {
  it("never goes below the guard, never promotes two versions, and ends fully new or fully old", () => {
    fc.assert(
      fc.property(scenario, (given) => {
        expectWhole(given, play(given));
      }),
      { numRuns: 300 },
    );
  });

  it("ends fully new or fully old also where all that it sees is old", () => {
    fc.assert(
      fc.property(scenario, (given) => {
        expectWhole(given, play(given, true));
      }),
      { numRuns: 150 },
    );
  });

  it("succeeds with a good version where nothing goes wrong, and is undone with a bad one", () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const { rollout } = play({ ...given, fates: [], abortAt: undefined, score: 100 });
        // Of fewer than three, too few may die before all is over.
        const isBad =
          given.nature === "never-healthy" ||
          (given.nature === "dies" && given.spec.guards.lostInstances === 2 && given.desired > 2);
        if (given.nature === "good") expect(rollout.status, JSON.stringify(rollout)).toBe("succeeded");
        if (isBad) {
          expect(rollout.status).toBe("undone");
          // What never got healthy met users in no other region.
          if (given.nature === "never-healthy") expect(rollout.regions["us-east-1"]).toEqual({ phase: "pending" });
        }
      }),
      { numRuns: 150 },
    );
  });
});
