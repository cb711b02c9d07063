import type { Millis } from "@trysail/core";
import type { AnalysisMetric } from "../analysis/model.ts";
import type { CanaryConfig } from "../judge/model.ts";
import type { ClusterName } from "../server-groups/name.ts";
import type { Windows } from "../windows/windows.ts";

/**
 * What a rollout is to do: a `rollout.yaml` with all defaults in place, read by `parseRollout`. Plain data: it is stored
 * with the rollout, so that a later change of the file does not change what goes on.
 */
export interface RolloutSpec {
  readonly cluster: ClusterName;
  /**
   * The parameter of Parameter Store that tells, in each region, how server groups are made there.
   *
   * @defaultValue `/trysail/fleets/` and the cluster's name
   */
  readonly fleetParameter: string;
  /** One after the other; at least one. No region is in two. */
  readonly waves: readonly Wave[];
  readonly strategy: Strategy;
  readonly canary: CanarySpec | undefined;
  /** Measured during every step after the canary; one that fails undoes the rollout. */
  readonly analysis: readonly MeasuredMetric[];
  /** Of CloudWatch, in each region: one in ALARM undoes the rollout. Those that a region does not have are left out. */
  readonly alarms: readonly string[];
  /** By region; one that is not named is always open. */
  readonly windows: Readonly<Record<string, Windows>>;
  readonly guards: Guards;
  readonly rollback: Rollback;
  readonly timeouts: Timeouts;
  /** What becomes of a rollout that begins while another goes on in its cluster. @defaultValue "queue" */
  readonly whenBusy: "queue" | "supersede";
}

/** Regions that are changed at the same time. */
export interface Wave {
  readonly regions: readonly string[];
  /** From its last region's success until the next wave begins; its regions are still watched. @defaultValue 0 */
  readonly bakeMs: Millis;
}

/** How a version replaces another in one region. */
export interface Strategy {
  /**
   * - `red-black`: the new group at full size, then the old one takes no more traffic.
   * - `rolling-red-black`: the same by percentages.
   * - `highlander`: as red/black, then all others are deleted.
   * - `none`: the new group beside the old one, which goes on serving.
   */
  readonly type: "red-black" | "rolling-red-black" | "highlander" | "none";
  /** Of the capacity, rising, the last 100. Others than `rolling-red-black` have 100 alone. @defaultValue 25, 50, 100 */
  readonly percentages: readonly number[];
  /** After each percentage, before the old group's traffic is taken from it. */
  readonly pause: Pause;
  /** Whether the old group is scaled to zero in the end. @defaultValue true */
  readonly scaleDown: boolean;
  /** From when it takes no traffic: to go back within it is quick. @defaultValue 0 */
  readonly delayBeforeScaleDownMs: Millis;
  /** Previous groups that are kept, without traffic, to go back to. @defaultValue 1, for `highlander` 0 */
  readonly keep: number;
}

/** A wait: for a time, or for `trysail rollout promote`. */
export type Pause = { readonly kind: "time"; readonly ms: Millis } | { readonly kind: "promote" };

/** Two fresh groups of the same size, one of the new version and one of the present one, compared by a judge. */
export interface CanarySpec {
  /** Where. @defaultValue the first wave's */
  readonly regions: readonly string[];
  /** Instances of each of both groups; at least 1. @defaultValue 1 */
  readonly instances: number;
  /** From when both are healthy until values are looked at. @defaultValue 0 */
  readonly warmupMs: Millis;
  /** @defaultValue 1 h */
  readonly lifetimeMs: Millis;
  /** @defaultValue the lifetime */
  readonly intervalMs: Millis;
  /** 0: each judgement looks at all since the warmup. @defaultValue 0 */
  readonly lookbackMs: Millis;
  /** @defaultValue "scale-free" */
  readonly judge: "scale-free" | "compatible";
  readonly config: CanaryConfig;
  /** By the metric's name in `config`. */
  readonly queries: Readonly<Record<string, MetricQuery>>;
}

/** A metric with the query that measures it. */
export interface MeasuredMetric extends AnalysisMetric {
  readonly query: MetricQuery;
}

/**
 * A query of CloudWatch. In the dimensions' values and in the expression stand, in `${…}`, `serverGroup`, `cluster`,
 * `region`, `loadBalancer` and `targetGroup`.
 */
export type MetricQuery =
  | {
      readonly kind: "metric";
      readonly namespace: string;
      readonly metric: string;
      readonly dimensions: Readonly<Record<string, string>>;
      /** @defaultValue "Average" */
      readonly statistic: string;
      /** Whole seconds. @defaultValue 60 */
      readonly periodSeconds: number;
    }
  | {
      readonly kind: "expression";
      /** Of metric math, or of Metrics Insights (`SELECT AVG(…)`). */
      readonly expression: string;
      /** @defaultValue 60 */
      readonly periodSeconds: number;
    };

/** What a rollout never does, whatever the strategy says. */
export interface Guards {
  /**
   * How much of the capacity serves in good health after each change that takes some from traffic, in percent, rounded up;
   * never less than one instance.
   *
   * @defaultValue 90
   */
  readonly minimumHealthyPercent: number;
  /** How much of a group must be healthy for the next step, in percent, rounded up. @defaultValue 100 */
  readonly healthyPercent: number;
  /** More instances of the new version than this that die or fall ill once they are started undo it. @defaultValue 2 */
  readonly lostInstances: number;
}

export interface Rollback {
  /** Whether a failure undoes what went out; else the rollout stops and waits for a person. @defaultValue true */
  readonly automatic: boolean;
  /** All regions at once, or the waves in the opposite order. @defaultValue "all-at-once" */
  readonly order: "all-at-once" | "waves";
}

export interface Timeouts {
  /** From a step's begin until its groups are healthy; the time that a region does not answer counts. @defaultValue 30 min */
  readonly healthyMs: Millis;
  /** How long a step may wait for `trysail rollout promote`. @defaultValue 3 days */
  readonly promoteMs: Millis;
}
