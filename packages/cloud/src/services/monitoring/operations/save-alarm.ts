import type { PutCompositeAlarmCommandInput } from "@aws-sdk/client-cloudwatch";
import { partitionOf } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { readTags } from "../../../kernel/tags.ts";
import { actionKind } from "../alarms/actions.ts";
import { tellConfiguration, unchecked } from "../alarms/change-state.ts";
import type { Alarm } from "../alarms/model.ts";
import { errors } from "../errors.ts";
import { tables } from "../store.ts";

const mostActions = 5;

type Given = Pick<
  PutCompositeAlarmCommandInput,
  | "AlarmName"
  | "AlarmDescription"
  | "ActionsEnabled"
  | "OKActions"
  | "AlarmActions"
  | "InsufficientDataActions"
  | "Tags"
>;

/** What all kinds of alarms are given. @throws AwsError `ValidationError` */
export function commonOf(ctx: Context, input: Given): Omit<Extract<Alarm, { kind: "composite" }>, "kind" | "rule"> {
  const { AlarmName: name = "", OKActions = [], AlarmActions = [], InsufficientDataActions = [] } = input;
  if (name === "" || name.length > 255) throw errors.ValidationError("AlarmName must have 1 to 255 characters.");
  for (const list of [OKActions, AlarmActions, InsufficientDataActions]) {
    if (list.length > mostActions)
      throw errors.ValidationError(`An alarm has at most ${mostActions} actions for each state.`);
    const unknown = list.find((arn) => actionKind(arn) === undefined);
    if (unknown !== undefined)
      throw errors.ValidationError(
        `Trysail cannot carry out the alarm action ${unknown}: it has SNS topics, Lambda functions, scaling policies and EC2 actions.`,
      );
  }
  const before = ctx.table(tables.alarms).get(name);
  return {
    name,
    arn: `arn:${partitionOf(ctx.region)}:cloudwatch:${ctx.region}:${ctx.account}:alarm:${name}`,
    description: input.AlarmDescription,
    actionsEnabled: input.ActionsEnabled ?? true,
    actions: { OK: OKActions, ALARM: AlarmActions, INSUFFICIENT_DATA: InsufficientDataActions },
    configuredAt: ctx.now,
    tags: before?.tags ?? readTags(input.Tags),
  };
}

/** Stores an alarm. One of that name that there is keeps its state. Inside a transaction. */
export function saveAlarm(ctx: Context, alarm: Alarm): void {
  const alarms = ctx.table(tables.alarms);
  const before = alarms.get(alarm.name);
  if (before !== undefined && before.kind !== alarm.kind)
    throw errors.ValidationError(`There is an alarm ${alarm.name} of another type.`);
  alarms.put(alarm.name, alarm);
  if (before === undefined) ctx.table(tables.alarmStates).put(alarm.name, unchecked(ctx));
  tellConfiguration(ctx, alarm, before === undefined ? "create" : "update");
}
