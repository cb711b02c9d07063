import type { Millis } from "@trysail/core";
import type { Measured } from "../analysis/model.ts";
import type { Action, Observation, Unreachable } from "../plan/model.ts";
import type { MetricQuery } from "../spec/model.ts";

/** One region, as a rollout sees and changes it. */
export interface RegionPort {
  readonly region: string;
  observe(): Promise<Observation | Unreachable>;
  /** Repeating an action changes nothing. */
  apply(action: Action): Promise<Applied>;
  /** A group's values, one per period; NaN where there is none. */
  series(
    query: MetricQuery,
    group: string,
    window: { readonly from: Millis; readonly to: Millis },
  ): Promise<readonly number[]>;
  /** A group's newest value. */
  measure(query: MetricQuery, group: string, at: Millis): Promise<Measured>;
}

/**
 * - `later`: not now, but another time: an old group of that name is still being deleted, or AWS throttles.
 * - `refused`: never, as long as nobody changes something: access is denied, or a quota is reached.
 */
export type Applied =
  | { readonly kind: "done" }
  | { readonly kind: "later"; readonly message: string }
  | { readonly kind: "refused"; readonly code: string; readonly message: string; readonly next?: string | undefined };

/** A call of AWS's API, each attempt of it. */
export interface Call {
  readonly region: string;
  readonly service: string;
  readonly operation: string;
  readonly resource?: string | undefined;
  readonly startedAt: Millis;
  readonly ms: number;
  /** `ok`, or AWS's code. */
  readonly outcome: string;
  readonly isMutating: boolean;
}
