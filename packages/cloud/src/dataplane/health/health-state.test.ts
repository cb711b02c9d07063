import { describe, expect, test } from "vitest";
import { afterCheck, exited, registered, untilNextCheck } from "./health-state.ts";
import type { Finding, HealthState } from "./health-state.ts";
import { matchesStatus } from "./matcher.ts";

const thresholds = { intervalMs: 10_000, healthyThreshold: 3, unhealthyThreshold: 2 };
const good: Finding = { kind: "healthy" };
const bad: Finding = { kind: "mismatch", status: 500 };

const after = (from: HealthState, ...findings: Finding[]) =>
  findings.reduce((state, finding, index) => afterCheck(state, finding, thresholds, index), from);

test("a new target is healthy after one success", () => {
  expect(registered(0)).toMatchObject({ state: "initial", reason: "Elb.InitialHealthChecking" });
  const state = after(registered(0), good);
  expect(state.state).toBe("healthy");
  expect(state.reason).toBeUndefined();
});

test("a new target that does not answer is unhealthy when the demanded checks would have failed", () => {
  const state = after(registered(0), { kind: "failed" }, { kind: "failed" }, { kind: "failed" });
  expect(state.state).toBe("initial");
  expect(afterCheck(state, bad, thresholds, 20_000)).toMatchObject({
    state: "unhealthy",
    reason: "Target.ResponseCodeMismatch",
    description: "Health checks failed with these codes: [500]",
  });
});

test("a healthy target may fail, but not as often as the threshold in a row", () => {
  const state = after(registered(0), good, bad, good, bad);
  expect(state.state).toBe("healthy");
  expect(after(state, { kind: "timeout" })).toMatchObject({
    state: "unhealthy",
    reason: "Target.Timeout",
    description: "Request timed out",
  });
});

test("an unhealthy target needs as many successes in a row as the threshold", () => {
  const state = after(registered(0), good, bad, bad);
  expect(after(state, good, good).state).toBe("unhealthy");
  expect(after(state, good, good, bad, good, good).state).toBe("unhealthy");
  expect(after(state, good, good, good).state).toBe("healthy");
});

test("a target whose instance has ended comes back with one success", () => {
  const state = exited(0);
  expect(state).toMatchObject({ state: "unhealthy", reason: "Target.FailedHealthChecks", exited: true });
  expect(after(state, { kind: "failed" }, good)).toMatchObject({ state: "healthy", exited: false });
});

describe("the next check", () => {
  const fresh = (checks: number): HealthState => ({ ...registered(0), checks });

  test("comes soon while a target is awaited, and later the longer it takes", () => {
    expect(untilNextCheck(fresh(1), 10_000, 0)).toBe(10);
    expect(untilNextCheck(fresh(20), 10_000, 300)).toBe(15);
    expect(untilNextCheck(fresh(90), 10_000, 4_000)).toBe(50);
    expect(untilNextCheck(fresh(200), 10_000, 60_000)).toBe(3_000);
    expect(untilNextCheck(fresh(900), 10_000, 3_600_000)).toBe(10_000);
    expect(untilNextCheck({ ...exited(0), checks: 1 }, 10_000, 0)).toBe(10);
  });

  test("comes after the interval otherwise", () => {
    expect(untilNextCheck(after(registered(0), good), 10_000, 0)).toBe(10_000);
    expect(untilNextCheck(after(registered(0), good, bad, bad), 10_000, 0)).toBe(10_000);
  });
});

test.each([
  ["200", 200, true],
  ["200", 201, false],
  ["200,202", 202, true],
  ["200-299", 250, true],
  ["200-299,404", 404, true],
  ["200-299", 300, false],
])("the matcher %s and status %i: %s", (matcher, status, matches) => {
  expect(matchesStatus(matcher, status)).toBe(matches);
});
