import type { ScalingActivityStatusCode } from "@aws-sdk/client-auto-scaling";
import type { Context } from "../../kernel/context.ts";
import type { Activity, ActivityKind } from "./model/activity.ts";
import type { Group, Place } from "./model/group.ts";
import { tables } from "./store.ts";

/** AWS tells of the activities of the last six weeks. */
const keptMs = 42 * 24 * 3_600_000;

/** Writes down that something begins. Inside a transaction. */
export function beginActivity(
  ctx: Context,
  group: Pick<Group, "name" | "arn">,
  begun: {
    readonly kind: ActivityKind;
    readonly instanceId?: string;
    readonly cause: string;
    readonly status: ScalingActivityStatusCode;
    readonly progress: number;
    readonly place: Place;
  },
): Activity {
  const rows = ctx.table(tables.activities);
  const [last = 0] = rows.keys({ reverse: true });
  const { kind, instanceId, cause, status, progress, place } = begun;
  const activity: Activity = {
    id: ctx.ids.uuid(),
    order: last + 1,
    group: group.name,
    groupArn: group.arn,
    kind,
    instanceId,
    cause,
    startedAt: ctx.now,
    endedAt: undefined,
    status,
    statusMessage: undefined,
    progress,
    zone: place.zone,
    subnet: place.subnet,
  };
  rows.put(activity.order, activity);
  ctx.table(tables.activityOrders).put(activity.id, activity.order);
  ctx.table(tables.groupActivities).put([group.name, activity.order], true);
  forgetOld(ctx);
  return activity;
}

/** Two for each one that begins: so many that their number falls, so few that nobody notices. */
function forgetOld(ctx: Context): void {
  const rows = ctx.table(tables.activities);
  let room = 2;
  for (const { id, order, group, endedAt } of rows.values()) {
    if (room-- === 0 || endedAt === undefined || endedAt > ctx.now - keptMs) return;
    rows.delete(order);
    ctx.table(tables.activityOrders).delete(id);
    ctx.table(tables.groupActivities).delete([group, order]);
  }
}

/** Inside a transaction. @returns what it is now; undefined if there is none */
export function changeActivity(
  ctx: Context,
  order: number | undefined,
  change: Partial<Pick<Activity, "status" | "statusMessage" | "progress" | "instanceId">>,
): Activity | undefined {
  const rows = ctx.table(tables.activities);
  const activity = order === undefined ? undefined : rows.get(order);
  if (activity === undefined) return undefined;
  const changed = { ...activity, ...change };
  rows.put(changed.order, changed);
  return changed;
}

/** Ends it, well or not. Inside a transaction. */
export function endActivity(
  ctx: Context,
  order: number | undefined,
  status: "Successful" | "Failed" | "Cancelled",
  statusMessage?: string,
): Activity | undefined {
  const activity = changeActivity(ctx, order, {
    status,
    progress: 100,
    ...(statusMessage !== undefined && { statusMessage }),
  });
  if (activity === undefined) return undefined;
  const ended = { ...activity, endedAt: ctx.now };
  ctx.table(tables.activities).put(ended.order, ended);
  return ended;
}
