import type { StopCause, Task, TaskStatus } from "./model.ts";

/** The task, told to stop. What was told first stays. */
export function withStop(task: Task, cause: StopCause): Task {
  return task.stop === undefined ? { ...task, desiredStatus: "STOPPED", stop: cause } : task;
}

const order: readonly TaskStatus[] = [
  "PROVISIONING",
  "PENDING",
  "ACTIVATING",
  "RUNNING",
  "DEACTIVATING",
  "STOPPING",
  "DEPROVISIONING",
  "STOPPED",
];

/** Whether a task may go from one status to another: forward, or back to PENDING when its containers start anew. */
export function mayFollow(from: TaskStatus, to: TaskStatus): boolean {
  return order.indexOf(to) >= order.indexOf(from) || (to === "PENDING" && ["ACTIVATING", "RUNNING"].includes(from));
}
