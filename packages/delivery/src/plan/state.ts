import type { Millis } from "@trysail/core";
import type { Analysis, Measured } from "../analysis/model.ts";
import type { RolloutSpec } from "../spec/model.ts";
import type { Losses } from "./losses.ts";
import type { Action, Version } from "./model.ts";
import type { RegionTask } from "./task.ts";

/** How far a region is. Plain data: stored, so that who takes over goes on from there. */
export type RegionState =
  /** Its wave has not begun, or it has not answered since. */
  | { readonly phase: "pending"; readonly silentSince?: Millis | undefined }
  | RunningRegion
  | { readonly phase: "succeeded"; readonly task: RegionTask; readonly at: Millis; readonly watch: Watch }
  /** It goes back to what it was. */
  | {
      readonly phase: "undoing";
      readonly task: RegionTask;
      readonly reason: string;
      readonly since: Millis;
      /** Since when it is seen to be as it was. */
      readonly reachedAt?: Millis | undefined;
    }
  /** It is what it was; `left` tells what is not, and why. */
  | { readonly phase: "undone"; readonly reason: string; readonly at: Millis; readonly left: string | undefined }
  /** It failed and is left as it is: `rollback.automatic` is off, or going back did not come to an end. */
  | {
      readonly phase: "halted";
      readonly task: RegionTask | undefined;
      readonly reason: string;
      readonly at: Millis;
      readonly left: string;
    };

export interface RunningRegion {
  readonly phase: "running";
  readonly task: RegionTask;
  /** Of `stepsOf`. */
  readonly step: number;
  readonly since: Millis;
  /** When the step's goal was first reached; undefined before. */
  readonly reachedAt: Millis | undefined;
  /** Since when it does not answer, where the goal was reached; undefined while it does. */
  readonly silentSince?: Millis | undefined;
  /** Whether a person let it go on without the rest of the pause. */
  readonly isPromoted: boolean;
  readonly watch: Watch;
}

/** What is remembered of the new version's behaviour. */
export interface Watch {
  readonly losses: Losses;
  readonly scores: readonly Score[];
  readonly analysis: Analysis | undefined;
}

/** A judgement of the canary, in short: the whole is in its report. */
export interface Score {
  readonly score: number;
  readonly reason: string;
  readonly at: Millis;
  /** Where the report is kept. */
  readonly report: string | undefined;
}

/** What a plan asks to be measured. Its answer is given to `answerRegion`. */
export type Question =
  | {
      readonly kind: "judge";
      readonly number: number;
      readonly from: Millis;
      readonly to: Millis;
      readonly canary: string;
      readonly baseline: string;
    }
  | { readonly kind: "measure"; readonly metric: string; readonly group: string };

export type Answer =
  | { readonly kind: "judged"; readonly number: number; readonly score: Score }
  | { readonly kind: "measured"; readonly metric: string; readonly at: Millis; readonly measured: Measured }
  /** A change that will never be done: access is denied, or it has no meaning. */
  | { readonly kind: "refused"; readonly message: string };

/** What a pass over a region says. Either the state changes, and is stored first, or there is something to do. */
export interface RegionPlan {
  readonly state: RegionState;
  readonly actions: readonly Action[];
  readonly questions: readonly Question[];
  /** For people: always says what is waited for. */
  readonly waiting: string;
  /** When to look again at the latest, if nothing is heard; undefined: when it is convenient. */
  readonly wakeAt: Millis | undefined;
}

export interface RegionContext {
  readonly spec: RolloutSpec;
  readonly region: string;
  readonly version: Version;
  readonly kind: "rollout" | "rollback";
  /** Whether a person has stopped it for now: nothing more is exposed. */
  readonly isPaused: boolean;
  /** When the last of the regions that are undone before it was; undefined if there are none. */
  readonly turnAt?: Millis | undefined;
}
