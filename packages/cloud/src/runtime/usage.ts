import type { Clock, Log, Millis, Timer } from "@trysail/core";
import { messageOf } from "@trysail/core";
import type { WorkloadId } from "./workloads.ts";

/** What the processes of a workload use. */
export interface Usage {
  /** CPU time since it began, in milliseconds. */
  readonly cpuMs: number;
  /** Memory that it has now. */
  readonly memoryBytes: number;
}

/** What a workload has used lately. */
export interface UsageSample {
  /** CPUs, on average since it was looked at before: 0.5 is half of one. */
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** Looks at what workloads use, time and again. */
export interface UsageMeter {
  /** What the workload has used lately; undefined if it has not been looked at twice. */
  of(id: WorkloadId): UsageSample | undefined;
  /** Calls `listener` each time that a workload was looked at. Returns the way to unsubscribe. */
  onSample(listener: (id: WorkloadId) => void): () => void;
}

/** What the meter looks at. */
export interface MeteredWorkloads {
  /** What each workload that runs uses now. */
  usages(): Promise<readonly MeteredWorkload[]>;
}

export interface MeteredWorkload {
  readonly id: WorkloadId;
  /** Tells one run of a workload from the next. */
  readonly startedAt: Millis;
  readonly usage: Usage;
}

const second = 1000;
/** Looking at one workload may take so much of the time, whatever their number: a hundred are looked at each second. */
const msForEach = 10;

/** How long after one look the next one comes. */
export function lookAgainAfter(workloads: number): Millis {
  return Math.max(second, workloads * msForEach);
}

/** What was used between two looks. A child that ended unseen takes its time with it: never less than nothing. */
export function usedBetween(before: Usage, now: Usage, elapsedMs: Millis): UsageSample {
  return { cpus: Math.max(0, now.cpuMs - before.cpuMs) / Math.max(1, elapsedMs), memoryBytes: now.memoryBytes };
}

const nameOf = ({ service, account, region, name }: WorkloadId) => `${service}/${account}/${region}/${name}`;

interface Seen extends MeteredWorkload {
  readonly at: Millis;
  readonly sample: UsageSample | undefined;
}

/** @param parts.isOn - whether anything is looked at: not where time stands still */
export function createUsageMeter(parts: {
  readonly workloads: MeteredWorkloads;
  readonly clock: Clock;
  readonly log: Log;
  readonly isOn: boolean;
}): UsageMeter & { close(): void } {
  const { workloads, clock, log, isOn } = parts;
  const listeners = new Set<(id: WorkloadId) => void>();
  let seen = new Map<string, Seen>();
  let timer: Timer | undefined;
  let isClosed = false;

  const look = async () => {
    const found = await workloads.usages();
    const at = clock.now();
    const before = seen;
    seen = new Map(
      found.map((workload) => {
        const last = before.get(nameOf(workload.id));
        const isSame = last?.startedAt === workload.startedAt;
        const sample = isSame ? usedBetween(last.usage, workload.usage, at - last.at) : undefined;
        return [nameOf(workload.id), { ...workload, at, sample }];
      }),
    );
    for (const { id, sample } of seen.values())
      if (sample !== undefined) for (const listener of listeners) listener(id);
  };

  const next = () => {
    if (isClosed) return;
    timer = clock.setTimer(clock.now() + lookAgainAfter(seen.size), () => {
      void look()
        .catch((error: unknown) => log.warn("what runs cannot be measured", { error: messageOf(error) }))
        .finally(next);
    });
  };
  if (isOn) next();

  return {
    of: (id) => seen.get(nameOf(id))?.sample,
    onSample(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      isClosed = true;
      timer?.cancel();
    },
  };
}
