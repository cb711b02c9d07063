import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import { codeOf, messageOf } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import type { StoredTaskDefinition } from "../model.ts";
import { tables } from "../store.ts";
import { CannotStart } from "./cannot-start.ts";
import { containerSpec } from "./container-spec.ts";
import { firstCheck } from "./health-checks.ts";
import { logRow, openLogStream } from "./log-streams.ts";
import type { Task, TaskContainer } from "./model.ts";
import { checkRole } from "./roles.ts";
import type { HealthCheckRow, LogRow } from "./rows.ts";
import { saveTask } from "./save.ts";
import { withStop } from "./transitions.ts";

interface Started {
  readonly name: string;
  readonly log: LogRow | undefined;
  readonly check: HealthCheckRow | undefined;
}

/** What could not be started, and why. */
interface Failed {
  readonly name: string;
  readonly reason: string;
}

async function startOne(
  ctx: Context,
  task: Task,
  container: TaskContainer,
  definition: StoredTaskDefinition["definition"],
): Promise<Started> {
  const own: ContainerDefinition = definition.containerDefinitions.find(({ name }) => name === container.name) ?? {};
  const spec = await containerSpec(ctx, task, container, definition);
  let log: LogRow | undefined;
  if (own.logConfiguration !== undefined) {
    log = logRow(own.logConfiguration, { task: task.id, container: container.name, containerId: container.id });
    await openLogStream(ctx, log, own.logConfiguration);
  }
  try {
    await ctx.host.workloads.start(spec);
  } catch (error) {
    if (codeOf(error) === "image-not-available") throw new CannotStart(`CannotPullContainerError: ${messageOf(error)}`);
    if (codeOf(error) === "command-not-found" || codeOf(error) === "folder-not-found")
      throw new CannotStart(`CannotStartContainerError: ${messageOf(error)}`);
    throw error;
  }
  return { name: container.name, log, check: firstCheck(own, ctx.as({}).now) };
}

/**
 * Starts containers of a task, and writes down which of them run. Where one cannot be started, the task is to stop.
 *
 * Safe to repeat: what runs already is left as it is.
 */
export async function startContainers(
  ctx: Context,
  task: Task,
  names: readonly string[],
  definition: StoredTaskDefinition["definition"],
): Promise<void> {
  const { taskRoleArn, executionRoleArn } = { ...definition, ...task.overrides };
  const started: Started[] = [];
  let failed: Failed | undefined;
  try {
    await Promise.all([checkRole(ctx, taskRoleArn), checkRole(ctx, executionRoleArn)]);
    await Promise.all(
      task.containers
        .filter(({ name }) => names.includes(name))
        .map(async (container) => {
          try {
            started.push(await startOne(ctx, task, container, definition));
          } catch (error) {
            if (!(error instanceof CannotStart)) throw error;
            failed ??= { name: container.name, reason: error.message };
          }
        }),
    );
  } catch (error) {
    if (!(error instanceof CannotStart)) throw error;
    failed = { name: "", reason: error.message };
  }
  const { now } = ctx.as({});
  ctx.transaction(() => {
    const current = ctx.table(tables.tasks).get(task.id);
    if (current === undefined) return;
    for (const { name, log, check } of started) {
      // A container that starts anew goes on in its output and its log.
      if (log !== undefined && !ctx.table(tables.logs).has([task.id, name]))
        ctx.table(tables.logs).put([task.id, name], log);
      if (check !== undefined) ctx.table(tables.healthChecks).put([task.id, name], check);
    }
    const after = {
      ...current,
      containers: current.containers.map((container) => afterStart(container, started, failed, now)),
    };
    saveTask(
      ctx,
      failed === undefined ? after : withStop(after, { code: "TaskFailedToStart", reason: failed.reason, at: now }),
    );
  });
}

function afterStart(
  container: TaskContainer,
  started: readonly Started[],
  failed: Failed | undefined,
  now: number,
): TaskContainer {
  const { name, id, image } = container;
  if (started.some((one) => one.name === name))
    return { name, id, image, status: "RUNNING", startedAt: now, health: "UNKNOWN" };
  return failed?.name === name ? { name, id, image, status: "STOPPED", reason: failed.reason } : container;
}
