import { TrysailError, type Millis } from "@trysail/core";
import type { Judgement, ScoreThresholds } from "./model.ts";

/** How long and how often a canary is judged. */
export interface CanaryRun {
  readonly startedAt: Millis;
  /** From the start until values are looked at: a new server's first minutes say little. @defaultValue 0 */
  readonly warmupMs?: number | undefined;
  readonly lifetimeMs: number;
  /** Between judgements. @defaultValue the lifetime: one judgement; so is 0, and what is longer */
  readonly intervalMs?: number | undefined;
  /** If above 0, each judgement looks at no more than this; else at all since the warmup. @defaultValue 0 */
  readonly lookbackMs?: number | undefined;
  readonly thresholds: ScoreThresholds;
}

/** What a judgement looks at. It falls due when its window has passed. */
export interface JudgementWindow {
  /** From 1. */
  readonly number: number;
  readonly from: Millis;
  readonly to: Millis;
}

export type RunDecision =
  | { readonly kind: "waiting"; readonly next: JudgementWindow }
  | { readonly kind: "failed" | "passed"; readonly reason: string };

/**
 * The windows of a run's judgements: as many as whole intervals fit into the lifetime.
 *
 * @throws TrysailError `invalid-canary-run` (fault: user)
 */
export function judgementWindows(run: CanaryRun): readonly JudgementWindow[] {
  const { warmupMs = 0, lookbackMs = 0, intervalMs = 0, lifetimeMs } = run;
  if (!(lifetimeMs > 0 && warmupMs >= 0 && lookbackMs >= 0 && intervalMs >= 0))
    throw new TrysailError("invalid-canary-run", "A canary's lifetime must be above zero, and no other time below.", {
      fault: "user",
    });
  const interval = intervalMs === 0 || intervalMs > lifetimeMs ? lifetimeMs : intervalMs;
  return Array.from({ length: Math.floor(lifetimeMs / interval) }, (_, index) => {
    const begin = run.startedAt + warmupMs;
    const to = begin + interval * (index + 1);
    return { number: index + 1, from: lookbackMs > 0 ? to - lookbackMs : begin, to };
  });
}

/**
 * How a run stands after its judgements so far. A score that is not above the marginal threshold ends it at once; the
 * last must reach the pass threshold, whatever those before were.
 */
export function decideRun(run: CanaryRun, scores: readonly number[]): RunDecision {
  const { pass, marginal } = run.thresholds;
  const last = scores.find((score) => score <= marginal) ?? scores.at(-1);
  if (last !== undefined && last <= marginal)
    return { kind: "failed", reason: `Final canary score ${last} is not above the marginal score threshold.` };
  const next = judgementWindows(run)[scores.length];
  if (next !== undefined) return { kind: "waiting", next };
  return last !== undefined && last >= pass
    ? { kind: "passed", reason: `Final canary score ${last} met or exceeded the pass score threshold.` }
    : { kind: "failed", reason: `Final canary score ${last} is below the pass score threshold.` };
}

/** Below so many points, the test is not to be trusted much. */
const enoughPoints = 50;

/** What to tell of a judgement besides its score. */
export function judgementWarnings(judgement: Judgement): readonly string[] {
  if (judgement.metrics.every((metric) => metric.baseline.count >= enoughPoints)) return [];
  return [
    `One of the metrics returned fewer than ${enoughPoints} data points, which can reduce confidence in the final canary score.`,
  ];
}
