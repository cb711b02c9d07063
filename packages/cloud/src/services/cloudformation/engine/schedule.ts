import type { TaskState } from "../model.ts";
import type { Graph } from "../template/graph.ts";

/** What has begun, and how it went. A task that is not in it has not begun. */
export type TaskStates = Readonly<Record<string, TaskState>>;

/**
 * The tasks that may begin now: those whose predecessors are all done. After a failure, what depends on it never
 * begins, and nothing at all where `stopsOnFailure`.
 *
 * @param graph - each task with those that must be done before it
 */
export function ready(graph: Graph, states: TaskStates, stopsOnFailure: boolean): readonly string[] {
  if (stopsOnFailure && [...graph.keys()].some((task) => states[task] === "failed")) return [];
  return [...graph]
    .filter(
      ([task, before]) =>
        states[task] === undefined && [...before].every((other) => !graph.has(other) || states[other] === "done"),
    )
    .map(([task]) => task);
}

/** The tasks that have begun and not ended. After a restart of Trysail they begin anew. */
export function running(graph: Graph, states: TaskStates): readonly string[] {
  return [...graph.keys()].filter((task) => states[task] === "running");
}
