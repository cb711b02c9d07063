import { actionTypeKey } from "../model/action-types.ts";
import type { Job } from "../model.ts";
import { tables } from "../store.ts";
import type { Provider } from "./provider.ts";

/** Offers a job to the workers of a custom action type; their results end the run. */
export const custom: Provider = {
  step({ record, declared, home }) {
    if (record.progress === undefined && "actionTypeId" in declared) {
      const job: Job = {
        // The run's own id: after an interruption it is the same job.
        id: record.id,
        nonce: home.ids.text(4, "123456789"),
        type: actionTypeKey(declared.actionTypeId),
        status: "Queued",
        pipeline: record.pipeline,
        run: record.number,
        runId: record.id,
        continuationToken: undefined,
        dispatchedAt: undefined,
      };
      home.transaction(() => home.table(tables.jobs).put(job.id, job));
    }
    return Promise.resolve({ status: "waiting", progress: "offered" });
  },
};
