import type { Context } from "../../../kernel/context.ts";
import type { Host } from "../../../kernel/host.ts";
import type { Controller } from "../../../kernel/service.ts";
import type { RowScope } from "../../../store/table.ts";
import { metricsOf } from "../query/evaluate.ts";
import { readQueries } from "../query/read-query.ts";
import type { Query } from "../query/read-query.ts";
import { onData } from "../series/head.ts";
import { metricKey } from "../series/metric-key.ts";
import { tables } from "../store.ts";
import { changeState, stateOf } from "./change-state.ts";
import { evaluateAlarm } from "./evaluate.ts";
import { periodOf, queriesOf } from "./model.ts";
import type { Alarm, MetricAlarmRow } from "./model.ts";
import { childrenOf, isMet, parseRule } from "./rule.ts";

/** Which alarms read which metrics, in one account and region: data for others costs nothing. */
type Readers = Map<string, Set<string>>;

const readersOfHost = new WeakMap<Host, Map<string, Readers>>();

const scopeName = ({ account, region }: RowScope) => `${account}/${region}`;

function readersIn(host: Host, scope: RowScope): Readers {
  let all = readersOfHost.get(host);
  if (all === undefined) readersOfHost.set(host, (all = new Map()));
  let own = all.get(scopeName(scope));
  if (own === undefined) all.set(scopeName(scope), (own = new Map()));
  return own;
}

/** Notes what an alarm reads, in place of what it read before. */
function noteReader(ctx: Context, name: string, queries: readonly Query[]): void {
  const readers = readersIn(ctx.host, ctx);
  for (const [metric, alarms] of readers) if (alarms.delete(name) && alarms.size === 0) readers.delete(metric);
  for (const { namespace, name: metricName, dimensions } of metricsOf(queries)) {
    const key = metricKey(namespace, metricName, dimensions);
    const alarms = readers.get(key) ?? new Set();
    readers.set(key, alarms.add(name));
  }
}

/** Evaluates each alarm on metrics when data has come in for it, and when a period of it is over. */
export const metricAlarms: Controller<Alarm> = {
  name: "metric-alarms",
  watches: [tables.alarms],
  keyOf: ({ key, value }) => (value?.kind === "composite" ? undefined : String(key)),
  listens: (host, queue) =>
    onData(host, (scope, metrics) => {
      const readers = readersOfHost.get(host)?.get(scopeName(scope));
      if (readers === undefined || readers.size === 0) return;
      for (const metric of metrics) for (const alarm of readers.get(metric) ?? []) queue(scope, alarm);
    }),
  async reconcile(ctx, name) {
    const alarm = ctx.table(tables.alarms).get(name);
    if (alarm?.kind !== "metric") {
      noteReader(ctx, name, []);
      return undefined;
    }
    const queries = readQueries(queriesOf(alarm), ctx.account, "Metrics");
    noteReader(ctx, name, queries);
    const wakeAt = ctx.transaction(() => evaluate(ctx, alarm, queries));
    return wakeAt === undefined ? undefined : { wakeAt };
  },
};

function evaluate(ctx: Context, alarm: MetricAlarmRow, queries: readonly Query[]): number | undefined {
  const before = stateOf(ctx, alarm.name);
  const { state, wakeAt } = evaluateAlarm(ctx, alarm, queries, periodOf(queries), before.value);
  if (state !== undefined) changeState(ctx, alarm, state);
  return wakeAt;
}

/** Evaluates the composite alarms when any alarm has changed. */
export const compositeAlarms: Controller = {
  name: "composite-alarms",
  watches: [tables.alarms, tables.alarmStates],
  keyOf: ({ table, value }) =>
    table === tables.alarms.name && (value as Alarm | undefined)?.kind === "metric" ? undefined : "all",
  async reconcile(ctx) {
    // One that changes another queues this anew.
    ctx.transaction(() => {
      for (const alarm of ctx.table(tables.alarms).values()) {
        if (alarm.kind !== "composite") continue;
        const rule = parseRule(alarm.rule);
        const valueOf = (nameOrArn: string) => {
          const name = nameOf(nameOrArn);
          return ctx.table(tables.alarms).has(name) ? stateOf(ctx, name).value : undefined;
        };
        const value = isMet(rule, valueOf) ? "ALARM" : "OK";
        if (stateOf(ctx, alarm.name).value === value) continue;
        const triggering = childrenOf(rule).map((child) => `${nameOf(child)} is ${valueOf(child) ?? "missing"}`);
        changeState(ctx, alarm, {
          value,
          reason: `${alarm.arn} transitioned to ${value} at ${new Date(ctx.now).toUTCString()}: ${triggering.join(", ")}`,
          reasonData: undefined,
        });
      }
    });
  },
};

/** An alarm's name, where its ARN may be given in its place. */
export function nameOf(nameOrArn: string): string {
  return /^arn:[^:]+:cloudwatch:[^:]*:[^:]*:alarm:(.+)$/.exec(nameOrArn)?.[1] ?? nameOrArn;
}
