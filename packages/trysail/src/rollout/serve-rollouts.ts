import { messageOf } from "@trysail/core";
import type { Clock, Log } from "@trysail/core";
import type { AccessKey } from "../environment/environment-files.ts";

export interface ServedCloud {
  readonly endpoint: string;
  /** The first region: that of pipelines whose actions roll out, and of the bucket. */
  readonly home: string;
  readonly key: AccessKey;
  readonly clock: Clock;
  readonly log: Log;
}

/** The one that Trysail has. */
const localAccount = "000000000000";
/** After the start: it is not to be slowed down by what loads then. */
const beginAfterMs = 1_000;

/**
 * Serves the rollouts of a Trysail from its own process, through its endpoint as any other worker does.
 *
 * @returns what ends it, after the change that it is at
 */
export function serveRollouts(cloud: ServedCloud): { stop(): Promise<void> } {
  const { clock, log } = cloud;
  let serving: Promise<() => Promise<void>> | undefined;
  const timer = clock.setTimer(clock.now() + beginAfterMs, () => {
    serving = begin(cloud).catch((error: unknown) => {
      log.error("rollouts are not served", { error: messageOf(error) });
      return () => Promise.resolve();
    });
  });
  return {
    async stop() {
      timer.cancel();
      await (
        await serving
      )?.();
    },
  };
}

async function begin({ endpoint, home, key, clock, log }: ServedCloud): Promise<() => Promise<void>> {
  const { openRolloutSystem } = await import("./worker.ts");
  const configIn = (region: string) => ({ endpoint, region, credentials: key });
  const system = await openRolloutSystem({ home, account: localAccount, isLocal: true, configIn, clock, log });
  const worker = system.startWorker();
  return async () => {
    await worker.stop();
    system.close();
  };
}
