import { messageOf } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import type { Controller } from "../../../kernel/service.ts";
import { nextAttempt } from "../model.ts";
import type { Delivery } from "../model.ts";
import { tables } from "../store.ts";
import { invokeTarget } from "../targets/invoke.ts";
import { inputFor } from "./input.ts";

/** Deliveries to one target that are under way at once, and looked at in one turn. */
const atOnce = 10;

type Key = [bus: string, rule: string, target: string, order: number];

/**
 * Delivers events to each target, several at once, and tries again what fails. A target that is slow holds up nothing but
 * what is for it.
 */
export const delivering: Controller<Delivery> = {
  name: "deliveries",
  watches: [tables.deliveries],
  keyOf: ({ key, value }) => (value === undefined ? undefined : JSON.stringify((key as Key).slice(0, 3))),
  async reconcile(ctx, key) {
    const prefix = JSON.parse(key) as [string, string, string];
    while (!ctx.signal.aborted) {
      const current = ctx.as({});
      const due: [Key, Delivery][] = [];
      let next = Infinity;
      for (const [row, delivery] of ctx.table(tables.deliveries).entries({ prefix })) {
        if (delivery.dueAt > current.now) next = Math.min(next, delivery.dueAt);
        else due.push([row, delivery]);
        if (due.length === atOnce) break;
      }
      if (due.length === 0) return Number.isFinite(next) ? { wakeAt: next } : undefined;
      await Promise.all(due.map(([row, delivery]) => deliver(current, row, delivery)));
    }
    return undefined;
  },
};

async function deliver(ctx: Context, row: Key, delivery: Delivery): Promise<void> {
  const [bus, rule, id] = row;
  const rows = ctx.table(tables.deliveries);
  const target = ctx.table(tables.targets).get([bus, rule, id]);
  if (target === undefined) {
    ctx.transaction(() => rows.delete(row));
    return;
  }
  const { event, rule: ruleArn, since } = delivery;
  const measure = (name: string) =>
    ctx.measure({ namespace: "AWS/Events", name, unit: "Count", series: [{ RuleName: rule }, {}], values: [1] });
  try {
    measure("Invocations");
    await invokeTarget(ctx, target, event, inputFor(target, event, { ruleArn, ruleName: rule, since }));
    ctx.transaction(() => rows.delete(row));
  } catch (error) {
    const failures = delivery.failures + 1;
    const dueAt = nextAttempt(target, delivery, failures, ctx.now);
    if (dueAt === undefined) {
      measure("FailedInvocations");
      ctx.log.error("an event was not delivered", {
        rule,
        target: target.Arn,
        event: event.id,
        error: messageOf(error),
      });
    }
    ctx.transaction(() => {
      if (dueAt === undefined) rows.delete(row);
      else rows.put(row, { ...delivery, failures, dueAt });
    });
  }
}
