import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Deployment, Service } from "./model.ts";
import {
  afterFailures,
  afterSuccess,
  canRollBack,
  complete,
  fail,
  failureThreshold,
  isBroken,
  startDelayMs,
} from "./rollout.ts";

const config: Deployment["config"] = {
  family: "app",
  revision: 1,
  launchType: "FARGATE",
  strategy: [],
  platformVersion: undefined,
  network: undefined,
  loadBalancers: [],
  places: [],
};

const deployment = (id: string, rollout: Deployment["rollout"]): Deployment => ({
  id,
  config,
  serviceDeployment: id,
  serviceRevision: id,
  createdAt: 0,
  updatedAt: 0,
  rollout,
  reason: "",
  failedTasks: 0,
  lastFailureAt: 0,
  nextStartAt: 0,
});

const service = (desiredCount: number, rollback: boolean, lastCompleted: Deployment | undefined): Service => ({
  cluster: "default",
  name: "web",
  status: "ACTIVE",
  createdAt: 0,
  createdBy: "",
  desiredCount,
  configuration: { deploymentCircuitBreaker: { enable: true, rollback } },
  placementConstraints: [],
  placementStrategy: [],
  healthCheckGracePeriodSeconds: 0,
  role: undefined,
  tags: {},
  enableManagedTags: false,
  propagateTags: "NONE",
  enableExecuteCommand: false,
  rebalancing: "DISABLED",
  deployments: [deployment("new", "IN_PROGRESS"), ...(lastCompleted === undefined ? [] : [lastCompleted])],
  lastCompleted,
  steady: false,
  events: 0,
  clientToken: undefined,
});

describe("a deployment's circuit breaker", () => {
  it("breaks at half of the desired count, but not before 3 failures and not after 200", () => {
    for (const [desired, threshold] of [
      [0, 3],
      [1, 3],
      [6, 3],
      [7, 4],
      [25, 13],
      [400, 200],
      [800, 200],
    ] as const)
      expect(failureThreshold({}, desired)).toBe(threshold);
    const own = (type: "COUNT" | "UNBOUNDED_PERCENT", value: number) =>
      failureThreshold(
        { deploymentCircuitBreaker: { enable: true, rollback: true, thresholdConfiguration: { type, value } } },
        10,
      );
    expect(own("COUNT", 1)).toBe(1);
    expect(own("UNBOUNDED_PERCENT", 20)).toBe(2);
  });

  it("ends with the primary deployment complete, or the last completed one in its place", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.boolean(),
        fc.boolean(),
        fc.array(fc.constantFrom("fails" as const, "succeeds" as const, "settles" as const), { maxLength: 60 }),
        (desired, rollback, hasOld, happenings) => {
          let now = 0;
          let current = service(desired, rollback, hasOld ? deployment("old", "COMPLETED") : undefined);
          for (const happening of happenings) {
            now += 1;
            if (current.deployments[0]?.rollout === "FAILED") break;
            if (happening === "fails") current = afterFailures(current, 1, now).service;
            else if (happening === "succeeds") current = afterSuccess(current, now);
            else current = complete(current, now).service;
            if (isBroken(current))
              current = fail(current, "ECS deployment circuit breaker: tasks failed to start", rollback, now).service;
          }
          const [primary] = current.deployments;
          const ids = current.deployments.map(({ id }) => id);
          expect(new Set(ids).size).toBe(ids.length);
          if (rollback && hasOld) {
            // It fails only where the old one, which had once completed, fails too.
            if (primary?.rollout === "FAILED") expect(canRollBack(current)).toBe(false);
          } else expect(primary?.id).toBe("new");
        },
      ),
    );
  });

  it("waits longer from failure to failure, and never longer than 27 minutes", () => {
    fc.assert(
      fc.property(fc.nat(500), fc.integer({ min: 1, max: 50 }), (failures, desired) => {
        const delay = startDelayMs(failures, desired);
        expect(startDelayMs(failures + 1, desired)).toBeGreaterThanOrEqual(delay);
        expect(delay).toBeLessThanOrEqual(27 * 60_000);
      }),
    );
    expect(startDelayMs(3, 1)).toBe(0);
    expect(startDelayMs(4, 1)).toBe(1000);
  });
});
