import { TrysailError } from "@trysail/core";
import type { CanaryConfig, MetricConfig, MetricPair } from "./model.ts";

/**
 * Refuses what has no meaning: a judgement on it would look like one on the canary.
 *
 * @throws TrysailError `invalid-canary-config` (fault: user)
 */
export function checkCanaryConfig(config: CanaryConfig, pairs: readonly MetricPair[]): void {
  const refuse = (message: string) => {
    throw new TrysailError("invalid-canary-config", message, { fault: "user" });
  };
  const names = new Set<string>();
  for (const metric of config.metrics) {
    if (names.has(metric.name)) refuse(`Two metrics are named "${metric.name}".`);
    names.add(metric.name);
    if (metric.groups.length === 0) refuse(`The metric "${metric.name}" is in no group, and would not be scored.`);
    if (metric.outlierFactor !== undefined && !(metric.outlierFactor > 0))
      refuse(`The outlier factor of "${metric.name}" must be greater than zero.`);
    for (const [member, value] of Object.entries(metric.effectSize ?? {}))
      if (typeof value === "number" && !(value >= 0)) refuse(`${member} of "${metric.name}" must be 0 or more.`);
  }
  for (const { name } of pairs) if (!names.has(name)) refuse(`There is no configuration of the metric "${name}".`);
  const weights = Object.values(config.groupWeights ?? {});
  if (weights.some((weight) => !(weight >= 0)) || weights.reduce((total, weight) => total + weight, 0) > 100)
    refuse("The groups' weights must be percentages, and no more than 100 together.");
  const { pass, marginal } = config.thresholds;
  if (!(marginal >= 0 && pass <= 100 && marginal <= pass))
    refuse(`The thresholds must be 0 ≤ marginal ≤ pass ≤ 100: they are ${marginal} and ${pass}.`);
}

/** A metric's effect sizes, with defaults: any size of a difference matters. */
export function effectSizes(config: MetricConfig) {
  const { measure = "meanRatio", ...given } = config.effectSize ?? {};
  const none = measure === "cles" ? 0.5 : 1;
  return {
    measure,
    allowedIncrease: given.allowedIncrease ?? none,
    allowedDecrease: given.allowedDecrease ?? none,
    criticalIncrease: given.criticalIncrease ?? none,
    criticalDecrease: given.criticalDecrease ?? none,
  };
}
