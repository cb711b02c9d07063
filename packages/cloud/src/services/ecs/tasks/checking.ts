import type { Context } from "../../../kernel/context.ts";
import type { Controller } from "../../../kernel/service.ts";
import { tables } from "../store.ts";
import { workloadOf } from "./container-spec.ts";
import { afterCheck } from "./health-checks.ts";
import type { HealthCheckRow } from "./rows.ts";
import { saveTask } from "./save.ts";

/** Checks the health of containers that have a health check. */
export const checking: Controller<HealthCheckRow> = {
  name: "health-checks",
  watches: [tables.healthChecks],
  keyOf: ({ key, value }) => (value === undefined ? undefined : (key as [string, string]).join("/")),

  async reconcile(ctx, name) {
    const [task = "", container = ""] = name.split("/");
    const row = ctx.table(tables.healthChecks).get([task, container]);
    if (row === undefined) return undefined;
    if (ctx.now < row.dueAt) return { wakeAt: row.dueAt };
    const succeeded = await check(ctx, task, container, row);
    if (succeeded === undefined) return undefined;
    const { now } = ctx.as({});
    const next = afterCheck(row, succeeded, now);
    ctx.transaction(() => {
      if (!ctx.table(tables.healthChecks).has([task, container])) return;
      ctx.table(tables.healthChecks).put([task, container], next);
      if (next.health !== row.health) saveHealth(ctx, task, container, next.health);
    });
    return { wakeAt: next.dueAt };
  },
};

/** Whether the container is well; undefined if it does not run, or Trysail stops. */
async function check(ctx: Context, task: string, container: string, row: HealthCheckRow): Promise<boolean | undefined> {
  const workload = workloadOf(ctx, task, container);
  if (ctx.host.workloads.find(workload)?.state !== "running") return undefined;
  const stopped = new Promise<undefined>((resolve) =>
    ctx.signal.addEventListener("abort", () => resolve(undefined), { once: true }),
  );
  try {
    const run = ctx.host.workloads.execute(workload, row.command, { timeoutMs: row.timeoutMs });
    const result = await Promise.race([run, stopped]);
    return result === undefined ? undefined : result.exit.code === 0;
  } catch {
    // It has ended meanwhile, or there is no such command in it: of the first its task is told elsewhere.
    return ctx.host.workloads.find(workload)?.state === "running" ? false : undefined;
  }
}

function saveHealth(ctx: Context, id: string, name: string, health: HealthCheckRow["health"]): void {
  const task = ctx.table(tables.tasks).get(id);
  if (task === undefined) return;
  saveTask(ctx, {
    ...task,
    containers: task.containers.map((container) =>
      container.name === name && container.status === "RUNNING" ? { ...container, health } : container,
    ),
  });
}
