import type { Millis } from "@trysail/core";
import type { Condition } from "./condition.ts";

/** What is measured again and again while a rollout goes on, and when that says enough. */
export interface AnalysisMetric {
  readonly name: string;
  /** How many measurements are taken, failed ones included, errors not. @defaultValue 1 without an interval, else no end */
  readonly count?: number | undefined;
  /** From the end of a measurement to the next. */
  readonly intervalMs?: number | undefined;
  /** From the start to the first measurement. @defaultValue 0 */
  readonly initialDelayMs?: number | undefined;
  /** Alone: what does not hold fails. */
  readonly successCondition?: Condition | undefined;
  /** Alone: what does not hold succeeds. With both, what neither holds for is inconclusive. */
  readonly failureCondition?: Condition | undefined;
  /** More failures than this fail the metric; −1 turns it off, with a `consecutiveSuccessLimit`. @defaultValue 0 */
  readonly failureLimit?: number | undefined;
  /** @defaultValue 0 */
  readonly inconclusiveLimit?: number | undefined;
  /** @defaultValue 4 */
  readonly consecutiveErrorLimit?: number | undefined;
  /** So many successes one after the other end the metric well. @defaultValue 0, which is off */
  readonly consecutiveSuccessLimit?: number | undefined;
}

/** What came of measuring. */
export type Measured =
  | { readonly kind: "value"; readonly value: number }
  | { readonly kind: "error"; readonly message: string };

/** From the best to the worst. */
export type Outcome = "Successful" | "Inconclusive" | "Error" | "Failed";

export interface Measurement {
  readonly at: Millis;
  readonly outcome: Outcome;
  /** Null if there was an error, and for NaN. */
  readonly value: number | null;
  /** Of an error. */
  readonly message?: string | undefined;
}

/** What became of a metric so far. */
export interface MetricState {
  readonly name: string;
  readonly phase: "Pending" | "Running" | Outcome;
  /** Why it is over; undefined before. */
  readonly reason: string | undefined;
  /** Of all but errors. */
  readonly count: number;
  readonly successful: number;
  readonly failed: number;
  readonly inconclusive: number;
  readonly errors: number;
  readonly consecutiveErrors: number;
  readonly consecutiveSuccesses: number;
  /** The newest, up to ten: the counters tell of all. */
  readonly measurements: readonly Measurement[];
}

/** An analysis, as plain data, to be stored between its steps. */
export interface Analysis {
  readonly startedAt: Millis;
  readonly metrics: readonly MetricState[];
  /** Set once: what happens afterwards changes nothing. */
  readonly result: AnalysisResult | undefined;
}

export interface AnalysisResult {
  readonly outcome: Outcome;
  readonly reason: string;
  /** What a rollout does then. */
  readonly advice: "goOn" | "pause" | "abort";
}

/** What happens to an analysis. `terminate` ends it without fault: what was not measured counts as successful. */
export type Happening =
  | { readonly kind: "measured"; readonly metric: string; readonly at: Millis; readonly measured: Measured }
  | { readonly kind: "terminate" };
