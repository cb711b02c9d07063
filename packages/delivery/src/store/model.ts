import type { Millis } from "@trysail/core";
import type { Rollout } from "../plan/rollout.ts";
import type { ServerGroup } from "../plan/model.ts";

/** A rollout with all that must be remembered of it. */
export interface StoredRollout {
  /** Of the format. */
  readonly format: 1;
  readonly rollout: Rollout;
  /** Who goes on with it, so that two do not. */
  readonly lease: Lease | undefined;
  /** What was announced to nobody yet. */
  readonly outbox: readonly RolloutEvent[];
  /** The job of CodePipeline that waits for it. */
  readonly job: PipelineJob | undefined;
  /** Calls of AWS's API so far. */
  readonly calls: { readonly reading: number; readonly changing: number };
}

export interface Lease {
  readonly worker: string;
  readonly until: Millis;
}

export interface PipelineJob {
  readonly id: string;
  readonly pipeline: string;
  readonly execution: string;
  readonly stage: string;
  readonly action: string;
}

/** What is told to EventBridge, and stands in the journal. */
export interface RolloutEvent {
  readonly at: Millis;
  /** Of the event's `detail-type`. */
  readonly type: "Rollout State Change" | "Rollout Region State Change" | "Rollout Canary Judgement";
  readonly region: string | undefined;
  /** For people. */
  readonly text: string;
  /** Of the event's `detail`. */
  readonly detail: Readonly<Record<string, string | number | boolean | undefined>>;
}

/** A line of a rollout's journal. */
export type JournalLine =
  | { readonly kind: "event"; readonly at: Millis; readonly region?: string | undefined; readonly text: string }
  | {
      readonly kind: "call";
      readonly at: Millis;
      readonly region: string;
      /** `autoscaling:UpdateAutoScalingGroup` */
      readonly call: string;
      readonly resource?: string | undefined;
      readonly ms: number;
      /** `ok`, or AWS's code. */
      readonly outcome: string;
    };

/** What its regions looked like when they were last looked at. */
export interface RolloutView {
  readonly at: Millis;
  /** What it waits for, by region; the key is empty for what all wait for. */
  readonly waiting: Readonly<Record<string, string>>;
  readonly regions: Readonly<Record<string, readonly ServerGroup[]>>;
}
