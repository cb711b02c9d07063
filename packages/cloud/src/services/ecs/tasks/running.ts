import { rm } from "node:fs/promises";
import type { Context } from "../../../kernel/context.ts";
import type { Controller } from "../../../kernel/service.ts";
import { tables } from "../store.ts";
import { addServiceEvent } from "../services/events.ts";
import { addressOwner, taskFolder, workloadOf } from "./container-spec.ts";
import { endedTargets } from "./ended-targets.ts";
import type { Task } from "./model.ts";
import { observeTask } from "./observe.ts";
import { planTask } from "./plan.ts";
import { forgetTask, saveTask } from "./save.ts";
import { startContainers } from "./start-containers.ts";
import { deregisterTargets, registerTargets } from "./targets.ts";

/** A drain is asked after again so often, beside when its balancer tells of it. */
const drainLookMs = 5000;
const defaultStopTimeoutSeconds = 30;

/** Leads each task through its life. */
export const running: Controller = {
  name: "tasks",
  watches: [tables.tasks, tables.logs, tables.drains],
  keyOf: ({ key, value }) => {
    if (value === undefined) return undefined;
    return typeof key === "object" ? (key as readonly [string, string])[0] : `${key}`;
  },

  listens: (host, queue) =>
    host.workloads.onChange(({ service, account, region, name }) => {
      if (service === "ecs") queue({ account, region }, name.split("/")[0] ?? "");
    }),

  async reconcile(ctx, id) {
    // Each step is taken at the time that it has become.
    for (let at = ctx; ; at = ctx.as({})) {
      const task = at.table(tables.tasks).get(id);
      if (task === undefined || at.signal.aborted) return;
      const definition = at.table(tables.definitions).get([task.family, task.revision])?.definition;
      if (definition === undefined) throw new Error(`the task definition ${task.family}:${task.revision} is gone`);
      const step = planTask(task, definition.containerDefinitions, observeTask(at, task), at.now);
      switch (step.do) {
        case "wait":
          return step.until === undefined ? undefined : { wakeAt: step.until };
        case "change":
          at.transaction(() => saveTask(at, step.task));
          tellBalancers(at, endedTargets(task, step.task));
          break;
        case "provision":
          provision(at, task);
          break;
        case "start":
          await startContainers(at, task, step.containers, definition);
          break;
        case "register":
          await registerTargets(at, task);
          break;
        case "deregister":
          if (!(await deregisterTargets(at, task))) return { wakeAt: at.now + drainLookMs };
          break;
        case "end":
          for (const container of step.containers) {
            const own = definition.containerDefinitions.find(({ name }) => name === container);
            end(at, task, container, own?.stopTimeout ?? defaultStopTimeoutSeconds);
          }
          return undefined;
        case "release":
          await release(at, task);
          break;
        case "forget":
          at.transaction(() => forgetTask(at, task));
          return undefined;
      }
    }
  },
};

/** Balancers are not to wait for a health check to find out that nobody serves there any more. */
function tellBalancers({ host, account, region }: Context, addresses: readonly string[]): void {
  // Where all workloads share an address, it does not tell which one has ended.
  if (!host.workloads.hasOwnAddresses) return;
  for (const address of addresses) host.dataPlane.targetExited({ account, region }, address);
}

function provision(ctx: Context, task: Task): void {
  const address = ctx.host.workloads.reserveAddress(addressOwner(ctx, task.id));
  ctx.transaction(() => saveTask(ctx, { ...task, address, state: { status: "PENDING" } }));
}

/** Asks a container to end, beside the controller: that takes as long as its stop timeout allows. */
function end(ctx: Context, task: Task, container: string, graceSeconds: number): void {
  const workload = workloadOf(ctx, task.id, container);
  ctx.host.activities.start(`ecs/end/${workload.account}/${workload.region}/${workload.name}`, (signal) =>
    Promise.race([
      ctx.host.workloads.stop(workload, { graceMs: graceSeconds * 1000 }),
      // The program is left to its grace when Trysail stops, and asked again at the next start.
      new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true })),
    ]),
  );
}

/** Gives back what a task has had. */
async function release(ctx: Context, task: Task): Promise<void> {
  const { workloads } = ctx.host;
  await Promise.all(task.containers.map(({ name }) => workloads.remove(workloadOf(ctx, task.id, name))));
  await workloads.remove(addressOwner(ctx, task.id));
  await rm(taskFolder(ctx, task.id), { recursive: true, force: true });
  const stoppedAt = ctx.as({}).now;
  ctx.transaction(() => {
    const current = ctx.table(tables.tasks).get(task.id);
    if (current === undefined) return;
    for (const { name } of current.containers) {
      ctx.table(tables.logs).delete([task.id, name]);
      ctx.table(tables.healthChecks).delete([task.id, name]);
    }
    saveTask(ctx, { ...current, state: { status: "STOPPED", stoppedAt } });
    ctx.table(tables.drains).delete(task.id);
    if (current.stop?.code === "ServiceSchedulerInitiated" && current.startedAt !== undefined)
      addServiceEvent(ctx, current, `has stopped 1 running tasks: (task ${current.id}).`);
  });
}
