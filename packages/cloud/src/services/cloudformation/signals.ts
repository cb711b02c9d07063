import type { Context } from "../../kernel/context.ts";
import type { ResourceSignal } from "../../kernel/resource.ts";
import type { Subscription } from "../../kernel/service.ts";
import { tables } from "./store.ts";

/** The signals that have come for a resource since its step began. */
export function signalsFor(ctx: Context, stackId: string, logicalId: string): readonly ResourceSignal[] {
  return [...ctx.table(tables.signals).values({ prefix: [stackId, logicalId] })];
}

/** Inside a transaction. */
export function forgetSignals(ctx: Context, stackId: string, logicalId: string): void {
  const rows = ctx.table(tables.signals);
  for (const key of Array.from(rows.keys({ prefix: [stackId, logicalId] }))) rows.delete(key);
}

/** Has the steps of a stack that wait looked at again. Inside a transaction. */
export function wake(ctx: Context, stackId: string): void {
  const operations = ctx.table(tables.operations);
  const operation = operations.get(stackId);
  // Writing the row, though it stays the same, is what its controller is called for.
  if (operation !== undefined) operations.put(stackId, operation);
}

/** What other services tell may be what a resource waits for. */
export const happenings: Subscription = {
  name: "cloudformation-happenings",
  matches: (event, ctx) =>
    !ctx.table(tables.operations).keys().next().done &&
    [...ctx.resourceTypes.values()].some((type) => type.wokenBy?.(event) === true),
  async handle(ctx) {
    ctx.transaction(() => {
      const waiting = [...ctx.table(tables.operations).values()].filter(({ idle }) => idle);
      for (const { stackId } of waiting) wake(ctx, stackId);
    });
  },
};
