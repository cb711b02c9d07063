import type { Context, DeliveredEvent } from "../../../kernel/context.ts";
import type { Subscription } from "../../../kernel/service.ts";
import { defaultBus } from "../model.ts";
import { tables } from "../store.ts";
import { route } from "./route.ts";

/** So many events of a region are remembered. */
const mostRecent = 10_000;

/** Takes the events of all services to the default bus of their region, and remembers them for a while. */
export const serviceEvents: Subscription = {
  name: "events-default-bus",
  matches: (event) => event.isInternal !== true,
  handle(ctx, event) {
    ctx.transaction(() => {
      remember(ctx, event);
      route(ctx, defaultBus, event);
    });
    return Promise.resolve();
  },
};

/** Inside a transaction. */
export function remember(ctx: Context, event: DeliveredEvent): void {
  const recent = ctx.table(tables.recent);
  const [last = -1] = recent.keys({ reverse: true });
  recent.put(last + 1, event);
  if (last >= mostRecent) recent.delete(last + 1 - mostRecent);
}
