import { describe, expect, it } from "vitest";
import type { Strategy } from "../spec/model.ts";
import { canary, minute, specWith } from "./specs.test-kit.ts";
import { isExposing, pauseAfter, stepAt, stepsOf, stepText, timeText, type Step } from "./steps.ts";

const texts = (strategy: Partial<Strategy>) => stepsOf(specWith({ strategy }), "us-west-2", "rollout").map(stepText);
const percentages = [50, 100];

describe("the steps of a region", () => {
  it.each<[string, Partial<Strategy>, readonly string[]]>([
    ["red/black", {}, ["100 % new", "100 % shifted", "promotion", "scale-down", "clean-up"]],
    [
      "red/black, whatever percentages it has",
      { percentages },
      ["100 % new", "100 % shifted", "promotion", "scale-down", "clean-up"],
    ],
    [
      "red/black that does not scale down",
      { scaleDown: false },
      ["100 % new", "100 % shifted", "promotion", "clean-up"],
    ],
    [
      "rolling red/black",
      { type: "rolling-red-black", percentages },
      ["50 % new", "50 % shifted", "100 % new", "100 % shifted", "promotion", "scale-down", "clean-up"],
    ],
    [
      "highlander, which deletes what it would scale down",
      { type: "highlander" },
      ["100 % new", "100 % shifted", "promotion", "clean-up"],
    ],
    ["none, which leaves all that was there", { type: "none" }, ["100 % new", "promotion"]],
  ])("are those of %s", (_, strategy, steps) => {
    expect(texts(strategy)).toEqual(steps);
  });

  it("begin with the canary where the spec wants one, and never when going back to a version", () => {
    const spec = specWith({ canary });
    const first = (region: string, kind: "rollout" | "rollback") =>
      stepsOf(spec, region, kind).slice(0, 3).map(stepText);
    expect(first("us-west-2", "rollout")).toEqual(["canary", "end of the canary", "100 % new"]);
    expect(first("us-east-1", "rollout")[0]).toBe("100 % new");
    expect(first("us-west-2", "rollback")[0]).toBe("100 % new");
  });

  it("are told by their place, and there is no other", () => {
    const steps = stepsOf(specWith(), "us-west-2", "rollout");
    expect(stepAt(steps, 4)).toEqual({ kind: "clean-up" });
    expect(() => stepAt(steps, 5)).toThrow("There is no step 5 of 5.");
  });

  it.each<[Step, boolean, number]>([
    [{ kind: "canary" }, true, 0],
    [{ kind: "end-canary" }, false, 0],
    [{ kind: "grow", percent: 50 }, true, 3 * minute],
    [{ kind: "shift", percent: 50 }, true, 0],
    [{ kind: "promote" }, false, 5 * minute],
    [{ kind: "scale-down" }, false, 0],
    [{ kind: "clean-up" }, false, 0],
  ])("expose or not, and have a pause or none: %j", (step, exposes, ms) => {
    const spec = specWith({
      strategy: { pause: { kind: "time", ms: 3 * minute }, delayBeforeScaleDownMs: 5 * minute },
    });
    expect(isExposing(step)).toBe(exposes);
    expect(pauseAfter(spec, step)).toEqual({ kind: "time", ms });
  });
});

describe("a time for people", () => {
  it.each([
    [-5, "0 s"],
    [0, "0 s"],
    [1, "1 s"],
    [59_001, "1 min"],
    [90_000, "1 min 30 s"],
    [3_600_000, "1 h"],
    [3_601_000, "1 h 1 s"],
    [86_400_000 + 3_600_000 + 60_000, "1 d 1 h"],
    [3 * 86_400_000, "3 d"],
  ])("of %i ms is %s", (ms, text) => {
    expect(timeText(ms)).toBe(text);
  });
});
