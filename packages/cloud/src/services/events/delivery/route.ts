import type { Context, DeliveredEvent } from "../../../kernel/context.ts";
import type { Rule } from "../model.ts";
import { tables, targetsOf } from "../store.ts";
import { matchingRules } from "./matching.ts";

function measure(ctx: Context, name: string, rule: string): void {
  ctx.measure({
    namespace: "AWS/Events",
    name,
    unit: "Count",
    series: [{ RuleName: rule }, {}],
    values: [1],
  });
}

/** Sends an event on its way to the targets of all rules of a bus that it matches. Inside a transaction. */
export function route(ctx: Context, bus: string, event: DeliveredEvent): void {
  for (const rule of matchingRules(ctx, bus, event)) {
    measure(ctx, "MatchedEvents", rule.name);
    send(ctx, rule, event);
  }
}

/** Sends an event on its way to all targets of a rule. Inside a transaction. */
export function send(ctx: Context, rule: Rule, event: DeliveredEvent): void {
  const { bus, name } = rule;
  const rows = ctx.table(tables.deliveries);
  measure(ctx, "TriggeredRules", name);
  for (const { Id } of targetsOf(ctx, rule)) {
    const prefix = [bus, name, Id];
    const [last] = rows.keys({ prefix, reverse: true });
    const order = last === undefined ? 0 : last[3] + 1;
    rows.put([bus, name, Id, order], { event, rule: rule.arn, since: ctx.now, dueAt: ctx.now, failures: 0 });
  }
}
