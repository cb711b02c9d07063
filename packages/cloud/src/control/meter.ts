import type { Clock, Log, Timer } from "@trysail/core";
import { messageOf } from "@trysail/core";
import type { TimedMeasurement } from "../kernel/measurement.ts";
import type { RowScope } from "../store/table.ts";

/**
 * Measurements gather for so long before they are kept. Functions and balancers measure each request; a transaction for
 * each would cost more than the request.
 */
export const gatherMs = 100;

/** Where measurements gather on their way to those who keep them. */
export interface Meter {
  /** Keeps it soon. What has not been kept when Trysail is killed is lost: it is nobody's acknowledged write. */
  add(scope: RowScope, measurement: TimedMeasurement): void;
  /** Keeps what has gathered, and takes no more: the store is about to close. */
  close(): void;
}

/** @param keep - keeps what was measured in one account and region */
export function createMeter(parts: {
  readonly clock: Clock;
  readonly log: Log;
  readonly keep: (scope: RowScope, measurements: readonly TimedMeasurement[]) => void;
}): Meter {
  const { clock, log, keep } = parts;
  let gathered = new Map<string, { readonly scope: RowScope; readonly measurements: TimedMeasurement[] }>();
  let timer: Timer | undefined;
  let isClosed = false;

  const flush = () => {
    timer?.cancel();
    timer = undefined;
    const ready = gathered;
    gathered = new Map();
    for (const { scope, measurements } of ready.values()) {
      try {
        keep(scope, measurements);
      } catch (error) {
        // What they measure must not fail for it.
        log.error("measurements were not kept", { ...scope, count: measurements.length, error: messageOf(error) });
      }
    }
  };

  return {
    add({ account, region }, measurement) {
      if (isClosed) return;
      const name = `${account}/${region}`;
      let own = gathered.get(name);
      if (own === undefined) {
        own = { scope: { account, region }, measurements: [] };
        gathered.set(name, own);
      }
      own.measurements.push(measurement);
      timer ??= clock.setTimer(clock.now() + gatherMs, flush);
    },
    close() {
      flush();
      isClosed = true;
    },
  };
}
