import type { Context } from "../../kernel/context.ts";
import type { ResourceSignal } from "../../kernel/resource.ts";
import type { Subscription } from "../../kernel/service.ts";
import { tables } from "./store.ts";

/** The signals that have come for a resource since its step began. */
export function signalsFor(ctx: Context, stackId: string, logicalId: string): readonly ResourceSignal[] {
  return [...ctx.table(tables.signals).values({ prefix: [stackId, logicalId] })];
}

/** What a step has kept between its calls. */
export function memoryOf(ctx: Context, stackId: string, logicalId: string, token: string): unknown {
  const kept = ctx.table(tables.memories).get([stackId, logicalId]);
  return kept?.token === token ? kept.memory : undefined;
}

export function remember(ctx: Context, stackId: string, logicalId: string, token: string, memory: unknown): void {
  ctx.transaction(() => ctx.table(tables.memories).put([stackId, logicalId], { token, memory }));
}

/** What was kept for a step and sent to it belongs to no other. Inside a transaction. */
export function forgetStep(ctx: Context, stackId: string, logicalId: string): void {
  ctx.table(tables.memories).delete([stackId, logicalId]);
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
