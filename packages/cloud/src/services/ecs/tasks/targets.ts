import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { tables } from "../store.ts";
import { addServiceEvent } from "../services/events.ts";
import { addressOwner } from "./container-spec.ts";
import type { RegisteredTarget, Task } from "./model.ts";
import { saveTask } from "./save.ts";

/** Where a target group's requests reach a task. */
export function targetsOf(ctx: Context, task: Task): readonly RegisteredTarget[] {
  const owner = addressOwner(ctx, task.id);
  return (task.service?.targetGroups ?? []).map(({ targetGroupArn, containerPort }) => {
    const { host, port } = ctx.host.workloads.reach(owner, containerPort);
    return { targetGroupArn, id: host, port };
  });
}

const nameOf = (targetGroupArn: string) => targetGroupArn.slice(targetGroupArn.lastIndexOf(":") + 1);

/** Registers a task with its target groups. */
export async function registerTargets(ctx: Context, task: Task): Promise<void> {
  const targets = targetsOf(ctx, task);
  await Promise.all(
    targets.map(({ targetGroupArn, id, port }) =>
      ctx.call.elasticloadbalancing.registerTargets({
        TargetGroupArn: targetGroupArn,
        Targets: [{ Id: id, Port: port, AvailabilityZone: task.zone }],
      }),
    ),
  );
  ctx.transaction(() => {
    const current = ctx.table(tables.tasks).get(task.id);
    if (current === undefined) return;
    saveTask(ctx, { ...current, registered: targets });
    for (const { targetGroupArn } of targets)
      addServiceEvent(ctx, task, `registered 1 targets in (target-group ${nameOf(targetGroupArn)})`);
  });
}

/**
 * Takes a task out of its target groups, and asks whether it has finished its requests.
 *
 * @returns whether nothing is left of it there
 */
export async function deregisterTargets(ctx: Context, task: Task): Promise<boolean> {
  const left = await Promise.all(task.registered.map((target) => drain(ctx, target)));
  if (left.includes(true)) return false;
  ctx.transaction(() => {
    const current = ctx.table(tables.tasks).get(task.id);
    if (current === undefined) return;
    saveTask(ctx, { ...current, registered: [] });
    for (const { targetGroupArn } of current.registered)
      addServiceEvent(ctx, task, `deregistered 1 targets in (target-group ${nameOf(targetGroupArn)})`);
  });
  return true;
}

/** Whether the target is still being drained. */
async function drain(ctx: Context, { targetGroupArn, id, port }: RegisteredTarget): Promise<boolean> {
  const target = { Id: id, Port: port };
  const { elasticloadbalancing: balancing } = ctx.call;
  try {
    const ask = async () => {
      const { TargetHealthDescriptions: found = [] } = await balancing.describeTargetHealth({
        TargetGroupArn: targetGroupArn,
        Targets: [target],
      });
      return found[0]?.TargetHealth?.State;
    };
    const state = await ask();
    if (state === undefined || state === "unused") return false;
    if (state === "draining") return true;
    await balancing.deregisterTargets({ TargetGroupArn: targetGroupArn, Targets: [target] });
    return (await ask()) === "draining";
  } catch (error) {
    // The group is gone, and the target with it.
    if (isAwsError(error, "TargetGroupNotFound", "TargetGroupNotFoundException", "InvalidTarget")) return false;
    throw error;
  }
}
