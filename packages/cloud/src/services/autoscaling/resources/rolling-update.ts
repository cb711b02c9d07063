import type { Millis } from "@trysail/core";
import type { Properties, ResourceSignal } from "../../../kernel/resource.ts";
import { durationMs } from "./durations.ts";
import { textOf } from "./values.ts";

/** How a template wants instances to be replaced in an update. */
export interface RollingPolicy {
  readonly batch: number;
  readonly minInService: number;
  readonly minSuccessfulPercent: number;
  readonly pauseMs: Millis;
  readonly waitsForSignals: boolean;
  readonly suspends: readonly string[];
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html#cfn-attributes-updatepolicy-rollingupdate */
export function rollingPolicyOf(policy: Properties | undefined): RollingPolicy | undefined {
  const rolling = policy?.["AutoScalingRollingUpdate"] as Properties | undefined;
  if (rolling === undefined) return undefined;
  if (rolling["MinActiveInstancesPercent"] !== undefined && Number(rolling["MinActiveInstancesPercent"]) !== 100)
    throw new Error("Trysail does not implement MinActiveInstancesPercent: leave it out.");
  const waitsForSignals = textOf(rolling["WaitOnResourceSignals"]) === "true";
  return {
    batch: Number(rolling["MaxBatchSize"] ?? 1),
    minInService: Number(rolling["MinInstancesInService"] ?? 0),
    minSuccessfulPercent: Number(rolling["MinSuccessfulInstancesPercent"] ?? 100),
    pauseMs: durationMs(rolling["PauseTime"], waitsForSignals ? 300_000 : 0),
    waitsForSignals,
    suspends: (rolling["SuspendProcesses"] ?? []) as string[],
  };
}

/** A group in the middle of its rolling update. */
export interface RollingView {
  /** Instances of the configuration before. */
  readonly old: readonly { readonly id: string; readonly inService: boolean }[];
  /** Instances of the new one, and since when each is there. */
  readonly fresh: readonly { readonly id: string; readonly inService: boolean; readonly since: Millis }[];
  /** How many there are to be meanwhile. */
  readonly capacity: number;
  readonly signals: readonly ResourceSignal[];
}

type RollingStep =
  | { readonly do: "terminate"; readonly ids: readonly string[] }
  | { readonly do: "wait"; readonly until: Millis }
  | { readonly do: "finish" }
  | { readonly do: "fail"; readonly reason: string };

/** How often to look where nothing tells. */
const lookAgainMs = 30_000;

/**
 * The next step of a rolling update: one batch after the other, each when the instances that replace the one before
 * have signalled, or have been in service for the time of the pause.
 */
export function planRollingUpdate(policy: RollingPolicy, view: RollingView, now: Millis): RollingStep {
  const { old, fresh, capacity, signals } = view;
  const signalled = new Map(signals.map(({ uniqueId, status }) => [uniqueId, status]));
  const isOverdue = (since: Millis) => now >= since + policy.pauseMs;
  const isReady = ({ id, inService, since }: RollingView["fresh"][number]) =>
    inService && (policy.waitsForSignals ? signalled.get(id) === "SUCCESS" : isOverdue(since));
  const hasFailed = ({ id, since }: RollingView["fresh"][number]) =>
    policy.waitsForSignals &&
    (signalled.get(id) === "FAILURE" || (signalled.get(id) === undefined && isOverdue(since)));

  const total = Math.max(capacity, old.length + fresh.length);
  const failed = fresh.filter(hasFailed);
  const ready = fresh.filter(isReady);
  const needed = Math.ceil((total * policy.minSuccessfulPercent) / 100);
  if (failed.length > total - needed) {
    const reason = `Received ${ready.length} SUCCESS signal(s) out of ${ready.length + failed.length}.  Unable to satisfy ${policy.minSuccessfulPercent}% MinSuccessfulInstancesPercent requirement`;
    return { do: "fail", reason };
  }
  const open = fresh.filter((instance) => !isReady(instance) && !hasFailed(instance));
  if (open.length > 0 || old.length + fresh.length < capacity) {
    const times = open.map(({ since }) => since + policy.pauseMs).filter((time) => time > now);
    return { do: "wait", until: Math.min(now + lookAgainMs, ...times) };
  }
  if (old.length === 0) return { do: "finish" };
  const serving = old.filter(({ inService }) => inService).length + ready.length;
  const room = Math.min(policy.batch, old.length, Math.max(1, serving - policy.minInService));
  return { do: "terminate", ids: old.slice(0, room).map(({ id }) => id) };
}

/** How many instances there are to be during an update, so that a batch can be missed. */
export function capacityDuring(
  policy: RollingPolicy,
  { desired, max }: { readonly desired: number; readonly max: number },
): number {
  return Math.max(desired, Math.min(max, policy.minInService + Math.min(policy.batch, desired)));
}
