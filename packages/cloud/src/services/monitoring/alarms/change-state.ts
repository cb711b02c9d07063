import type { Context } from "../../../kernel/context.ts";
import { tables } from "../store.ts";
import { alarmTypeOf, note } from "./history.ts";
import type { Alarm, AlarmState } from "./model.ts";
import { queriesOf } from "./model.ts";

/** How an alarm is before anything is known. */
export function unchecked(ctx: Context): AlarmState {
  return {
    value: "INSUFFICIENT_DATA",
    reason: "Unchecked: Initial alarm creation",
    reasonData: undefined,
    updatedAt: ctx.now,
    changedAt: ctx.now,
  };
}

export function stateOf(ctx: Context, name: string): AlarmState {
  return ctx.table(tables.alarmStates).get(name) ?? unchecked(ctx);
}

/**
 * Brings an alarm into a state: with its history, its event and its actions where it was in another. Inside a
 * transaction.
 */
export function changeState(ctx: Context, alarm: Alarm, to: Pick<AlarmState, "value" | "reason" | "reasonData">): void {
  const before = stateOf(ctx, alarm.name);
  const isChange = before.value !== to.value;
  const state: AlarmState = { ...to, updatedAt: ctx.now, changedAt: isChange ? ctx.now : before.changedAt };
  if (!isChange) {
    // In the same state for another reason: told when it is asked for, and worth no write each second.
    if (before.reason !== to.reason && ctx.now - before.updatedAt >= refreshMs)
      ctx.table(tables.alarmStates).put(alarm.name, state);
    return;
  }
  ctx.table(tables.alarmStates).put(alarm.name, state);
  note(ctx, alarm, {
    type: "StateUpdate",
    summary: `Alarm updated from ${before.value} to ${state.value}`,
    data: { oldState: told(before), newState: told(state) },
  });
  ctx.emit({
    source: "aws.cloudwatch",
    detailType: "CloudWatch Alarm State Change",
    resources: [alarm.arn],
    detail: {
      alarmName: alarm.name,
      configuration: configurationOf(alarm),
      previousState: eventState(before),
      state: eventState(state),
    },
  });
  if (!alarm.actionsEnabled) return;
  for (const action of alarm.actions[state.value])
    ctx.table(tables.pendingActions).put(ctx.ids.uuid(), { alarm, before, state, action, failures: 0, dueAt: ctx.now });
}

/** How often the reason of a state that lasts is written anew. */
const refreshMs = 60_000;

const told = ({ value, reason, reasonData }: AlarmState) => ({
  stateValue: value,
  stateReason: reason,
  ...(reasonData !== undefined && { stateReasonData: JSON.parse(reasonData) as unknown }),
});

const eventState = ({ value, reason, reasonData, changedAt }: AlarmState) => ({
  value,
  reason,
  ...(reasonData !== undefined && { reasonData }),
  timestamp: new Date(changedAt).toISOString().replace("Z", "+0000"),
});

/** An alarm as its events tell of it. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html */
export function configurationOf(alarm: Alarm): object {
  const description = alarm.description === undefined ? {} : { description: alarm.description };
  if (alarm.kind === "composite") return { ...description, alarmRule: alarm.rule };
  return {
    ...description,
    metrics: queriesOf(alarm).map(({ Id, Expression, Label, MetricStat, ReturnData = true }) => ({
      id: Id,
      ...(Expression !== undefined && { expression: Expression }),
      ...(Label !== undefined && { label: Label }),
      ...(MetricStat !== undefined && {
        metricStat: {
          metric: {
            namespace: MetricStat.Metric?.Namespace,
            name: MetricStat.Metric?.MetricName,
            dimensions: Object.fromEntries(
              (MetricStat.Metric?.Dimensions ?? []).map(({ Name, Value }) => [Name, Value]),
            ),
          },
          period: MetricStat.Period,
          stat: MetricStat.Stat,
        },
      }),
      returnData: ReturnData,
    })),
  };
}

/** Tells that an alarm was made, changed or deleted. Inside a transaction. */
export function tellConfiguration(ctx: Context, alarm: Alarm, operation: "create" | "update" | "delete"): void {
  const done = { create: "created", update: "updated", delete: "deleted" }[operation];
  note(ctx, alarm, {
    type: "ConfigurationUpdate",
    summary: `Alarm "${alarm.name}" ${done}`,
    data: { type: operation[0]?.toUpperCase() + operation.slice(1), alarmType: alarmTypeOf(alarm) },
  });
  ctx.emit({
    source: "aws.cloudwatch",
    detailType: "CloudWatch Alarm Configuration Change",
    resources: [alarm.arn],
    detail: {
      alarmName: alarm.name,
      operation,
      state: eventState(stateOf(ctx, alarm.name)),
      configuration: { ...configurationOf(alarm), actionsEnabled: alarm.actionsEnabled },
    },
  });
}
