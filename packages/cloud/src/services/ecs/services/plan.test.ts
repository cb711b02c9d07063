import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leastHealthy, mostTasks, planService } from "./plan.ts";
import type { SeenService, SeenTask } from "./plan.ts";

const task = fc.record({
  deployment: fc.constantFrom("new", "old", "older"),
  zone: fc.constantFrom("a", "b", "c"),
  createdAt: fc.nat(1000),
  health: fc.constantFrom("starting" as const, "healthy" as const, "unhealthy" as const),
  isProtected: fc.boolean(),
});

const service = fc.record({
  desiredCount: fc.nat(8),
  minimumHealthyPercent: fc.constantFrom(0, 33, 50, 100),
  maximumPercent: fc.constantFrom(100, 110, 150, 200),
  primary: fc.record({
    id: fc.constant("new"),
    rollout: fc.constantFrom("IN_PROGRESS" as const, "COMPLETED" as const, "FAILED" as const),
    nextStartAt: fc.constantFrom(0, 10),
  }),
  tasks: fc.array(task, { maxLength: 16 }).map((tasks) => tasks.map((one, index) => ({ ...one, id: String(index) }))),
  draining: fc.nat(2),
});

const healthyOf = (tasks: readonly SeenTask[]) => tasks.filter(({ health }) => health === "healthy").length;

/** The service after its plan, when the world has done what was asked. */
function apply(seen: SeenService, now: number, outcome: "healthy" | "starting"): SeenService {
  const plan = planService(seen, now);
  const stopped = new Set(plan.stop.map(({ task: id }) => id));
  const started = Array.from({ length: plan.start }, (_, index): SeenTask => ({
    id: `started-${now}-${index}`,
    deployment: seen.primary.id,
    zone: "a",
    createdAt: now,
    health: outcome,
    isProtected: false,
  }));
  return { ...seen, draining: 0, tasks: [...seen.tasks.filter(({ id }) => !stopped.has(id)), ...started] };
}

describe("a service's plan", () => {
  it("never leaves fewer healthy tasks than the minimum by its own action", () => {
    fc.assert(
      fc.property(service, (seen) => {
        const before = healthyOf(seen.tasks);
        const after = healthyOf(apply(seen, 5, "starting").tasks);
        const least = leastHealthy(seen.desiredCount, seen.minimumHealthyPercent);
        expect(after).toBeGreaterThanOrEqual(Math.min(before, least));
      }),
      { numRuns: 2000 },
    );
  });

  it("never starts more tasks than the maximum allows, and none of a deployment that has failed or waits", () => {
    fc.assert(
      fc.property(service, (seen) => {
        const plan = planService(seen, 5);
        const most = mostTasks(seen.desiredCount, seen.maximumPercent);
        if (plan.start > 0) expect(seen.tasks.length + plan.start).toBeLessThanOrEqual(most);
        if (seen.primary.rollout === "FAILED" || seen.primary.nextStartAt > 5) expect(plan.start).toBe(0);
      }),
    );
  });

  it("never stops a protected task, unless it is unhealthy", () => {
    fc.assert(
      fc.property(service, (seen) => {
        const stopped = new Set(planService(seen, 5).stop.map(({ task: id }) => id));
        for (const one of seen.tasks)
          if (one.isProtected && one.health !== "unhealthy") expect(stopped.has(one.id)).toBe(false);
      }),
    );
  });

  it("comes to the desired count of the primary deployment, and then does nothing more", () => {
    const converging = service.filter(
      ({ minimumHealthyPercent, desiredCount, maximumPercent }) =>
        leastHealthy(desiredCount, minimumHealthyPercent) < mostTasks(desiredCount, maximumPercent) ||
        desiredCount === 0,
    );
    fc.assert(
      fc.property(converging, (given) => {
        let seen: SeenService = {
          ...given,
          primary: { id: "new", rollout: "IN_PROGRESS", nextStartAt: 0 },
          tasks: given.tasks.map((one) => ({ ...one, isProtected: false })),
        };
        for (let round = 0; round < 60; round += 1) {
          seen = apply(seen, round, "healthy");
          // What was starting gets healthy in time.
          seen = { ...seen, tasks: seen.tasks.map((one) => ({ ...one, health: "healthy" as const })) };
        }
        const plan = planService(seen, 100);
        expect(plan).toEqual({ start: 0, stop: [], isSteady: true, isStuck: false });
        expect(seen.tasks.map(({ deployment }) => deployment)).toEqual(
          Array.from({ length: seen.desiredCount }, () => "new"),
        );
      }),
    );
  });

  it("tells that it is stuck where its percentages allow neither a start nor a stop", () => {
    const old: SeenTask = {
      id: "1",
      deployment: "old",
      zone: "a",
      createdAt: 0,
      health: "healthy",
      isProtected: false,
    };
    const plan = planService(
      {
        desiredCount: 1,
        minimumHealthyPercent: 50,
        maximumPercent: 150,
        primary: { id: "new", rollout: "IN_PROGRESS", nextStartAt: 0 },
        tasks: [old],
        draining: 0,
      },
      0,
    );
    expect(plan).toMatchObject({ start: 0, stop: [], isStuck: true });
  });
});
