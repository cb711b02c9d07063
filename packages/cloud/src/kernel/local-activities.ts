import type { Log } from "@trysail/core";
import { messageOf } from "@trysail/core";
import type { Activities } from "./activities.ts";

/** Activities that all end when `stop` is called. */
export interface LocalActivities extends Activities {
  /** Aborts every activity and waits until they have ended. */
  stop(): Promise<void>;
}

export function localActivities(log: Log): LocalActivities {
  const running = new Map<string, { readonly controller: AbortController; readonly ended: Promise<void> }>();
  return {
    start(id, run) {
      if (running.has(id)) return false;
      const controller = new AbortController();
      // The run begins in a later turn, so that it finds itself registered.
      const ended = Promise.resolve()
        .then(() => run(controller.signal))
        .catch((error: unknown) => {
          log.error("an activity failed", { activity: id, error: messageOf(error) });
        })
        .finally(() => running.delete(id));
      running.set(id, { controller, ended });
      return true;
    },
    running: (id) => running.has(id),
    abort: (id, reason) => running.get(id)?.controller.abort(reason),
    ended: async (id) => running.get(id)?.ended,
    async stop() {
      for (const { controller } of running.values()) controller.abort(new Error("Trysail is stopping"));
      await Promise.all([...running.values()].map(({ ended }) => ended));
    },
  };
}
