import type { Millis } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import type { Execution } from "../engine/state.ts";
import type { RunEnd } from "../happen.ts";
import type { Action, Definition, Rule } from "../model/definition.ts";
import type { Awaited, RunInput, RunRecord } from "../model.ts";

/** A run as its provider sees it. */
export interface Work {
  readonly record: RunRecord;
  readonly input: RunInput;
  readonly execution: Execution;
  readonly definition: Definition;
  /** What the run is of, as declared. */
  readonly declared: Action | Rule;
  /** As the action's role, in the action's region: for what the action does to other services. */
  readonly acting: Context;
  /** As the service, in the action's region: for artifacts. */
  readonly storing: Context;
  /** As the service, in the pipeline's own region. */
  readonly home: Context;
  /** A folder for the files of this step, removed after it. It may hold those of a step that was interrupted. */
  readonly folder: string;
}

/** What is told of a run while it goes on and when it ends. */
export interface Shown {
  readonly summary?: string;
  readonly externalId?: string;
  readonly externalUrl?: string;
  readonly logStreamArn?: string;
}

/** How far a run has come. */
export type Step =
  | ({
      readonly status: "waiting";
      /** Kept, and given back with the next step. */
      readonly progress?: unknown;
      readonly awaits?: Awaited;
      readonly wakeAt?: Millis;
      readonly token?: string;
    } & Shown)
  | (RunEnd & Shown);

/**
 * What carries out actions of one type. `step` is called when the run begins, when something that it awaits has
 * happened, and after an interruption, always with the progress that it has told of last: so it must find out what is
 * already done, and do nothing twice. What it throws fails the run.
 */
export interface Provider {
  step(work: Work): Promise<Step>;
  /** Ends what goes on outside, when the run has taken too long. */
  stop?(work: Work): Promise<void>;
}

/** For conditions of rules that are not met: not an error, but a no. */
export const ruleFailed = "RuleFailed";
