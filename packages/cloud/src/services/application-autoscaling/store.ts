import { partitionOf } from "@trysail/core";
import type { Context } from "../../kernel/context.ts";
import type { Breach } from "../../scaling/alarm-loop.ts";
import { table } from "../../store/table.ts";
import { errors } from "./errors.ts";
import { activitiesKeptMs, dimension } from "./model.ts";
import type { Activity, Policy, ScheduledAction, Target } from "./model.ts";

export const tables = {
  targets: table<string, Target>("targets"),
  policies: table<[resource: string, name: string], Policy>("policies"),
  /** Alarms that have called a policy and still do. */
  breaches: table<[policyArn: string, alarm: string], Breach>("breaches"),
  scheduledActions: table<[resource: string, name: string], ScheduledAction>("scheduled-actions"),
  activities: table<[resource: string, startedAt: number, id: string], Activity>("activities"),
};

/** What a request names. @throws AwsError `ValidationException` for what Trysail does not scale */
export function checkNamed(named: {
  readonly ServiceNamespace: string;
  readonly ScalableDimension?: string | undefined;
}): void {
  if (named.ServiceNamespace !== "ecs")
    throw errors.ValidationException(
      `Trysail scales services of ECS: the service namespace must be ecs, not ${named.ServiceNamespace}.`,
    );
  const { ScalableDimension: asked = dimension } = named;
  if (asked !== dimension)
    throw errors.ValidationException(
      `Unsupported service namespace, resource type or scalable dimension: ecs has ${dimension}.`,
    );
}

/** @throws AwsError `ObjectNotFoundException` */
export function findTarget(ctx: Context, resourceId: string): Target {
  const target = ctx.table(tables.targets).get(resourceId);
  if (target === undefined)
    throw errors.ObjectNotFoundException(
      `No scalable target registered for service namespace: ecs, resource ID: ${resourceId}, scalable dimension: ${dimension}`,
    );
  return target;
}

/** `arn:aws:application-autoscaling:REGION:ACCOUNT:` and what is given. */
export function arnOf(ctx: Context, resource: string): string {
  return `arn:${partitionOf(ctx.region)}:application-autoscaling:${ctx.region}:${ctx.account}:${resource}`;
}

/** Writes an activity down, and forgets those of six weeks ago. Only inside a transaction. */
export function addActivity(ctx: Context, activity: Activity): void {
  const rows = ctx.table(tables.activities);
  rows.put([activity.resourceId, activity.startedAt, activity.id], activity);
  for (const key of rows.keys({ prefix: [activity.resourceId] })) {
    if (key[1] >= ctx.now - activitiesKeptMs) break;
    rows.delete(key);
  }
}
