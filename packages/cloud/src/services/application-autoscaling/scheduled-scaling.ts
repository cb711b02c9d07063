import { messageOf } from "@trysail/core";
import type { Context } from "../../kernel/context.ts";
import type { Controller } from "../../kernel/service.ts";
import { boundsAfter, parseResourceId } from "./model.ts";
import type { Activity, ScheduledAction } from "./model.ts";
import { capacityOf } from "./operations/targets.ts";
import { nextTime, parseSchedule } from "../../schedules/schedule.ts";
import { addActivity, tables } from "./store.ts";

/** Carries out scheduled actions when their time has come. One that is late, since Trysail was stopped, is carried out once. */
export const scheduledScaling: Controller<ScheduledAction> = {
  name: "scheduled-scaling",
  watches: [tables.scheduledActions],
  keyOf: ({ key, value }) => (value?.nextAt === undefined ? undefined : JSON.stringify(key)),

  async reconcile(ctx, key) {
    const [resourceId, name] = JSON.parse(key) as [string, string];
    const action = ctx.table(tables.scheduledActions).get([resourceId, name]);
    if (action?.nextAt === undefined) return undefined;
    if (ctx.now < action.nextAt) return { wakeAt: action.nextAt };
    await carryOut(ctx, action);
    const schedule = parseSchedule(action.schedule);
    const { startsAt, createdAt, endsAt, timeZone } = action;
    const nextAt =
      schedule === undefined
        ? undefined
        : nextTime(schedule, ctx.now, { from: startsAt ?? createdAt, endsAt, timeZone });
    ctx.transaction(() => {
      const current = ctx.table(tables.scheduledActions).get([resourceId, name]);
      // One that was changed meanwhile has its own time.
      if (current !== undefined && current.nextAt === action.nextAt)
        ctx.table(tables.scheduledActions).put([resourceId, name], { ...current, nextAt });
    });
    return nextAt === undefined ? undefined : { wakeAt: nextAt };
  },
};

async function carryOut(ctx: Context, action: ScheduledAction): Promise<void> {
  const { resourceId } = action;
  const target = ctx.table(tables.targets).get(resourceId);
  const named = parseResourceId(resourceId);
  if (target === undefined || named === undefined || target.suspended.ScheduledScalingSuspended === true) return;
  const tell = (told: Pick<Activity, "description" | "cause" | "status" | "message">) =>
    ctx.transaction(() =>
      addActivity(ctx, { id: ctx.ids.uuid(), resourceId, startedAt: ctx.now, endedAt: ctx.now, ...told }),
    );
  let before: number;
  try {
    before = await capacityOf(ctx, resourceId);
  } catch (error) {
    const cause = `scheduled action name ${action.name} was triggered`;
    tell({ description: "Reading the desired count.", cause, status: "Failed", message: messageOf(error) });
    return;
  }
  const { min, max, capacity, cause } = boundsAfter(target, action, before);
  const bounds = `min capacity to ${min} and max capacity to ${max}`;
  ctx.transaction(() => ctx.table(tables.targets).put(resourceId, { ...target, min, max }));
  tell({
    description: `Setting ${bounds}`,
    cause: `scheduled action name ${action.name} was triggered`,
    status: "Successful",
    message: `Successfully set ${bounds}`,
  });
  if (cause === undefined) return;
  const description = `Setting desired count to ${capacity}.`;
  try {
    await ctx.call.ecs.updateService({ cluster: named.cluster, service: named.service, desiredCount: capacity });
    const message = `Successfully set desired count to ${capacity}. Change successfully fulfilled by ecs.`;
    tell({ description, cause, status: "Successful", message });
  } catch (error) {
    tell({
      description,
      cause,
      status: "Failed",
      message: `Failed to set desired count to ${capacity}. ${messageOf(error)}`,
    });
  }
}
