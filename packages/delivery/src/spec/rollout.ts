import { TrysailError } from "@trysail/core";
import { startAnalysis } from "../analysis/analysis.ts";
import { clusterName, type ClusterName } from "../server-groups/name.ts";
import { canary } from "./canary.ts";
import { condition } from "./condition.ts";
import type { MeasuredMetric, RolloutSpec, Strategy, Wave } from "./model.ts";
import { detailWord, region, word } from "./names.ts";
import { query } from "./query.ts";
import {
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
import { freezesField, schedulesOf, windowsField } from "./windows.ts";

const minute = 60_000;
const day = 24 * 60 * minute;

const waveMap = object({ regions: required(list(region, { least: 1 })), bake: defaulted(duration, 0) });

const regionList = list(region, { least: 1 });

/** A list of regions is a wave without bake time. */
const wave: Reader<Wave> = (value, place) => {
  if (Array.isArray(value)) {
    const regions = regionList(value, place);
    return regions && { regions, bakeMs: 0 };
  }
  const read = waveMap(value, place);
  return read && { regions: read.regions, bakeMs: read.bake };
};

const types = ["red-black", "rolling-red-black", "highlander", "canary", "none"] as const;

const strategyMap = object({
  type: required(oneOf(types)),
  percentages: optional(
    list(
      number("a number above 0, up to 100", (value) => value > 0 && value <= 100),
      { least: 1 },
    ),
  ),
  pause: defaulted<"promote" | number>((value, place) => (value === "promote" ? value : duration(value, place)), 0),
  scaleDown: defaulted(flag, true),
  delayBeforeScaleDown: defaulted(duration, 0),
  keep: optional(whole(0)),
});

interface ReadStrategy {
  readonly strategy: Strategy;
  readonly needsCanary: boolean;
}

const strategy: Reader<ReadStrategy> = (value, place) => {
  const read = typeof value === "string" ? named(value, place) : strategyMap(value, place);
  if (read === undefined) return undefined;
  const { type, percentages, pause, keep } = read;
  const isRolling = type === "rolling-red-black";
  if (percentages !== undefined) {
    const at = within(place, "percentages");
    if (!isRolling) return wrong(at, "are for rolling-red-black only.");
    if (percentages.some((one, index) => index > 0 && one <= (percentages[index - 1] ?? 0)))
      return wrong(at, "must rise.");
  }
  if (type === "highlander" && (keep ?? 0) > 0) return wrong(within(place, "keep"), "must be 0 with highlander.");
  const parts = percentages ?? [25, 50, 100];
  return {
    needsCanary: type === "canary",
    strategy: {
      type: type === "canary" ? "red-black" : type,
      percentages: !isRolling ? [100] : parts.at(-1) === 100 ? parts : [...parts, 100],
      pause: pause === "promote" ? { kind: "promote" } : { kind: "time", ms: pause },
      scaleDown: read.scaleDown,
      delayBeforeScaleDownMs: read.delayBeforeScaleDown,
      keep: keep ?? (type === "highlander" ? 0 : 1),
    },
  };
};

/** A strategy's name alone: the mistake is at its place then. */
function named(name: string, place: Place) {
  const type = oneOf(types)(name, place);
  return type && strategyMap({ type }, place);
}

const count = whole(0);

const analysisMetric: Reader<MeasuredMetric> = (value, place) => {
  const read = analysisMap(value, place);
  if (read === undefined) return undefined;
  const { interval, initialDelay, ...rest } = read;
  return { ...rest, intervalMs: interval, initialDelayMs: initialDelay };
};

const analysisMap = object({
  name: required(text),
  query: required(query),
  count: optional(count),
  interval: optional(positiveDuration),
  initialDelay: optional(duration),
  successCondition: optional(condition),
  failureCondition: optional(condition),
  failureLimit: optional(whole(-1)),
  inconclusiveLimit: optional(count),
  consecutiveErrorLimit: optional(count),
  consecutiveSuccessLimit: optional(count),
});

const guards = object({
  minimumHealthyPercent: defaulted(percent, 90),
  healthyPercent: defaulted(percent, 100),
  lostInstances: defaulted(whole(0), 2),
});
const rollback = object({
  automatic: defaulted(flag, true),
  order: defaulted(oneOf(["all-at-once", "waves"]), "all-at-once"),
});
const timeouts = object({
  healthy: defaulted(positiveDuration, 30 * minute),
  promote: defaulted(positiveDuration, 3 * day),
});

/** The canary is read when the waves are known. */
const asIs: Reader<unknown> = (value) => value;

const document = object({
  application: required(word),
  stack: optional(word),
  detail: optional(detailWord),
  fleet: optional(text),
  waves: required(list(wave, { least: 1 })),
  strategy: defaulted(strategy, {
    needsCanary: false,
    strategy: {
      type: "red-black",
      percentages: [100],
      pause: { kind: "time", ms: 0 },
      scaleDown: true,
      delayBeforeScaleDownMs: 0,
      keep: 1,
    },
  }),
  canary: optional(asIs),
  analysis: defaulted(list(analysisMetric), []),
  alarms: defaulted(list(text), []),
  windows: windowsField,
  freezes: freezesField,
  guards: defaulted(guards, { minimumHealthyPercent: 90, healthyPercent: 100, lostInstances: 2 }),
  rollback: defaulted<RolloutSpec["rollback"]>(rollback, { automatic: true, order: "all-at-once" }),
  timeouts: defaulted(timeouts, { healthy: 30 * minute, promote: 3 * day }),
  whenBusy: defaulted(oneOf(["queue", "supersede"]), "queue"),
});

/** The whole document. */
export const rollout: Reader<RolloutSpec> = (value, place) => {
  const read = document(value, place);
  if (read === undefined) return undefined;
  const { application, stack, detail, waves, timeouts: times } = read;
  const cluster: ClusterName = { app: application, stack, detail };
  const all = waves.flatMap(({ regions }) => regions);
  checkWaves(waves, within(place, "waves"));
  checked(place, () => clusterName(cluster));
  if (read.analysis.length > 0) checked(within(place, "analysis"), () => startAnalysis(read.analysis, 0));
  const windows = schedulesOf(all, read.windows, read.freezes, place);
  const trial =
    read.canary === undefined
      ? undefined
      : canary({ all, first: waves[0]?.regions ?? [] })(read.canary, within(place, "canary"));
  if (read.strategy.needsCanary && read.canary === undefined)
    wrong(within(place, "canary"), "is missing, which the strategy canary needs.");
  if (place.mistakes.length > 0) return undefined;
  return {
    cluster,
    fleetParameter: read.fleet ?? `/trysail/fleets/${clusterName(cluster)}`,
    waves,
    strategy: read.strategy.strategy,
    canary: trial,
    analysis: read.analysis,
    alarms: read.alarms,
    windows,
    guards: read.guards,
    rollback: read.rollback,
    timeouts: { healthyMs: times.healthy, promoteMs: times.promote },
    whenBusy: read.whenBusy,
  };
};

function checkWaves(waves: readonly Wave[], place: Place): void {
  const seen = new Set<string>();
  for (const [index, { regions }] of waves.entries())
    for (const name of regions) {
      if (seen.has(name)) wrong(within(place, index), `has ${name}, which was named before.`);
      seen.add(name);
    }
}

/** What another part refuses is a mistake here. */
function checked(place: Place, run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof TrysailError)) throw error;
    wrong(place, error.message);
  }
}
