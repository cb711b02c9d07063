import type { ScalingActivity } from "@aws-sdk/client-application-auto-scaling";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { dimension } from "../model.ts";
import type { Activity, ScheduledAction } from "../model.ts";
import { nextTime, parseSchedule } from "../../../schedules/schedule.ts";
import type { Sdk } from "../sdk.ts";
import { arnOf, checkNamed, findTarget, tables } from "../store.ts";

function checkTimeZone(timeZone: string | undefined): void {
  try {
    Intl.DateTimeFormat("en", { timeZone });
  } catch {
    throw errors.ValidationException(`Invalid timezone: ${timeZone}`);
  }
}

/** @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html */
export const putScheduledAction: Handler<Sdk, "putScheduledAction"> = (ctx, input) => {
  checkNamed(input);
  const { resourceId } = findTarget(ctx, input.ResourceId);
  const rows = ctx.table(tables.scheduledActions);
  const before = rows.get([resourceId, input.ScheduledActionName]);
  const text = input.Schedule ?? before?.schedule;
  if (text === undefined) throw errors.ValidationException("Schedule cannot be null for a new scheduled action.");
  const schedule = parseSchedule(text);
  if (schedule === undefined) throw errors.ValidationException(`Invalid schedule expression: ${text}`);
  checkTimeZone(input.Timezone);
  const given = input.ScalableTargetAction;
  const { MinCapacity: min = before?.min, MaxCapacity: max = before?.max } = given ?? {};
  if (min === undefined && max === undefined)
    throw errors.ValidationException("ScalableTargetAction must have MinCapacity, MaxCapacity or both.");
  if (min !== undefined && max !== undefined && min > max)
    throw errors.ValidationException("Maximum capacity cannot be less than minimum capacity");
  const timeZone = input.Timezone ?? before?.timeZone;
  const startsAt = input.StartTime?.getTime() ?? before?.startsAt;
  const endsAt = input.EndTime?.getTime() ?? before?.endsAt;
  const action: ScheduledAction = {
    name: input.ScheduledActionName,
    resourceId,
    arn:
      before?.arn ??
      arnOf(
        ctx,
        `scheduledAction:${ctx.ids.uuid()}:resource/ecs/${resourceId}:scheduledActionName/${input.ScheduledActionName}`,
      ).replace(":application-autoscaling:", ":autoscaling:"),
    schedule: text,
    timeZone,
    startsAt,
    endsAt,
    min,
    max,
    createdAt: before?.createdAt ?? ctx.now,
    nextAt: nextTime(schedule, ctx.now, { from: startsAt ?? ctx.now, endsAt, timeZone }),
  };
  rows.put([resourceId, action.name], action);
  return {};
};

/** @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeleteScheduledAction.html */
export const deleteScheduledAction: Handler<Sdk, "deleteScheduledAction"> = (ctx, input) => {
  checkNamed(input);
  if (!ctx.table(tables.scheduledActions).delete([input.ResourceId, input.ScheduledActionName]))
    throw errors.ObjectNotFoundException(
      `No scheduled action found for service namespace: ecs, resource ID: ${input.ResourceId}, scalable dimension: ${dimension}, scheduled action name: ${input.ScheduledActionName}`,
    );
  return {};
};

/** @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScheduledActions.html */
export const describeScheduledActions: Handler<Sdk, "describeScheduledActions"> = (ctx, input) => {
  checkNamed(input);
  const names = input.ScheduledActionNames === undefined ? undefined : new Set(input.ScheduledActionNames);
  const prefix = input.ResourceId === undefined ? [] : [input.ResourceId];
  const found = [...ctx.table(tables.scheduledActions).values({ prefix })].filter(
    ({ name, arn }) => names === undefined || names.has(name) || names.has(arn),
  );
  const { items, next } = pageOfList(found, input.NextToken, input.MaxResults ?? 50, errors.InvalidNextTokenException);
  return {
    ScheduledActions: items.map((action) => ({
      ScheduledActionName: action.name,
      ScheduledActionARN: action.arn,
      ServiceNamespace: "ecs" as const,
      Schedule: action.schedule,
      ...(action.timeZone !== undefined && { Timezone: action.timeZone }),
      ResourceId: action.resourceId,
      ScalableDimension: dimension,
      ...(action.startsAt !== undefined && { StartTime: new Date(action.startsAt) }),
      ...(action.endsAt !== undefined && { EndTime: new Date(action.endsAt) }),
      ScalableTargetAction: {
        ...(action.min !== undefined && { MinCapacity: action.min }),
        ...(action.max !== undefined && { MaxCapacity: action.max }),
      },
      CreationTime: new Date(action.createdAt),
    })),
    NextToken: next,
  };
};

function describe(activity: Activity): ScalingActivity {
  return {
    ActivityId: activity.id,
    ServiceNamespace: "ecs",
    ResourceId: activity.resourceId,
    ScalableDimension: dimension,
    Description: activity.description,
    Cause: activity.cause,
    StartTime: new Date(activity.startedAt),
    EndTime: new Date(activity.endedAt),
    StatusCode: activity.status,
    StatusMessage: activity.message,
  };
}

/** The newest first. @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalingActivities.html */
export const describeScalingActivities: Handler<Sdk, "describeScalingActivities"> = (ctx, input) => {
  checkNamed(input);
  const prefix = input.ResourceId === undefined ? [] : [input.ResourceId];
  const found = [...ctx.table(tables.activities).values({ prefix })].toSorted((a, b) => b.startedAt - a.startedAt);
  const { items, next } = pageOfList(found, input.NextToken, input.MaxResults ?? 50, errors.InvalidNextTokenException);
  return { ScalingActivities: items.map(describe), NextToken: next };
};
