import type { Clock, Log, Millis, Timer } from "@trysail/core";
import { messageOf } from "@trysail/core";
import type { RowScope } from "../store/table.ts";

/** Waits after a failure: doubled each time, from the first to the longest. */
const firstBackOffMs = 100;
const longestBackOffMs = 60_000;

/** How long to wait before the attempt after `failures` failed ones in a row. */
export function backOffMs(failures: number): number {
  return Math.min(longestBackOffMs, firstBackOffMs * 2 ** Math.min(failures - 1, 30));
}

/** One thing to reconcile: a controller's key in an account and region. */
export interface WorkItem {
  readonly controller: string;
  readonly scope: RowScope;
  readonly key: string;
}

export interface WorkQueue {
  /** Reconciles the item soon. While it is being reconciled, once more afterwards; never twice at once. */
  add(item: WorkItem): void;
  /** Resolves when nothing is queued or running. Items that wait for a time do not count. */
  idle(): Promise<void>;
  /** Takes no more items, and waits for those that run. */
  stop(): Promise<void>;
  /** Items that failed the last time, with what they threw. */
  failing(): readonly { readonly item: WorkItem; readonly failures: number; readonly error: string }[];
}

interface ItemState {
  readonly item: WorkItem;
  running: boolean;
  again: boolean;
  failures: number;
  error: string;
  timer: Timer | undefined;
}

/**
 * The queue behind all controllers.
 *
 * @param reconcile - does the work; resolves to the time at which to look again, or nothing
 */
export function createWorkQueue(parts: {
  readonly clock: Clock;
  readonly log: Log;
  readonly reconcile: (item: WorkItem) => Promise<Millis | undefined>;
}): WorkQueue {
  const { clock, log } = parts;
  const states = new Map<string, ItemState>();
  let active = 0;
  let stopped = false;
  let whenIdle: (() => void)[] = [];

  const settle = () => {
    if (active > 0) return;
    const waiting = whenIdle;
    whenIdle = [];
    for (const resolve of waiting) resolve();
  };

  const run = async (name: string, state: ItemState): Promise<void> => {
    let wakeAt: Millis | undefined;
    try {
      wakeAt = await parts.reconcile(state.item);
      state.failures = 0;
    } catch (error) {
      state.failures += 1;
      state.error = messageOf(error);
      wakeAt = clock.now() + backOffMs(state.failures);
      const { controller, key } = state.item;
      log.error("reconciling failed", {
        controller,
        key,
        failures: state.failures,
        error: state.error,
        stack: error instanceof Error ? error.stack : undefined,
      });
    }
    state.running = false;
    active -= 1;
    if (state.again && !stopped) start(name, state);
    else if (wakeAt !== undefined && !stopped) state.timer = clock.setTimer(wakeAt, () => start(name, state));
    else states.delete(name);
    settle();
  };

  const start = (name: string, state: ItemState) => {
    state.timer?.cancel();
    state.timer = undefined;
    state.again = false;
    state.running = true;
    active += 1;
    // In a later turn: what queued the item may be in the middle of telling others of its change.
    void Promise.resolve().then(() => run(name, state));
  };

  return {
    add(item) {
      if (stopped) return;
      const name = JSON.stringify([item.controller, item.scope.account, item.scope.region, item.key]);
      let state = states.get(name);
      if (state === undefined) {
        state = { item, running: false, again: false, failures: 0, error: "", timer: undefined };
        states.set(name, state);
      }
      if (state.running) state.again = true;
      else start(name, state);
    },
    idle: () => (active === 0 ? Promise.resolve() : new Promise((resolve) => whenIdle.push(resolve))),
    async stop() {
      stopped = true;
      for (const state of states.values()) state.timer?.cancel();
      await this.idle();
    },
    failing: () =>
      [...states.values()]
        .filter(({ failures }) => failures > 0)
        .map(({ item, failures, error }) => ({ item, failures, error })),
  };
}
