import type { StopCause, Task } from "./model.ts";

/** The task, told to stop. What was told first stays. */
export function withStop(task: Task, cause: StopCause): Task {
  return task.stop === undefined ? { ...task, desiredStatus: "STOPPED", stop: cause } : task;
}
