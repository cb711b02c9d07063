import { statSync } from "node:fs";
import { constants } from "node:os";
import type { Context } from "../../../kernel/context.ts";
import type { Exit } from "../../../runtime/processes.ts";
import { tables } from "../store.ts";
import { workloadOf } from "./container-spec.ts";
import type { Task } from "./model.ts";
import type { SeenContainer, SeenTask } from "./plan.ts";

/** As a shell tells it: a program that a signal has ended has 128 and the signal's number. */
export function exitCodeOf({ code, signal }: Exit): number | undefined {
  if (code !== undefined) return code;
  return signal === undefined ? undefined : 128 + (constants.signals[signal] ?? 0);
}

/** What the runtime knows of a task's containers, and whether their output has gone to their logs. */
export function observeTask(ctx: Context, task: Task): SeenTask {
  const containers: Record<string, SeenContainer> = {};
  let logsShipped = true;
  for (const { name } of task.containers) {
    const found = ctx.host.workloads.find(workloadOf(ctx, task.id, name));
    if (found === undefined) containers[name] = { state: "none" };
    else if (found.state === "running") containers[name] = { state: "running" };
    else
      containers[name] = {
        state: "ended",
        exitCode: exitCodeOf(found.exit),
        outOfMemory: found.outOfMemory,
        endedAt: found.endedAt,
      };
    if (found?.state === "ended" && task.state.status === "DEPROVISIONING") {
      const log = ctx.table(tables.logs).get([task.id, name]);
      const written = statSync(found.outputFile, { throwIfNoEntry: false })?.size ?? 0;
      if (log !== undefined && !log.failed && log.sentBytes < written) logsShipped = false;
    }
  }
  return { containers, logsShipped };
}
