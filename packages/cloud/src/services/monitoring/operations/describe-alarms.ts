import type { AlarmType, CompositeAlarm, MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { isDeepStrictEqual } from "node:util";
import type { Context } from "../../../kernel/context.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { stateOf } from "../alarms/change-state.ts";
import { alarmTypeOf } from "../alarms/history.ts";
import type { Alarm, CompositeAlarmRow, MetricAlarmRow } from "../alarms/model.ts";
import { childrenOf, parseRule } from "../alarms/rule.ts";
import { nameOf } from "../alarms/watching.ts";
import { errors } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { dimensionsOf } from "./dimensions.ts";

const pageSize = 50;

function common(ctx: Context, alarm: Alarm) {
  const state = stateOf(ctx, alarm.name);
  return {
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    AlarmDescription: alarm.description,
    AlarmConfigurationUpdatedTimestamp: new Date(alarm.configuredAt),
    ActionsEnabled: alarm.actionsEnabled,
    OKActions: [...alarm.actions.OK],
    AlarmActions: [...alarm.actions.ALARM],
    InsufficientDataActions: [...alarm.actions.INSUFFICIENT_DATA],
    StateValue: state.value,
    StateReason: state.reason,
    StateReasonData: state.reasonData,
    StateUpdatedTimestamp: new Date(state.updatedAt),
    StateTransitionedTimestamp: new Date(state.changedAt),
  };
}

function describeMetricAlarm(ctx: Context, alarm: MetricAlarmRow): MetricAlarm {
  const { metric } = alarm;
  return {
    ...common(ctx, alarm),
    ...(metric.Metrics === undefined
      ? { ...metric, Dimensions: metric.Dimensions ?? [] }
      : { Metrics: metric.Metrics, Dimensions: [] }),
    EvaluationPeriods: alarm.evaluationPeriods,
    DatapointsToAlarm: alarm.hasDatapoints ? alarm.datapointsToAlarm : undefined,
    Threshold: alarm.threshold,
    ComparisonOperator: alarm.comparison,
    TreatMissingData: alarm.missingData,
  };
}

function describeCompositeAlarm(ctx: Context, alarm: CompositeAlarmRow): CompositeAlarm {
  return { ...common(ctx, alarm), AlarmRule: alarm.rule };
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html */
export const describeAlarms: Handler<Sdk, "describeAlarms"> = (ctx, input) => {
  const { AlarmNames: names, AlarmNamePrefix: prefix, ActionPrefix, StateValue, ChildrenOfAlarmName } = input;
  const types: readonly AlarmType[] = input.AlarmTypes ?? ["MetricAlarm"];
  if (names !== undefined && prefix !== undefined)
    throw errors.InvalidParameterCombination("AlarmNames and AlarmNamePrefix must not be specified together.");
  const related = relativesOf(ctx, ChildrenOfAlarmName, input.ParentsOfAlarmName);
  const rows = ctx.table(tables.alarms);
  const found =
    names === undefined
      ? rows.values(prefix === undefined ? {} : { startsWith: prefix })
      : names.flatMap((name) => rows.get(nameOf(name)) ?? []);
  const wanted = [...found].filter(
    (alarm) =>
      (related !== undefined ? related.has(alarm.name) : types.includes(alarmTypeOf(alarm))) &&
      (StateValue === undefined || stateOf(ctx, alarm.name).value === StateValue) &&
      (ActionPrefix === undefined ||
        Object.values(alarm.actions)
          .flat()
          .some((arn) => arn.startsWith(ActionPrefix))),
  );
  const { items, next } = pageOfList(wanted, input.NextToken, input.MaxRecords ?? pageSize, errors.InvalidNextToken);
  return {
    MetricAlarms: items.flatMap((alarm) => (alarm.kind === "metric" ? [describeMetricAlarm(ctx, alarm)] : [])),
    CompositeAlarms: items.flatMap((alarm) => (alarm.kind === "composite" ? [describeCompositeAlarm(ctx, alarm)] : [])),
    NextToken: next,
  };
};

/** The alarms that a composite one depends on, or the composite ones that depend on one. */
function relativesOf(ctx: Context, childrenOf_: string | undefined, parentsOf: string | undefined) {
  if (childrenOf_ === undefined && parentsOf === undefined) return undefined;
  const alarms = ctx.table(tables.alarms);
  if (childrenOf_ !== undefined) {
    const alarm = alarms.get(nameOf(childrenOf_));
    return new Set(alarm?.kind === "composite" ? childrenOf(parseRule(alarm.rule)).map(nameOf) : []);
  }
  const child = nameOf(parentsOf ?? "");
  const parents = [...alarms.values()].filter(
    (alarm) => alarm.kind === "composite" && childrenOf(parseRule(alarm.rule)).map(nameOf).includes(child),
  );
  return new Set(parents.map(({ name }) => name));
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmsForMetric.html */
export const describeAlarmsForMetric: Handler<Sdk, "describeAlarmsForMetric"> = (ctx, input) => {
  const wanted = dimensionsOf(input.Dimensions);
  const found = [...ctx.table(tables.alarms).values()].filter((alarm): alarm is MetricAlarmRow => {
    if (alarm.kind !== "metric") return false;
    const { metric } = alarm;
    return (
      metric.Namespace === input.Namespace &&
      metric.MetricName === input.MetricName &&
      isDeepStrictEqual(dimensionsOf(metric.Dimensions), wanted) &&
      (input.Statistic === undefined || metric.Statistic === input.Statistic) &&
      (input.ExtendedStatistic === undefined || metric.ExtendedStatistic === input.ExtendedStatistic) &&
      (input.Period === undefined || metric.Period === input.Period) &&
      (input.Unit === undefined || metric.Unit === input.Unit)
    );
  });
  return { MetricAlarms: found.map((alarm) => describeMetricAlarm(ctx, alarm)) };
};
