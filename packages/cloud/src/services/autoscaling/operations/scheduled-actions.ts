import type { ScheduledUpdateGroupActionRequest } from "@aws-sdk/client-auto-scaling";
import { partitionOf } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import type { Group } from "../model/group.ts";
import { nextRun } from "../model/scheduled-action.ts";
import type { ScheduledAction } from "../model/scheduled-action.ts";
import type { Sdk } from "../sdk.ts";
import { findGroup, findLiveGroup, tables } from "../store.ts";

/** Inside a transaction. */
function put(ctx: Context, group: Group, given: Omit<ScheduledUpdateGroupActionRequest, "Tags">): void {
  const { ScheduledActionName: name = "", MinSize: min, MaxSize: max, DesiredCapacity: desired } = given;
  if (min === undefined && max === undefined && desired === undefined)
    throw errors.ValidationError("At least one of MinSize, MaxSize and DesiredCapacity must be specified.");
  if (min !== undefined && max !== undefined && min > max)
    throw errors.ValidationError(`Max bound, ${max}, must be greater than or equal to min bound, ${min}`);
  const startsAt = given.StartTime?.getTime();
  const endsAt = given.EndTime?.getTime();
  if (startsAt !== undefined && startsAt <= ctx.now) throw errors.ValidationError("Given start time is in the past");
  if (endsAt !== undefined && endsAt <= ctx.now) throw errors.ValidationError("Given end time is in the past");
  if (startsAt !== undefined && endsAt !== undefined && endsAt <= startsAt)
    throw errors.ValidationError("Given end time must be after the given start time");
  const timing = { recurrence: given.Recurrence, timeZone: given.TimeZone, endsAt };
  const nextAt = startsAt ?? firstRun(ctx, timing);
  const before = ctx.table(tables.scheduledActions).get([group.name, name]);
  ctx.table(tables.scheduledActions).put([group.name, name], {
    ...timing,
    name,
    group: group.name,
    arn:
      before?.arn ??
      `arn:${partitionOf(ctx.region)}:autoscaling:${ctx.region}:${ctx.account}:scheduledUpdateGroupAction:${ctx.ids.uuid()}:autoScalingGroupName/${group.name}:scheduledActionName/${name}`,
    min,
    max,
    desired,
    startsAt,
    nextAt,
  });
}

function firstRun(ctx: Context, timing: Pick<ScheduledAction, "recurrence" | "timeZone" | "endsAt">): number {
  if (timing.recurrence === undefined)
    throw errors.ValidationError("Either StartTime or Recurrence must be specified for a scheduled action.");
  let next: number | undefined;
  try {
    next = nextRun(timing, ctx.now);
  } catch {
    throw errors.ValidationError(
      `Given recurrence string:${timing.recurrence} is invalid, or the time zone is: ${timing.timeZone ?? "UTC"}`,
    );
  }
  if (next === undefined) throw errors.ValidationError("The action would never be carried out before its end time.");
  return next;
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScheduledUpdateGroupAction.html */
export const putScheduledUpdateGroupAction: Handler<Sdk, "putScheduledUpdateGroupAction"> = (ctx, input) => {
  put(ctx, findLiveGroup(ctx, input.AutoScalingGroupName), { ...input, StartTime: input.StartTime ?? input.Time });
  return {};
};

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_BatchPutScheduledUpdateGroupAction.html */
export const batchPutScheduledUpdateGroupAction: Handler<Sdk, "batchPutScheduledUpdateGroupAction"> = (ctx, input) => {
  const group = findLiveGroup(ctx, input.AutoScalingGroupName);
  const failed = input.ScheduledUpdateGroupActions.flatMap((action) =>
    attempt(action.ScheduledActionName, () => put(ctx, group, action)),
  );
  return { FailedScheduledUpdateGroupActions: failed };
};

function attempt(name: string | undefined, work: () => void) {
  try {
    work();
    return [];
  } catch (error) {
    if (!isAwsError(error)) throw error;
    return [{ ScheduledActionName: name ?? "", ErrorCode: error.code, ErrorMessage: error.message }];
  }
}

function remove(ctx: Context, group: Group, name: string): void {
  if (!ctx.table(tables.scheduledActions).delete([group.name, name]))
    throw errors.ValidationError("Scheduled action name not found");
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteScheduledAction.html */
export const deleteScheduledAction: Handler<Sdk, "deleteScheduledAction"> = (ctx, input) => {
  remove(ctx, findGroup(ctx, input.AutoScalingGroupName), input.ScheduledActionName);
  return {};
};

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_BatchDeleteScheduledAction.html */
export const batchDeleteScheduledAction: Handler<Sdk, "batchDeleteScheduledAction"> = (ctx, input) => {
  const group = findGroup(ctx, input.AutoScalingGroupName);
  return {
    FailedScheduledActions: input.ScheduledActionNames.flatMap((name) => attempt(name, () => remove(ctx, group, name))),
  };
};

const dateOf = (time: number | undefined) => (time === undefined ? undefined : new Date(time));

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScheduledActions.html */
export const describeScheduledActions: Handler<Sdk, "describeScheduledActions"> = (ctx, input) => {
  const { AutoScalingGroupName: group, ScheduledActionNames: names = [], StartTime: from, EndTime: to } = input;
  const prefix = group === undefined ? {} : { prefix: [findGroup(ctx, group).name] };
  const wanted = [...ctx.table(tables.scheduledActions).values(prefix)].filter(
    ({ name, arn, nextAt }) =>
      (names.length === 0 || names.includes(name) || names.includes(arn)) &&
      // Who names actions gets them, whatever their times are.
      (names.length > 0 || ((from?.getTime() ?? 0) <= nextAt && nextAt <= (to?.getTime() ?? Infinity))),
  );
  const { items, next } = pageOfList(wanted, input.NextToken, input.MaxRecords ?? 50, errors.InvalidNextToken);
  const shown = items.map((action) => ({
    AutoScalingGroupName: action.group,
    ScheduledActionName: action.name,
    ScheduledActionARN: action.arn,
    Time: new Date(action.nextAt),
    StartTime: new Date(action.nextAt),
    EndTime: dateOf(action.endsAt),
    Recurrence: action.recurrence,
    TimeZone: action.timeZone,
    MinSize: action.min,
    MaxSize: action.max,
    DesiredCapacity: action.desired,
  }));
  return { ScheduledUpdateGroupActions: shown, NextToken: next };
};
