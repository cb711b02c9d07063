import { TrysailError, type Millis } from "@trysail/core";
import type { Pause, RolloutSpec } from "../spec/model.ts";

/**
 * A part of how a version replaces another in one region: a goal, and what is waited for once it is reached.
 *
 * - `canary`: the two groups that are compared, and their judgement
 * - `end-canary`: they are gone
 * - `grow`: so much of the capacity runs the new version, and takes traffic
 * - `shift`: so much of it is taken from the old version's traffic
 * - `promote`: the new group is what the cluster runs
 * - `scale-down`: the old group has no instances
 * - `clean-up`: no more than the kept groups are left
 */
export type Step =
  | { readonly kind: "canary" | "end-canary" | "promote" | "scale-down" | "clean-up" }
  | { readonly kind: "grow" | "shift"; readonly percent: number };

/** The steps of a region, in order. */
export function stepsOf(spec: RolloutSpec, region: string, kind: "rollout" | "rollback"): readonly Step[] {
  const { type, percentages, scaleDown } = spec.strategy;
  const isRolling = type === "rolling-red-black";
  const isTried = kind === "rollout" && spec.canary?.regions.includes(region) === true;
  const parts = isRolling ? percentages : [100];
  return [
    ...(isTried ? [{ kind: "canary" } as const, { kind: "end-canary" } as const] : []),
    ...parts.flatMap((percent): Step[] =>
      type === "none"
        ? [{ kind: "grow", percent }]
        : [
            { kind: "grow", percent },
            { kind: "shift", percent },
          ],
    ),
    { kind: "promote" },
    ...(scaleDown && type !== "highlander" && type !== "none" ? [{ kind: "scale-down" } as const] : []),
    ...(type === "none" ? [] : [{ kind: "clean-up" } as const]),
  ];
}

/** @throws TrysailError `no-such-step` where the state was not made by these steps */
export function stepAt(steps: readonly Step[], index: number): Step {
  const step = steps[index];
  if (step === undefined) throw new TrysailError("no-such-step", `There is no step ${index} of ${steps.length}.`);
  return step;
}

/** What is waited for once the goal of a step is reached. */
export function pauseAfter(spec: RolloutSpec, step: Step): Pause {
  const { pause, delayBeforeScaleDownMs } = spec.strategy;
  if (step.kind === "grow") return pause;
  if (step.kind === "promote") return { kind: "time", ms: delayBeforeScaleDownMs };
  return { kind: "time", ms: 0 };
}

/** Whether more of the users meet the new version in it: it begins in a window only. */
export const isExposing = (step: Step): boolean =>
  step.kind === "canary" || step.kind === "grow" || step.kind === "shift";

/** For people. */
export function stepText(step: Step): string {
  switch (step.kind) {
    case "canary":
      return "canary";
    case "end-canary":
      return "end of the canary";
    case "grow":
      return `${step.percent} % new`;
    case "shift":
      return `${step.percent} % shifted`;
    case "promote":
      return "promotion";
    case "scale-down":
      return "scale-down";
    case "clean-up":
      return "clean-up";
  }
}

/** What is left of a wait, for people: `1 min 30 s`. */
export function timeText(ms: Millis): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`);
  return told.length === 0 ? "0 s" : told.slice(0, 2).join(" ");
}
