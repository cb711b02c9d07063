import type { Context } from "../../../kernel/context.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { readTags, tagList, withoutTags } from "../../../kernel/tags.ts";
import { changeState, tellConfiguration } from "../alarms/change-state.ts";
import type { Alarm } from "../alarms/model.ts";
import { nameOf } from "../alarms/watching.ts";
import { errors } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";

const historyPage = 100;

/** Those that there are not are passed over. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html */
export const deleteAlarms: Handler<Sdk, "deleteAlarms"> = (ctx, { AlarmNames: names }) => {
  for (const name of names) {
    const alarm = ctx.table(tables.alarms).get(name);
    if (alarm === undefined) continue;
    tellConfiguration(ctx, alarm, "delete");
    ctx.table(tables.alarms).delete(name);
    ctx.table(tables.alarmStates).delete(name);
  }
  return {};
};

function setActions(ctx: Context, names: readonly string[], actionsEnabled: boolean): void {
  for (const name of names) {
    const alarm = ctx.table(tables.alarms).get(name);
    if (alarm === undefined || alarm.actionsEnabled === actionsEnabled) continue;
    const changed = { ...alarm, actionsEnabled, configuredAt: ctx.now };
    ctx.table(tables.alarms).put(name, changed);
    tellConfiguration(ctx, changed, "update");
  }
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_EnableAlarmActions.html */
export const enableAlarmActions: Handler<Sdk, "enableAlarmActions"> = (ctx, { AlarmNames: names }) => {
  setActions(ctx, names, true);
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DisableAlarmActions.html */
export const disableAlarmActions: Handler<Sdk, "disableAlarmActions"> = (ctx, { AlarmNames: names }) => {
  setActions(ctx, names, false);
  return {};
};

/**
 * The state stands until the alarm's next evaluation.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html
 */
export const setAlarmState: Handler<Sdk, "setAlarmState"> = (ctx, input) => {
  const alarm = ctx.table(tables.alarms).get(input.AlarmName);
  if (alarm === undefined) throw errors.ResourceNotFound(`There is no alarm ${input.AlarmName}.`);
  const { StateValue: value, StateReason: reason, StateReasonData: reasonData } = input;
  if (!["OK", "ALARM", "INSUFFICIENT_DATA"].includes(value))
    throw errors.ValidationError(`The value ${value} for parameter StateValue is invalid.`);
  if (reasonData !== undefined && !isJson(reasonData))
    throw errors.InvalidFormat("StateReasonData must be valid JSON.");
  changeState(ctx, alarm, { value, reason, reasonData });
  return {};
};

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html */
export const describeAlarmHistory: Handler<Sdk, "describeAlarmHistory"> = (ctx, input) => {
  const { AlarmName, AlarmTypes: types = ["MetricAlarm"], HistoryItemType: type, StartDate, EndDate } = input;
  const prefix = AlarmName === undefined ? [] : [AlarmName];
  const found = [...ctx.table(tables.alarmHistory).values({ prefix })]
    .filter(
      (row) =>
        types.includes(row.alarmType) &&
        (type === undefined || row.type === type) &&
        (StartDate === undefined || row.at >= StartDate.getTime()) &&
        (EndDate === undefined || row.at <= EndDate.getTime()),
    )
    // Rows of one alarm are in their order, which times that are the same must not upset.
    .toReversed()
    .toSorted((one, other) => other.at - one.at);
  if (input.ScanBy === "TimestampAscending") found.reverse();
  const size = input.MaxRecords ?? historyPage;
  const { items, next } = pageOfList(found, input.NextToken, size, errors.InvalidNextToken);
  return {
    AlarmHistoryItems: items.map(({ at, alarm, alarmType, type: itemType, summary, data }) => ({
      AlarmName: alarm,
      AlarmType: alarmType,
      Timestamp: new Date(at),
      HistoryItemType: itemType,
      HistorySummary: summary,
      HistoryData: data,
    })),
    NextToken: next,
  };
};

/** @throws AwsError `ResourceNotFoundException` */
function byArn(ctx: Context, arn: string): Alarm {
  const alarm = ctx.table(tables.alarms).get(nameOf(arn));
  if (alarm === undefined || alarm.arn !== arn) throw errors.ResourceNotFoundException(`There is no alarm ${arn}.`);
  return alarm;
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_TagResource.html */
export const tagResource: Handler<Sdk, "tagResource"> = (ctx, { ResourceARN, Tags }) => {
  const alarm = byArn(ctx, ResourceARN);
  ctx.table(tables.alarms).put(alarm.name, { ...alarm, tags: readTags(Tags, alarm.tags) });
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_UntagResource.html */
export const untagResource: Handler<Sdk, "untagResource"> = (ctx, { ResourceARN, TagKeys }) => {
  const alarm = byArn(ctx, ResourceARN);
  ctx.table(tables.alarms).put(alarm.name, { ...alarm, tags: withoutTags(alarm.tags, TagKeys) });
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListTagsForResource.html */
export const listTagsForResource: Handler<Sdk, "listTagsForResource"> = (ctx, { ResourceARN }) => ({
  Tags: tagList(byArn(ctx, ResourceARN).tags),
});
