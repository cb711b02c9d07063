/** A time: `90s`, `10m`, `1h30m`, `3d`, `500ms`; a number is of seconds. */
export type Time = string | number;

/** What a user writes in `rollout.yaml`, or in TypeScript: see `RolloutSpec` for what each field means. */
export interface RolloutDocument {
  /** Letters, digits, dots and underscores. With stack and detail it names the cluster: `application-stack-detail`. */
  readonly application: string;
  readonly stack?: string;
  readonly detail?: string;
  /** The parameter that tells how server groups are made in a region. @defaultValue `/trysail/fleets/` and the cluster's name */
  readonly fleet?: string;
  /** Regions, in the order in which they get the version. A list of regions is a wave without bake time. */
  readonly waves: readonly (WaveDocument | readonly string[])[];
  /** A name alone has the defaults. `canary` is `red-black` with a canary. @defaultValue "red-black" */
  readonly strategy?: StrategyName | StrategyDocument;
  readonly canary?: CanaryDocument;
  readonly analysis?: readonly AnalysisDocument[];
  /** Alarms of CloudWatch, by name, in each region. */
  readonly alarms?: readonly string[];
  /** When a region may be changed, by region. @defaultValue at any time */
  readonly windows?: Readonly<Record<string, WindowsDocument>>;
  /** When nothing is changed. */
  readonly freezes?: readonly FreezeDocument[];
  readonly guards?: {
    /** @defaultValue 90 */
    readonly minimumHealthyPercent?: number;
    /** @defaultValue 100 */
    readonly healthyPercent?: number;
    /** @defaultValue 2 */
    readonly lostInstances?: number;
  };
  readonly rollback?: {
    /** @defaultValue true */
    readonly automatic?: boolean;
    /** @defaultValue "all-at-once" */
    readonly order?: "all-at-once" | "waves";
  };
  readonly timeouts?: {
    /** @defaultValue 30m */
    readonly healthy?: Time;
    /** @defaultValue 3d */
    readonly promote?: Time;
  };
  /** @defaultValue "queue" */
  readonly whenBusy?: "queue" | "supersede";
}

export type StrategyName = "red-black" | "rolling-red-black" | "highlander" | "canary" | "none";

export interface WaveDocument {
  readonly regions: readonly string[];
  /** From its success until the next wave begins. @defaultValue 0 */
  readonly bake?: Time;
}

export interface StrategyDocument {
  readonly type: StrategyName;
  /** Rising; 100 is added where it is missing. For `rolling-red-black` only. @defaultValue 25, 50, 100 */
  readonly percentages?: readonly number[];
  /** After each percentage; `promote` waits for a person. @defaultValue 0 */
  readonly pause?: Time;
  /** @defaultValue true */
  readonly scaleDown?: boolean;
  /** @defaultValue 0 */
  readonly delayBeforeScaleDown?: Time;
  /** Previous groups that are kept. @defaultValue 1, for `highlander` 0 */
  readonly keep?: number;
}

export interface CanaryDocument {
  /** @defaultValue the first wave's */
  readonly regions?: readonly string[];
  /** @defaultValue 1 */
  readonly instances?: number;
  /** @defaultValue 0 */
  readonly warmup?: Time;
  /** @defaultValue 1h */
  readonly lifetime?: Time;
  /** @defaultValue the lifetime */
  readonly interval?: Time;
  /** @defaultValue 0: all since the warmup */
  readonly lookback?: Time;
  /** @defaultValue "scale-free" */
  readonly judge?: "scale-free" | "compatible";
  readonly thresholds?: {
    /** @defaultValue 75 */
    readonly pass?: number;
    /** @defaultValue 50 */
    readonly marginal?: number;
  };
  /** In percent. Groups without a weight share what is left of 100. */
  readonly groupWeights?: Readonly<Record<string, number>>;
  readonly metrics: readonly CanaryMetricDocument[];
}

export interface CanaryMetricDocument {
  readonly name: string;
  readonly query: QueryDocument;
  /** @defaultValue its own name */
  readonly groups?: readonly string[];
  /** @defaultValue "either" */
  readonly direction?: "increase" | "decrease" | "either";
  /** @defaultValue "remove" */
  readonly nanStrategy?: "remove" | "replace";
  readonly outlierFactor?: number;
  /** @defaultValue false */
  readonly critical?: boolean;
  /** @defaultValue false */
  readonly mustHaveData?: boolean;
  /** @defaultValue false */
  readonly muted?: boolean;
  readonly effectSize?: {
    readonly measure?: "meanRatio" | "cles";
    readonly allowedIncrease?: number;
    readonly allowedDecrease?: number;
    readonly criticalIncrease?: number;
    readonly criticalDecrease?: number;
  };
}

/** In values of dimensions and in expressions stand `${serverGroup}`, `${cluster}`, `${region}`, `${loadBalancer}`, `${targetGroup}`. */
export type QueryDocument =
  | {
      readonly namespace: string;
      readonly metric: string;
      readonly dimensions?: Readonly<Record<string, string>>;
      /** @defaultValue "Average" */
      readonly statistic?: string;
      /** 1s, 5s, 10s, 20s, 30s or a multiple of 60s. @defaultValue 60s */
      readonly period?: Time;
    }
  | { readonly expression: string; readonly period?: Time };

export interface AnalysisDocument {
  readonly name: string;
  readonly query: QueryDocument;
  readonly count?: number;
  readonly interval?: Time;
  readonly initialDelay?: Time;
  /** Such as `< 0.01`. */
  readonly successCondition?: string;
  readonly failureCondition?: string;
  readonly failureLimit?: number;
  readonly inconclusiveLimit?: number;
  readonly consecutiveErrorLimit?: number;
  readonly consecutiveSuccessLimit?: number;
}

export interface WindowsDocument {
  /** As IANA names it: `Europe/Dublin`. */
  readonly timeZone: string;
  readonly open: readonly {
    /** `Mon`, or a range such as `Mon-Fri`. @defaultValue all */
    readonly days?: readonly string[];
    /** Such as `"09:00"`. */
    readonly from: string;
    /** Of the next day where it is not after `from`. */
    readonly to: string;
  }[];
}

export interface FreezeDocument {
  /** ISO 8601 with its zone. */
  readonly from: string;
  readonly to: string;
  /** @defaultValue all */
  readonly regions?: readonly string[];
}
