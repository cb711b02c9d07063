/** Milliseconds since the Unix epoch. */
export type Millis = number;

/** A timer that was set on a {@link Clock}. */
export interface Timer {
  /** Takes the timer back. Does nothing if it has fired already. */
  cancel(): void;
}

/**
 * The only way to the time. Control logic never reads the wall clock and never sleeps, so a test can run a week
 * of it in milliseconds.
 */
export interface Clock {
  now(): Millis;
  /** Runs `run` once when `at` is reached; at once, but never synchronously, if it has passed. */
  setTimer(at: Millis, run: () => void): Timer;
}

/** Node's own timers hold at most 2³¹−1 ms (24.8 days); a longer wait is taken in stages. */
const longestNodeTimerMs = 2_147_483_647;

/** The machine's own time. Its timers do not keep the process alive. */
export function systemClock(): Clock {
  const now = () => Date.now();
  return {
    now,
    setTimer(at, run) {
      let handle: NodeJS.Timeout;
      const arm = () => {
        const waitMs = at - now();
        handle =
          waitMs > longestNodeTimerMs ? setTimeout(arm, longestNodeTimerMs) : setTimeout(run, Math.max(0, waitMs));
        handle.unref();
      };
      arm();
      return { cancel: () => clearTimeout(handle) };
    },
  };
}

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  /**
   * Moves the time forward and runs everything that falls due on the way, in order of its due time (and of setting,
   * where the times are equal). After each timer it awaits `settle`, so that what the timer set off, new timers
   * included, has happened before the next one is looked for.
   */
  advance(by: {
    readonly days?: number;
    readonly hours?: number;
    readonly minutes?: number;
    readonly seconds?: number;
    readonly ms?: number;
  }): Promise<void>;
  /** What {@link ManualClock.advance} awaits after each timer; nothing by default. */
  settle: () => Promise<void>;
}

/**
 * @param start - the time at which the clock stands
 * @defaultValue `start` is 2026-01-01T00:00:00Z
 */
export function manualClock(start: Millis = Date.UTC(2026, 0, 1)): ManualClock {
  let now = start;
  let sequence = 0;
  const due = new Map<number, { readonly at: Millis; readonly order: number; readonly run: () => void }>();
  const next = () => [...due.values()].toSorted((a, b) => a.at - b.at || a.order - b.order)[0];
  const clock: ManualClock = {
    now: () => now,
    setTimer(at, run) {
      const order = sequence++;
      due.set(order, { at, order, run });
      return { cancel: () => void due.delete(order) };
    },
    async advance({ days = 0, hours = 0, minutes = 0, seconds = 0, ms = 0 }) {
      const until = now + (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + ms;
      await clock.settle();
      for (let timer = next(); timer !== undefined && timer.at <= until; timer = next()) {
        due.delete(timer.order);
        now = Math.max(now, timer.at);
        timer.run();
        await clock.settle();
      }
      now = until;
    },
    settle: () => Promise.resolve(),
  };
  return clock;
}
