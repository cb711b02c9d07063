import type { Controller } from "../../kernel/service.ts";
import { limits } from "./limits.ts";
import type { Subscription } from "./model.ts";
import { removeSubscription, tables } from "./store.ts";

/** Takes subscriptions away that nobody has confirmed in time. */
export const expiry: Controller<Subscription> = {
  name: "unconfirmed-subscriptions",
  watches: [tables.subscriptions],
  keyOf: ({ key, value }) => (value === undefined || value.isConfirmed ? undefined : JSON.stringify(key)),
  reconcile(ctx, key) {
    const found = ctx.table(tables.subscriptions).get(JSON.parse(key) as [string, string]);
    if (found === undefined || found.isConfirmed) return Promise.resolve();
    const wakeAt = found.createdAt + limits.confirmationMs;
    if (ctx.now < wakeAt) return Promise.resolve({ wakeAt });
    ctx.transaction(() => removeSubscription(ctx, found));
    return Promise.resolve();
  },
};
