import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { isDeepStrictEqual } from "node:util";
import type { Context } from "../kernel/context.ts";
import type { WantedAlarm } from "./tracking-alarms.ts";

/** Makes the alarms whose names begin so be these: missing ones are made, others deleted. Doing it twice changes nothing. */
export async function keepAlarms(ctx: Context, namePrefix: string, wanted: readonly WantedAlarm[]): Promise<void> {
  const there = new Map(
    (await alarmsNamed(ctx, { AlarmNamePrefix: namePrefix })).map((alarm) => [alarm.AlarmName, alarm]),
  );
  for (const alarm of wanted) {
    const known = there.get(alarm.AlarmName);
    there.delete(alarm.AlarmName);
    if (known === undefined || !isSame(known, alarm)) await ctx.call.monitoring.putMetricAlarm(alarm);
  }
  const left = [...there.keys()].flatMap((name) => (name === undefined ? [] : [name]));
  if (left.length > 0) await ctx.call.monitoring.deleteAlarms({ AlarmNames: left });
}

function isSame(known: MetricAlarm, wanted: WantedAlarm): boolean {
  const fields = [
    "ActionsEnabled",
    "AlarmActions",
    "Dimensions",
    "EvaluationPeriods",
    "MetricName",
    "Namespace",
    "Period",
    "Statistic",
    "Threshold",
  ] as const;
  const given = (value: unknown) => (Array.isArray(value) && value.length === 0 ? undefined : value);
  return (
    fields.every((field) => isDeepStrictEqual(given(known[field]), given(wanted[field]))) &&
    isDeepStrictEqual(expressionsOf(known), expressionsOf(wanted))
  );
}

const expressionsOf = ({ Metrics = [] }: Pick<MetricAlarm, "Metrics">) =>
  Metrics.map(({ Id, Expression, MetricStat }) => [Id, Expression, JSON.stringify(MetricStat)]);

/** All alarms on metrics that a filter finds. */
export async function alarmsNamed(
  ctx: Context,
  filter: { readonly AlarmNamePrefix?: string; readonly AlarmNames?: string[]; readonly ActionPrefix?: string },
): Promise<readonly MetricAlarm[]> {
  const found: MetricAlarm[] = [];
  let NextToken: string | undefined;
  do {
    const page = await ctx.call.monitoring.describeAlarms({ ...filter, MaxRecords: 100, NextToken });
    found.push(...(page.MetricAlarms ?? []));
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  return found;
}
