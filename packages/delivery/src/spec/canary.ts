import { TrysailError } from "@trysail/core";
import { scaleFreeJudge } from "../judge/judges.ts";
import type { CanaryConfig, MetricConfig } from "../judge/model.ts";
import type { CanarySpec } from "./model.ts";
import { region } from "./names.ts";
import { query } from "./query.ts";
import {
  byName,
  defaulted,
  flag,
  list,
  number,
  object,
  oneOf,
  optional,
  percent,
  required,
  text,
  whole,
  within,
  wrong,
  type Place,
  type Reader,
} from "./reader.ts";
import { duration, positiveDuration } from "./time.ts";

const factor = number("a number above 0", (value) => value > 0);

const metric = object({
  name: required(text),
  query: required(query),
  groups: optional(list(text, { least: 1 })),
  direction: defaulted(oneOf(["increase", "decrease", "either"]), "either"),
  nanStrategy: defaulted(oneOf(["remove", "replace"]), "remove"),
  outlierFactor: optional(factor),
  critical: defaulted(flag, false),
  mustHaveData: defaulted(flag, false),
  muted: defaulted(flag, false),
  effectSize: optional(
    object({
      measure: optional(oneOf(["meanRatio", "cles"])),
      allowedIncrease: optional(factor),
      allowedDecrease: optional(factor),
      criticalIncrease: optional(factor),
      criticalDecrease: optional(factor),
    }),
  ),
});

type CanaryMetric = NonNullable<ReturnType<typeof metric>>;

const fields = object({
  regions: optional(list(region, { least: 1 })),
  instances: defaulted(whole(1), 1),
  warmup: defaulted(duration, 0),
  lifetime: defaulted(positiveDuration, 3_600_000),
  interval: optional(positiveDuration),
  lookback: defaulted(duration, 0),
  judge: defaulted(oneOf(["scale-free", "compatible"]), "scale-free"),
  thresholds: defaulted(object({ pass: defaulted(percent, 75), marginal: defaulted(percent, 50) }), {
    pass: 75,
    marginal: 50,
  }),
  groupWeights: optional(byName(percent)),
  metrics: required(list(metric, { least: 1 })),
});

/** @param waves - all regions, and those of the first wave */
export const canary =
  (waves: { readonly all: readonly string[]; readonly first: readonly string[] }): Reader<CanarySpec> =>
  (value, place) => {
    const before = place.mistakes.length;
    const read = fields(value, place);
    if (read === undefined) return undefined;
    const { metrics, thresholds, groupWeights, lifetime, interval = lifetime, regions = waves.first } = read;
    for (const [index, name] of (read.regions ?? []).entries())
      if (!waves.all.includes(name))
        wrong(within(within(place, "regions"), index), `is in no wave: ${waves.all.join(", ")} are.`);
    if (interval > lifetime) wrong(within(place, "interval"), "must not be longer than the lifetime.");
    const config: CanaryConfig = {
      metrics: metrics.map(configOf),
      groupWeights,
      thresholds,
    };
    checkConfig(config, place);
    if (place.mistakes.length > before) return undefined;
    return {
      regions,
      instances: read.instances,
      warmupMs: read.warmup,
      lifetimeMs: lifetime,
      intervalMs: interval,
      lookbackMs: read.lookback,
      judge: read.judge,
      config,
      queries: Object.fromEntries(metrics.map((one) => [one.name, one.query])),
    };
  };

/** What the judge is told of a metric. */
function configOf({ groups, ...metric }: CanaryMetric): MetricConfig {
  const { name, direction, nanStrategy, outlierFactor, critical, mustHaveData, muted, effectSize } = metric;
  return {
    name,
    groups: groups ?? [name],
    direction,
    nanStrategy,
    outlierFactor,
    critical,
    mustHaveData,
    muted,
    effectSize,
  };
}

/** What the judge would refuse when the canary is there already. */
function checkConfig(config: CanaryConfig, place: Place): void {
  try {
    scaleFreeJudge.judge(config, []);
  } catch (error) {
    if (!(error instanceof TrysailError)) throw error;
    wrong(place, error.message);
  }
}
