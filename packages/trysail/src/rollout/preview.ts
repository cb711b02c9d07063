import { goalOf, judgementWindows, opensAt, pauseAfter, shareOf, stepsOf, stepText, taskOf } from "@trysail/delivery";
import type {
  CanarySpec,
  Capacity,
  Observation,
  RegionTask,
  RolloutSpec,
  Step,
  Unreachable,
  Version,
} from "@trysail/delivery";

/** What a rollout would do, if it began now. Plain data. */
export interface Preview {
  readonly spec: RolloutSpec;
  readonly version: Version;
  readonly kind: "rollout" | "rollback";
  readonly waves: readonly WavePreview[];
  /** What it waits in all, besides the time that instances take; windows are left out. */
  readonly waitsMs: number;
  /** How often a person must promote it. */
  readonly promotions: number;
}

export interface WavePreview {
  readonly regions: readonly RegionPreview[];
  readonly bakeMs: number;
}

export type RegionPreview = { readonly region: string; readonly shut: Shut | undefined } &
  /** It cannot be looked at, or its part cannot be begun. */
  (
    | { readonly kind: "impossible"; readonly reason: string }
    | {
        readonly kind: "possible";
        readonly task: RegionTask;
        readonly steps: readonly StepPreview[];
        /** Groups that are deleted in the end. */
        readonly deletes: readonly string[];
        /** Why there is no canary where the spec wants one. */
        readonly withoutCanary: string | undefined;
        /** Alarms that would undo it at once. */
        readonly alarms: readonly string[];
      }
  );

/** Nothing may be exposed there now; `until` is undefined where no window is to be foreseen. */
export interface Shut {
  readonly until: number | undefined;
}

export interface StepPreview {
  readonly text: string;
  /** Of the new version, in that step. */
  readonly instances: number | undefined;
  readonly wait: StepWait | undefined;
}

export type StepWait =
  | { readonly kind: "time"; readonly ms: number }
  | { readonly kind: "promote" }
  | { readonly kind: "judgements"; readonly count: number; readonly ms: number };

/** What a rollout of a version would do in regions that look like that. */
export function previewOf(
  spec: RolloutSpec,
  version: Version,
  kind: "rollout" | "rollback",
  observations: Readonly<Record<string, Observation | Unreachable>>,
  now: number,
): Preview {
  const waves = spec.waves.map(({ regions, bakeMs }, index) => ({
    regions: regions.map((region) => regionPreview(spec, version, kind, region, observations[region], now)),
    // There is nothing after the last that it would hold up.
    bakeMs: index === spec.waves.length - 1 ? 0 : bakeMs,
  }));
  return {
    spec,
    version,
    kind,
    waves,
    waitsMs: waves.reduce((sum, { regions, bakeMs }) => sum + Math.max(0, ...regions.map(waitsIn)) + bakeMs, 0),
    promotions: waves.flatMap(({ regions }) => regions).reduce((sum, region) => sum + promotionsIn(region), 0),
  };
}

const waitsOf = (region: RegionPreview): readonly StepWait[] =>
  region.kind === "possible" ? region.steps.flatMap(({ wait }) => wait ?? []) : [];
const waitsIn = (region: RegionPreview): number =>
  waitsOf(region).reduce((sum, wait) => sum + (wait.kind === "promote" ? 0 : wait.ms), 0);
const promotionsIn = (region: RegionPreview): number => waitsOf(region).filter(({ kind }) => kind === "promote").length;

function regionPreview(
  spec: RolloutSpec,
  version: Version,
  kind: "rollout" | "rollback",
  region: string,
  seen: Observation | Unreachable | undefined,
  now: number,
): RegionPreview {
  const shut = shutOf(spec, region, now);
  const impossible = (reason: string) => ({ kind: "impossible", region, shut, reason }) as const;
  if (seen === undefined) return impossible("It was not looked at.");
  if (seen.kind === "unreachable") return impossible(seen.message);
  const all = stepsOf(spec, region, kind);
  const wantsCanary = all[0]?.kind === "canary";
  const task = taskOf(spec, version, kind, wantsCanary, seen);
  if (typeof task === "string") return impossible(task);
  const steps =
    task.canary === undefined ? all.filter((step) => step.kind !== "canary" && step.kind !== "end-canary") : all;
  const last = all.find((step) => step.kind === "clean-up");
  return {
    kind: "possible",
    region,
    shut,
    task,
    steps: steps.map((step) => stepPreview(spec, step, task)),
    deletes: last === undefined ? [] : goalOf(spec, task, last, seen).absent,
    withoutCanary:
      wantsCanary && task.canary === undefined ? "nothing serves there that it could be compared with" : undefined,
    alarms: seen.alarms,
  };
}

function shutOf(spec: RolloutSpec, region: string, now: number): Shut | undefined {
  const windows = spec.windows[region];
  if (windows === undefined) return undefined;
  const until = opensAt(windows, now);
  return until === now ? undefined : { until };
}

function stepPreview(spec: RolloutSpec, step: Step, { capacity }: RegionTask): StepPreview {
  return { text: stepText(step), instances: instancesIn(spec, step, capacity), wait: waitAfter(spec, step) };
}

function instancesIn({ canary }: RolloutSpec, step: Step, capacity: Capacity): number | undefined {
  if (step.kind === "canary") return canary?.instances;
  return step.kind === "grow" ? shareOf(step.percent, capacity.desired) : undefined;
}

function waitAfter(spec: RolloutSpec, step: Step): StepWait | undefined {
  if (step.kind === "canary") return spec.canary && judgements(spec.canary);
  const pause = pauseAfter(spec, step);
  // Only what is waited for is told.
  return pause.kind === "time" && pause.ms === 0 ? undefined : pause;
}

function judgements({ warmupMs, lifetimeMs, intervalMs, config }: CanarySpec): StepWait {
  const windows = judgementWindows({ startedAt: 0, warmupMs, lifetimeMs, intervalMs, thresholds: config.thresholds });
  return { kind: "judgements", count: windows.length, ms: windows.at(-1)?.to ?? 0 };
}
