/** Which way a metric must not move: up (errors, latency), down (requests served), or neither. */
export type Direction = "increase" | "decrease" | "either";

/** How the size of a difference is told: the ratio of the means, or how often a canary's value is above a baseline's. */
export type EffectMeasure = "meanRatio" | "cles";

/** How a metric is to be judged: Kayenta's `analysisConfigurations.canary`. */
export interface MetricConfig {
  readonly name: string;
  readonly groups: readonly string[];
  /** @defaultValue "either" */
  readonly direction?: Direction | undefined;
  /**
   * Points without a value are left out, or are zeros: right for counts of errors, where none were is no point.
   *
   * @defaultValue "remove"
   */
  readonly nanStrategy?: "remove" | "replace" | undefined;
  /**
   * With a factor, values outside of the quartiles by more than so many interquartile ranges are removed, if they are
   * outside of the 1st and 99th percentile too. Kayenta's factor is 3.
   *
   * @defaultValue all are kept
   */
  readonly outlierFactor?: number | undefined;
  /** If it does not pass, the whole score is 0. */
  readonly critical?: boolean | undefined;
  /** Without data, it counts as failed. */
  readonly mustHaveData?: boolean | undefined;
  /** It is judged and told, and not scored. */
  readonly muted?: boolean | undefined;
  readonly effectSize?: EffectSizeConfig | undefined;
}

/** From which size a difference matters. Defaults are 1 for `meanRatio` and 0.5 for `cles`: any size. */
export interface EffectSizeConfig {
  /** @defaultValue "meanRatio" */
  readonly measure?: EffectMeasure | undefined;
  readonly allowedIncrease?: number | undefined;
  readonly allowedDecrease?: number | undefined;
  /** From which size a critical metric fails the canary. */
  readonly criticalIncrease?: number | undefined;
  readonly criticalDecrease?: number | undefined;
}

/** Scores from 0 to 100. */
export interface ScoreThresholds {
  readonly pass: number;
  readonly marginal: number;
}

/** What a canary is judged by. */
export interface CanaryConfig {
  readonly metrics: readonly MetricConfig[];
  /** In percent, by group. Groups without a weight share what is left of 100. */
  readonly groupWeights?: Readonly<Record<string, number>> | undefined;
  readonly thresholds: ScoreThresholds;
}

/** One metric's values in time; NaN where there is none. */
export interface MetricPair {
  readonly name: string;
  readonly canary: readonly number[];
  readonly baseline: readonly number[];
}

/** `Error` is a metric that could not be compared; it is not scored. */
export type Classification = "Pass" | "High" | "Low" | "Nodata" | "NodataFailMetric" | "Error";

/** What is known of one side of a comparison. All in the unit of the metric. */
export interface SideSummary {
  /** Of what was compared: with neither missing points nor outliers. */
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly standardDeviation: number;
  /** Points without a value, whether left out or taken for zeros. */
  readonly missing: number;
  readonly outliersRemoved: number;
  /** As it was given; null where there is no value. */
  readonly series: readonly (number | null)[];
}

/** The test's numbers, in the unit of the metric. */
export interface ShiftSummary {
  readonly confidence: number;
  /** By how much the canary's values are above the baseline's: the Hodges-Lehmann estimate. */
  readonly estimate: number;
  readonly confidenceInterval: readonly [low: number, high: number];
  /** The interval must be beyond this, up or down, for the difference to count. */
  readonly bound: number;
}

/** A metric's verdict, as plain data. */
export interface MetricVerdict {
  readonly name: string;
  readonly groups: readonly string[];
  readonly muted: boolean;
  readonly classification: Classification;
  /** Whether this verdict alone fails the canary, unless it is Pass. */
  readonly critical: boolean;
  readonly reason: string;
  /** The ratio of the means, canary's to baseline's; 1 where nothing was compared, null where it cannot be told. */
  readonly deviation: number | null;
  /** Null where nothing was compared; its value is null where a mean is zero. */
  readonly effect: { readonly measure: EffectMeasure; readonly value: number | null } | null;
  /** Null where nothing was compared. */
  readonly shift: ShiftSummary | null;
  readonly canary: SideSummary;
  readonly baseline: SideSummary;
}

/** A group's share in the score. */
export interface GroupScore {
  readonly name: string;
  readonly score: number;
  /** None of its metrics could be scored: it counts as passed. */
  readonly noData: boolean;
  readonly weight: number;
  readonly counts: Readonly<Partial<Record<Classification, number>>>;
}

/** The verdict on a canary, as plain data. */
export interface Judgement {
  readonly judge: string;
  readonly score: number;
  readonly classification: "Pass" | "Marginal" | "Fail";
  readonly reason: string;
  readonly thresholds: ScoreThresholds;
  readonly groups: readonly GroupScore[];
  readonly metrics: readonly MetricVerdict[];
}

/** Compares a canary's metrics with its baseline's. Pure, but for the randomness that it was given. */
export interface Judge {
  readonly name: string;
  /**
   * A metric of the configuration that has no pair is without data.
   *
   * @throws TrysailError `invalid-canary-config` (fault: user) for what has no meaning
   */
  judge(config: CanaryConfig, pairs: readonly MetricPair[]): Judgement;
}
