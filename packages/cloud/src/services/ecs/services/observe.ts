import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { tables } from "../store.ts";
import { taskHealth } from "../tasks/model.ts";
import type { Task } from "../tasks/model.ts";
import type { SeenTask } from "./plan.ts";

/** The state of targets, by group and target. */
export type TargetStates = ReadonlyMap<string, { readonly state: string; readonly reason: string }>;

const targetKey = (group: string, id: string, port: number) => `${group} ${id}:${port}`;

/** What the load balancers say of a service's tasks. */
export async function targetStates(ctx: Context, tasks: readonly Task[]): Promise<TargetStates> {
  const groups = new Set(tasks.flatMap(({ registered }) => registered.map(({ targetGroupArn }) => targetGroupArn)));
  const states = new Map<string, { state: string; reason: string }>();
  await Promise.all(
    [...groups].map(async (TargetGroupArn) => {
      try {
        const { TargetHealthDescriptions: found = [] } = await ctx.call.elasticloadbalancing.describeTargetHealth({
          TargetGroupArn,
        });
        for (const { Target: target, TargetHealth: health } of found)
          states.set(targetKey(TargetGroupArn, target?.Id ?? "", target?.Port ?? 0), {
            state: health?.State ?? "initial",
            reason: health?.Description ?? health?.Reason ?? "",
          });
      } catch (error) {
        // Without its group, a target is not healthy: nothing reaches it.
        if (!isAwsError(error)) throw error;
      }
    }),
  );
  return states;
}

/** A task that nothing checks counts as healthy once it has run for so long: one that crashes at its start has ended by then. */
export const settledMs = 2000;

/** How a task is, and when that may change by time alone. */
export interface TaskView {
  readonly seen: SeenTask;
  readonly lookAgainAt: number | undefined;
}

export interface Surroundings {
  readonly targets: TargetStates;
  readonly gracePeriodMs: number;
  readonly isChecked: (task: Task, container: string) => boolean;
}

const groupName = (arn: string) => arn.slice(arn.lastIndexOf(":") + 1);

/** A task of a service as its plan sees it. Pure. */
export function viewTask(task: Task, { targets, gracePeriodMs, isChecked }: Surroundings, now: number): TaskView {
  const { id, zone, createdAt, startedAt } = task;
  const common = {
    id,
    zone,
    createdAt,
    deployment: task.service?.deployment ?? "",
    isProtected: task.protectedUntil !== undefined && now < task.protectedUntil,
  };
  const view = (
    health: SeenTask["health"],
    more: { readonly reason?: string; readonly at?: number } = {},
  ): TaskView => ({
    seen: { ...common, health, ...(more.reason !== undefined && { reason: more.reason }) },
    lookAgainAt: more.at,
  });
  if (task.state.status !== "RUNNING" || startedAt === undefined) return view("starting");
  const graceEndsAt = startedAt + gracePeriodMs;
  const isInGrace = now < graceEndsAt;
  const hasChecks = task.containers.some(({ name }) => isChecked(task, name));
  if (hasChecks) {
    const health = taskHealth(task, (name) => isChecked(task, name));
    if (health === "UNHEALTHY")
      return isInGrace
        ? view("starting", { at: graceEndsAt })
        : view("unhealthy", { reason: "Task failed container health checks" });
    if (health === "UNKNOWN") return view("starting");
  }
  for (const { targetGroupArn, id: target, port } of task.registered) {
    const { state } = targets.get(targetKey(targetGroupArn, target, port)) ?? { state: "initial" };
    if (state === "unhealthy")
      return isInGrace
        ? view("starting", { at: graceEndsAt })
        : view("unhealthy", { reason: `Task failed ELB health checks in (target-group ${targetGroupArn})` });
    if (state !== "healthy") return view("starting");
  }
  const settledAt = startedAt + settledMs;
  if (!hasChecks && task.registered.length === 0 && now < settledAt) return view("starting", { at: settledAt });
  return view("healthy");
}

/** What a service's events tell of a target that is unhealthy. */
export function unhealthyTargets(task: Task, targets: TargetStates): readonly string[] {
  return task.registered.flatMap(({ targetGroupArn, id, port }) => {
    const found = targets.get(targetKey(targetGroupArn, id, port));
    return found?.state === "unhealthy"
      ? [`(port ${port}) is unhealthy in (target-group ${groupName(targetGroupArn)}) due to (reason ${found.reason}).`]
      : [];
  });
}

/** Tells which containers' health counts: those that are essential and have a check. */
export function checkedContainers(ctx: Context): Surroundings["isChecked"] {
  const known = new Map<string, ReadonlySet<string | undefined>>();
  return ({ family, revision }, container) => {
    const name = `${family}:${revision}`;
    let checked = known.get(name);
    if (checked === undefined) {
      const definitions = ctx.table(tables.definitions).get([family, revision])?.definition.containerDefinitions ?? [];
      checked = new Set(
        definitions.filter((one) => one.healthCheck !== undefined && one.essential !== false).map((one) => one.name),
      );
      known.set(name, checked);
    }
    return checked.has(container);
  };
}
