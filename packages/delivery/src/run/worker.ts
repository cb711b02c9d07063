import { messageOf, type Clock, type Log, type Millis } from "@trysail/core";
import type { Driver } from "./driver.ts";

/** How often a worker looks. All times in milliseconds. */
export interface Pace {
  /** After something has changed. @defaultValue 1 s */
  readonly soonMs: Millis;
  /** At most, while nothing does. @defaultValue 15 s */
  readonly lateMs: Millis;
  /** For new rollouts, and for jobs of pipelines. @defaultValue 10 s */
  readonly newMs: Millis;
}

/** For AWS, whose API has quotas that all users of an account share. */
export const calmPace: Pace = { soonMs: 1_000, lateMs: 15_000, newMs: 10_000 };
/** For an endpoint on the same machine. */
export const localPace: Pace = { soonMs: 50, lateMs: 1_000, newMs: 1_000 };

/** By how much a wait grows while nothing changes. */
const growth = 1.5;

export interface WorkerDeps {
  readonly driver: Driver;
  readonly clock: Clock;
  readonly log: Log;
  readonly pace: Pace;
  /** Ids of the rollouts that go on. */
  open(): Promise<readonly string[]>;
  /** Takes up what pipelines ask for. */
  takeJobs(): Promise<void>;
}

/** Goes on with all rollouts, until it is stopped. Several may run at once, here or elsewhere. */
export interface Worker {
  /** Ends after the pass that goes on. */
  stop(): Promise<void>;
}

export function startWorker(deps: WorkerDeps): Worker {
  const stopped = new AbortController();
  const driven = new Map<string, Promise<void>>();

  async function lookForNew(): Promise<void> {
    let failures = 0;
    while (!stopped.signal.aborted) {
      try {
        await deps.takeJobs();
        for (const id of await deps.open())
          if (!driven.has(id))
            driven.set(
              id,
              drive(deps, id, stopped.signal).finally(() => driven.delete(id)),
            );
        failures = 0;
      } catch (error) {
        failures += 1;
        // Once, and not at each try: a region that is down may be so for hours.
        if (failures === 1) deps.log.warn(`Rollouts cannot be looked for: ${messageOf(error)}`);
      }
      await pause(deps.clock, Math.min(deps.pace.newMs * growth ** failures, 60_000), stopped.signal);
    }
  }

  const looking = lookForNew();
  return {
    async stop() {
      stopped.abort();
      await looking;
      await Promise.all(driven.values());
    },
  };
}

/** Goes on with one rollout until it is over, or the signal is given. */
export async function drive(
  deps: Pick<WorkerDeps, "driver" | "clock" | "log" | "pace">,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const { clock, pace } = deps;
  let wait = pace.soonMs;
  let lastFailure: string | undefined;
  while (!signal.aborted) {
    try {
      const passed = await deps.driver.pass(id);
      lastFailure = undefined;
      if (passed.kind === "over") return;
      if (passed.kind === "held-by-another")
        wait = Math.max(pace.soonMs, Math.min(passed.until - clock.now(), pace.lateMs));
      else if (passed.isMoving) wait = pace.soonMs;
      else {
        const grown = Math.min(wait * growth, pace.lateMs);
        const due = passed.wakeAt === undefined ? grown : passed.wakeAt - clock.now();
        wait = Math.max(pace.soonMs, Math.min(grown, due));
      }
    } catch (error) {
      const failure = messageOf(error);
      if (failure !== lastFailure) deps.log.warn(`The rollout ${id} is tried again: ${failure}`);
      lastFailure = failure;
      wait = Math.min(wait * growth, pace.lateMs);
    }
    await pause(clock, wait, signal);
  }
}

function pause(clock: Clock, ms: Millis, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = () => {
      timer.cancel();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = clock.setTimer(clock.now() + ms, done);
    signal.addEventListener("abort", done);
  });
}
