import type { Context } from "../../../kernel/context.ts";
import { tables } from "../store.ts";
import { taskStateChange } from "./events.ts";
import type { Task } from "./model.ts";

/** Writes a new task down, with what it is found by. Only inside a transaction. */
export function addTask(ctx: Context, task: Task): void {
  ctx.table(tables.tasks).put(task.id, task);
  ctx.table(tables.activeTasks).put([task.cluster, task.service?.name ?? "", task.id], null);
  ctx.table(tables.secretIds).put(task.secretId, task.id);
  ctx.emit(taskStateChange(ctx, task));
}

/** Writes down what has become of a task, and tells of it. Only inside a transaction. */
export function saveTask(ctx: Context, changed: Task): Task {
  const tasks = ctx.table(tables.tasks);
  const before = tasks.get(changed.id);
  const task = { ...changed, version: (before?.version ?? 0) + 1 };
  tasks.put(task.id, task);
  const wasStopped = before?.state.status === "STOPPED";
  if (task.state.status === "STOPPED" && !wasStopped) {
    ctx.table(tables.secretIds).delete(task.secretId);
    // A service's task is moved by its service, once that has taken note of how it ended.
    if (task.service === undefined) setAside(ctx, task);
  }
  const isTold =
    before?.state.status !== task.state.status ||
    before.desiredStatus !== task.desiredStatus ||
    before.containers.some((container, index) => container.status !== task.containers[index]?.status);
  if (isTold) ctx.emit(taskStateChange(ctx, task));
  return task;
}

/** Moves a stopped task to where it does not hold up the listings of those that run. Only inside a transaction. */
export function setAside(ctx: Context, task: Task): void {
  const key: [string, string, string] = [task.cluster, task.service?.name ?? "", task.id];
  ctx.table(tables.activeTasks).delete(key);
  ctx.table(tables.stoppedTasks).put(key, null);
}

/** Only inside a transaction. */
export function forgetTask(ctx: Context, task: Task): void {
  const key: [string, string, string] = [task.cluster, task.service?.name ?? "", task.id];
  ctx.table(tables.tasks).delete(task.id);
  ctx.table(tables.activeTasks).delete(key);
  ctx.table(tables.stoppedTasks).delete(key);
  ctx.table(tables.secretIds).delete(task.secretId);
}
