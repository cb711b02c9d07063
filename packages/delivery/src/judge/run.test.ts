import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideRun, judgementWindows, type CanaryRun } from "./run.ts";
import { padSeries } from "./transforms.ts";

const minute = 60_000;
const run: CanaryRun = {
  startedAt: 0,
  lifetimeMs: 35 * minute,
  intervalMs: 10 * minute,
  thresholds: { pass: 90, marginal: 50 },
};

describe("a canary's run", () => {
  it("is judged at each interval that fits, over a window that grows", () => {
    expect(judgementWindows({ ...run, warmupMs: 5 * minute })).toEqual([
      { number: 1, from: 5 * minute, to: 15 * minute },
      { number: 2, from: 5 * minute, to: 25 * minute },
      { number: 3, from: 5 * minute, to: 35 * minute },
    ]);
  });

  it("looks back no further than it is told", () => {
    const windows = judgementWindows({ ...run, lookbackMs: 4 * minute });
    expect(windows.map(({ from, to }) => [from / minute, to / minute])).toEqual([
      [6, 10],
      [16, 20],
      [26, 30],
    ]);
  });

  it("is judged once if its interval says nothing", () => {
    for (const intervalMs of [undefined, 0, 36 * minute])
      expect(judgementWindows({ ...run, intervalMs })).toEqual([{ number: 1, from: 0, to: 35 * minute }]);
    expect(() => judgementWindows({ ...run, lifetimeMs: 0 })).toThrow("lifetime must be above zero");
  });

  it.each([
    [[], "waiting"],
    [[60, 95], "waiting"],
    [[50], "failed"],
    [[95, 20], "failed"],
    [[95, 95, 89.99], "failed"],
    [[60, 60, 90], "passed"],
  ])("after scores of %j it is %s", (scores, kind) => {
    expect(decideRun(run, scores).kind).toBe(kind);
  });

  it("ends by the first score that is too low, and else by the last", () => {
    const score = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(fc.array(score, { minLength: 3, maxLength: 3 }), (scores) => {
        const decided = decideRun(run, scores).kind;
        expect(decided).toBe(scores.every((one) => one > 50) && scores.at(-1)! >= 90 ? "passed" : "failed");
        const low = scores.findIndex((one) => one <= 50);
        if (low >= 0) expect(decideRun(run, scores.slice(0, low + 1)).kind).toBe("failed");
      }),
    );
  });

  it("knows how many points its window should have", () => {
    const window = { fromMs: 0, toMs: 4 * minute, stepMs: minute };
    expect(padSeries([1, 2], window)).toEqual([1, 2, Number.NaN, Number.NaN]);
    expect(padSeries([1, 2, 3, 4, 5], window)).toHaveLength(5);
  });
});
