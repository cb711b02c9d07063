import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import type { Millis } from "@trysail/core";
import { stoppedTaskKeptMs } from "./model.ts";
import type { StopCause, Task, TaskContainer } from "./model.ts";
import { startable } from "./start-order.ts";
import { withStop } from "./transitions.ts";

/** What the runtime knows of a container. */
export type SeenContainer =
  | { readonly state: "none" }
  | { readonly state: "running" }
  | {
      readonly state: "ended";
      readonly exitCode: number | undefined;
      readonly outOfMemory: boolean;
      readonly endedAt: Millis;
    };

/** What is seen of a task beside its row. */
export interface SeenTask {
  readonly containers: Readonly<Record<string, SeenContainer>>;
  /** Whether what its containers have written has been taken to their logs. */
  readonly logsShipped: boolean;
}

/** The one thing to do next for a task. */
export type TaskStep =
  /** Nothing, until something happens or that time comes. */
  | { readonly do: "wait"; readonly until?: Millis }
  /** Write this down, and look again. */
  | { readonly do: "change"; readonly task: Task }
  /** Find an address for it. */
  | { readonly do: "provision" }
  | { readonly do: "start"; readonly containers: readonly string[] }
  | { readonly do: "register" }
  | { readonly do: "deregister" }
  /** Ask these containers to end. */
  | { readonly do: "end"; readonly containers: readonly string[] }
  /** Give back its address and its containers. */
  | { readonly do: "release" }
  | { readonly do: "forget" };

export const essentialExited = "Essential container in task exited";

/** A container may be started again once it has run that long. */
const defaultRestartPeriodSeconds = 300;

const stopped = (container: TaskContainer, exitCode: number | undefined, reason?: string): TaskContainer => ({
  name: container.name,
  id: container.id,
  image: container.image,
  status: "STOPPED",
  ...(exitCode !== undefined && { exitCode }),
  ...(reason !== undefined && { reason }),
});

/** Whether a container that has ended is started again by its restart policy. */
export function restarts(
  { restartPolicy: policy }: ContainerDefinition,
  startedAt: Millis,
  endedAt: Millis,
  exitCode: number | undefined,
): boolean {
  if (policy?.enabled !== true) return false;
  if (exitCode !== undefined && policy.ignoredExitCodes?.includes(exitCode) === true) return false;
  return endedAt - startedAt >= (policy.restartAttemptPeriod ?? defaultRestartPeriodSeconds) * 1000;
}

/** The containers as they are now, by what is seen of them. */
function afterEnds(
  task: Task,
  definitions: readonly ContainerDefinition[],
  seen: SeenTask,
): readonly TaskContainer[] | undefined {
  let isChanged = false;
  const containers = task.containers.map((container): TaskContainer => {
    const now = seen.containers[container.name] ?? { state: "none" };
    if (container.status !== "RUNNING" || now.state === "running") return container;
    isChanged = true;
    const { name, id, image } = container;
    // Nobody ended it, and nothing is known of it: the machine or Trysail was stopped in order.
    if (now.state === "none")
      return task.desiredStatus === "RUNNING" ? { name, id, image, status: "PENDING" } : stopped(container, undefined);
    const definition = definitions.find((one) => one.name === name) ?? {};
    if (task.desiredStatus === "RUNNING" && restarts(definition, container.startedAt, now.endedAt, now.exitCode))
      return { name, id, image, status: "PENDING" };
    const reason = now.outOfMemory ? "OutOfMemoryError: Container killed due to memory usage" : undefined;
    return stopped(container, now.outOfMemory ? 137 : now.exitCode, reason);
  });
  return isChanged ? containers : undefined;
}

/** Why a task that should run cannot go on; undefined if it can. */
function causeToStop(task: Task, definitions: readonly ContainerDefinition[], now: Millis): StopCause | undefined {
  for (const container of task.containers) {
    const essential = definitions.find(({ name }) => name === container.name)?.essential !== false;
    if (!essential) continue;
    if (container.status === "STOPPED") return { code: "EssentialContainerExited", reason: essentialExited, at: now };
    if (container.status === "RUNNING" && container.health === "UNHEALTHY" && task.service === undefined)
      return { code: "EssentialContainerExited", reason: "Task failed container health checks", at: now };
  }
  return undefined;
}

function planRunning(task: Task, definitions: readonly ContainerDefinition[], seen: SeenTask, now: Millis): TaskStep {
  if (task.state.status === "PROVISIONING") return { do: "provision" };
  const containers = afterEnds(task, definitions, seen);
  if (containers !== undefined) {
    const again = containers.some(({ status }) => status === "PENDING");
    return { do: "change", task: { ...task, containers, ...(again && { state: { status: "PENDING" } }) } };
  }
  const cause = causeToStop(task, definitions, now);
  if (cause !== undefined) return { do: "change", task: withStop(task, cause) };
  const order = startable(task, definitions, now);
  switch (order.kind) {
    case "ready":
      return { do: "start", containers: order.containers };
    case "never":
      return { do: "change", task: withStop(task, { code: "TaskFailedToStart", reason: order.reason, at: now }) };
    case "waiting":
      return order.until === undefined ? { do: "wait" } : { do: "wait", until: order.until };
    case "all":
      break;
  }
  if (task.state.status === "RUNNING") return { do: "wait" };
  if (task.state.status !== "ACTIVATING" && (task.service?.targetGroups ?? []).length > 0)
    return { do: "change", task: { ...task, state: { status: "ACTIVATING" } } };
  if (task.state.status === "ACTIVATING" && task.registered.length < (task.service?.targetGroups.length ?? 0))
    return { do: "register" };
  return { do: "change", task: { ...task, state: { status: "RUNNING" }, startedAt: task.startedAt ?? now } };
}

function planStopping(task: Task, definitions: readonly ContainerDefinition[], seen: SeenTask, now: Millis): TaskStep {
  switch (task.state.status) {
    case "DEACTIVATING":
      return task.registered.length > 0
        ? { do: "deregister" }
        : { do: "change", task: { ...task, state: { status: "STOPPING" } } };
    case "DEPROVISIONING":
      return seen.logsShipped ? { do: "release" } : { do: "wait" };
    case "STOPPED": {
      const forgetAt = task.state.stoppedAt + stoppedTaskKeptMs;
      return now >= forgetAt ? { do: "forget" } : { do: "wait", until: forgetAt };
    }
    case "STOPPING": {
      const containers = afterEnds(task, definitions, seen) ?? task.containers;
      // Also one of which Trysail died before it could write down that it had started it.
      const running = containers.map(({ name }) => name).filter((name) => seen.containers[name]?.state === "running");
      if (running.length > 0) return { do: "end", containers: lastStarted(running, definitions) };
      const ended = containers.map((container) =>
        container.status === "PENDING" ? stopped(container, undefined) : container,
      );
      return { do: "change", task: { ...task, containers: ended, state: { status: "DEPROVISIONING" } } };
    }
    case "PROVISIONING":
    case "PENDING":
    case "ACTIVATING":
    case "RUNNING":
      // A task that never ran has nothing to be taken out of.
      return {
        do: "change",
        task: { ...task, state: { status: task.registered.length > 0 ? "DEACTIVATING" : "STOPPING" } },
      };
  }
}

/** Of these containers, those that no other of them needs: they end first. */
function lastStarted(running: readonly string[], definitions: readonly ContainerDefinition[]): readonly string[] {
  const needed = new Set(
    definitions
      .filter(({ name = "" }) => running.includes(name))
      .flatMap(({ dependsOn = [] }) => dependsOn.map(({ containerName }) => containerName)),
  );
  return running.filter((name) => !needed.has(name));
}

/** What is to be done next for a task. Pure: asked again after each step until it says to wait. */
export function planTask(
  task: Task,
  definitions: readonly ContainerDefinition[],
  seen: SeenTask,
  now: Millis,
): TaskStep {
  return task.desiredStatus === "RUNNING"
    ? planRunning(task, definitions, seen, now)
    : planStopping(task, definitions, seen, now);
}
