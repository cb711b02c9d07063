import type { Context } from "../../../kernel/context.ts";
import { tables } from "../store.ts";
import type { HistoryRow } from "../store.ts";
import type { Alarm } from "./model.ts";

/** How long history is kept. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html */
const keptMs = 30 * 24 * 3_600_000;

export const alarmTypeOf = ({ kind }: Pick<Alarm, "kind">) => (kind === "metric" ? "MetricAlarm" : "CompositeAlarm");

/** Writes down what has happened to an alarm, and forgets what is too old. Inside a transaction. */
export function note(
  ctx: Context,
  alarm: Pick<Alarm, "name" | "kind">,
  item: Pick<HistoryRow, "type" | "summary"> & { readonly data: object },
): void {
  const rows = ctx.table(tables.alarmHistory);
  const [last] = rows.keys({ prefix: [alarm.name], reverse: true });
  rows.put([alarm.name, last === undefined ? 0 : last[1] + 1], {
    at: ctx.now,
    alarm: alarm.name,
    alarmType: alarmTypeOf(alarm),
    type: item.type,
    summary: item.summary,
    data: JSON.stringify({ version: "1.0", ...item.data }),
  });
  for (const [key, { at }] of rows.entries({ prefix: [alarm.name] })) {
    if (at >= ctx.now - keptMs) return;
    rows.delete(key);
  }
}
