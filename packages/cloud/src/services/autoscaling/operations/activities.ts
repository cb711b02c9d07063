import type { Activity as ShownActivity } from "@aws-sdk/client-auto-scaling";
import type { Context } from "../../../kernel/context.ts";
import { pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors, refuse } from "../errors.ts";
import { detailsOf } from "../events.ts";
import { descriptionOf } from "../model/activity.ts";
import type { Activity } from "../model/activity.ts";
import type { Sdk } from "../sdk.ts";
import { lookUpGroup, tables } from "../store.ts";

export function showActivity(ctx: Context, activity: Activity): ShownActivity {
  const exists = lookUpGroup(ctx, activity.group)?.arn === activity.groupArn;
  return {
    ActivityId: activity.id,
    AutoScalingGroupName: activity.group,
    Description: descriptionOf(activity),
    Cause: activity.cause,
    StartTime: new Date(activity.startedAt),
    EndTime: activity.endedAt === undefined ? undefined : new Date(activity.endedAt),
    StatusCode: activity.status,
    StatusMessage: activity.statusMessage,
    Progress: activity.progress,
    Details: JSON.stringify(detailsOf(activity)),
    AutoScalingGroupState: exists ? undefined : "Deleted",
    AutoScalingGroupARN: activity.groupArn,
  };
}

export function activityAt(ctx: Context, order: number | undefined): Activity | undefined {
  return order === undefined ? undefined : ctx.table(tables.activities).get(order);
}

/** Newest first. @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScalingActivities.html */
export const describeScalingActivities: Handler<Sdk, "describeScalingActivities"> = (ctx, input) => {
  const { ActivityIds: ids, AutoScalingGroupName: name, IncludeDeletedGroups: withDeleted = false } = input;
  if ((input.Filters ?? []).length > 0) throw refuse("filters of scaling activities");
  const group = name === undefined ? undefined : lookUpGroup(ctx, name);
  if (name !== undefined && group === undefined && !withDeleted)
    throw errors.ValidationError(`AutoScalingGroup name not found - AutoScalingGroup ${name} not found`);
  const isWanted = (activity: Activity) =>
    (ids === undefined || ids.length === 0 || ids.includes(activity.id)) &&
    (withDeleted || lookUpGroup(ctx, activity.group)?.arn === activity.groupArn);
  const { items, next } = pageOf<number, Activity>(
    ({ after }) => newestFirst(ctx, group?.name ?? name, after, isWanted),
    input.NextToken,
    Math.min(input.MaxRecords ?? 100, 100),
    errors.InvalidNextToken,
  );
  return { Activities: items.map((activity) => showActivity(ctx, activity)), NextToken: next };
};

function* newestFirst(
  ctx: Context,
  group: string | undefined,
  after: number | undefined,
  isWanted: (activity: Activity) => boolean,
): Generator<[number, Activity]> {
  const orders =
    group === undefined
      ? ctx.table(tables.activities).keys({ reverse: true, ...(after !== undefined && { after }) })
      : ordersOf(ctx, group, after);
  for (const order of orders) {
    const activity = activityAt(ctx, order);
    if (activity !== undefined && isWanted(activity)) yield [order, activity];
  }
}

function* ordersOf(ctx: Context, group: string, after: number | undefined): Generator<number> {
  const options = {
    prefix: [group],
    reverse: true,
    ...(after !== undefined && { after: [group, after] as [string, number] }),
  };
  for (const [, order] of ctx.table(tables.groupActivities).keys(options)) yield order;
}
