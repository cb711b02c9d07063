import type { ContainerDefinition, ContainerDependency } from "@aws-sdk/client-ecs";
import type { Millis } from "@trysail/core";
import type { Task, TaskContainer } from "./model.ts";

/** Which containers can be started now. */
export type StartOrder =
  | { readonly kind: "all" }
  | { readonly kind: "ready"; readonly containers: readonly string[] }
  | { readonly kind: "waiting"; readonly until?: Millis }
  | { readonly kind: "never"; readonly reason: string };

/** How long Fargate waits for a dependency. @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#container_definition_timeout */
const defaultStartTimeoutSeconds = 180;

type Met = "yes" | "not yet" | "never";

function isMet({ condition }: ContainerDependency, dependency: TaskContainer): Met {
  switch (condition) {
    case "COMPLETE":
      return dependency.status === "STOPPED" ? "yes" : "not yet";
    case "SUCCESS":
      if (dependency.status !== "STOPPED") return "not yet";
      return dependency.exitCode === 0 ? "yes" : "never";
    case "HEALTHY":
      if (dependency.status === "STOPPED") return "never";
      if (dependency.status === "PENDING") return "not yet";
      return dependency.health === "HEALTHY" ? "yes" : dependency.health === "UNHEALTHY" ? "never" : "not yet";
    case "START":
    case undefined:
      return dependency.status === "PENDING" ? "not yet" : "yes";
  }
}

/**
 * Which containers of a task can be started, by what they depend on.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
 */
export function startable(task: Task, definitions: readonly ContainerDefinition[], now: Millis): StartOrder {
  const pending = task.containers.filter(({ status }) => status === "PENDING");
  if (pending.length === 0) return { kind: "all" };
  const ready: string[] = [];
  let until: Millis | undefined;
  for (const { name } of pending) {
    const dependsOn = definitions.find((one) => one.name === name)?.dependsOn ?? [];
    let isReady = true;
    for (const dependency of dependsOn) {
      const other = task.containers.find((container) => container.name === dependency.containerName);
      if (other === undefined) continue;
      const met = isMet(dependency, other);
      if (met === "yes") continue;
      isReady = false;
      const why = `ContainerDependencyError: container '${name}' waits for '${other.name}' to be ${dependency.condition}`;
      if (met === "never") return { kind: "never", reason: `${why}, which will not happen` };
      if (other.status !== "RUNNING") continue;
      const seconds = definitions.find((one) => one.name === other.name)?.startTimeout ?? defaultStartTimeoutSeconds;
      const deadline = other.startedAt + seconds * 1000;
      if (now >= deadline) return { kind: "never", reason: `${why}; timed out after ${seconds} seconds` };
      until = Math.min(until ?? deadline, deadline);
    }
    if (isReady) ready.push(name);
  }
  if (ready.length > 0) return { kind: "ready", containers: ready };
  return until === undefined ? { kind: "waiting" } : { kind: "waiting", until };
}
