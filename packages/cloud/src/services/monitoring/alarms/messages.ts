import type { Context } from "../../../kernel/context.ts";
import { configurationOf } from "./change-state.ts";
import type { Alarm, AlarmState } from "./model.ts";
import { queriesOf } from "./model.ts";

/** Regions as people call them, where AWS's messages do. */
const regionNames: Readonly<Record<string, string>> = {
  "ap-northeast-1": "Asia Pacific (Tokyo)",
  "ap-southeast-1": "Asia Pacific (Singapore)",
  "ap-southeast-2": "Asia Pacific (Sydney)",
  "eu-central-1": "EU (Frankfurt)",
  "eu-west-1": "EU (Ireland)",
  "eu-west-2": "EU (London)",
  "us-east-1": "US East (N. Virginia)",
  "us-east-2": "US East (Ohio)",
  "us-west-1": "US West (N. California)",
  "us-west-2": "US West (Oregon)",
};

const dateText = (ms: number) => new Date(ms).toISOString().replace("Z", "+0000");

/** What a topic is told. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html */
export function snsMessage(
  ctx: Context,
  alarm: Alarm,
  before: AlarmState,
  state: AlarmState,
): { readonly Subject: string; readonly Message: string } {
  const region = regionNames[ctx.region] ?? ctx.region;
  const message = {
    AlarmName: alarm.name,
    AlarmDescription: alarm.description ?? null,
    AWSAccountId: ctx.account,
    AlarmConfigurationUpdatedTimestamp: dateText(alarm.configuredAt),
    NewStateValue: state.value,
    NewStateReason: state.reason,
    StateChangeTime: dateText(state.changedAt),
    Region: region,
    AlarmArn: alarm.arn,
    OldStateValue: before.value,
    OKActions: alarm.actions.OK,
    AlarmActions: alarm.actions.ALARM,
    InsufficientDataActions: alarm.actions.INSUFFICIENT_DATA,
    ...(alarm.kind === "metric" ? { Trigger: triggerOf(alarm) } : { AlarmRule: alarm.rule }),
  };
  // A subject has at most 100 characters.
  const Subject = `${state.value}: "${alarm.name}" in ${region}`.slice(0, 100);
  return { Subject, Message: JSON.stringify(message) };
}

function triggerOf(alarm: Extract<Alarm, { kind: "metric" }>): object {
  const { metric, comparison, threshold, evaluationPeriods, datapointsToAlarm, missingData } = alarm;
  const common = {
    EvaluationPeriods: evaluationPeriods,
    DatapointsToAlarm: datapointsToAlarm,
    ComparisonOperator: comparison,
    Threshold: threshold,
    TreatMissingData: missingData,
    EvaluateLowSampleCountPercentile: "",
  };
  if (metric.Metrics !== undefined && metric.Metrics.length > 0) return { ...common, Metrics: queriesOf(alarm) };
  return {
    MetricName: metric.MetricName,
    Namespace: metric.Namespace,
    ...(metric.Statistic === undefined
      ? { StatisticType: "ExtendedStatistic", ExtendedStatistic: metric.ExtendedStatistic }
      : { StatisticType: "Statistic", Statistic: metric.Statistic.toUpperCase() }),
    Unit: metric.Unit ?? null,
    Dimensions: (metric.Dimensions ?? []).map(({ Name, Value }) => ({ value: Value, name: Name })),
    Period: metric.Period,
    ...common,
  };
}

/** What a function is called with. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html */
export function lambdaMessage(ctx: Context, alarm: Alarm, before: AlarmState, state: AlarmState): object {
  const told = ({ value, reason, reasonData, changedAt }: AlarmState) => ({
    value,
    reason,
    timestamp: dateText(changedAt),
    ...(reasonData !== undefined && { reasonData }),
  });
  return {
    source: "aws.cloudwatch",
    alarmArn: alarm.arn,
    accountId: ctx.account,
    time: dateText(state.changedAt),
    region: ctx.region,
    alarmData: {
      alarmName: alarm.name,
      state: told(state),
      previousState: told(before),
      configuration: configurationOf(alarm),
    },
  };
}
