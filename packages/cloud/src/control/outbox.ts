import type { Clock } from "@trysail/core";
import type { Context, DeliveredEvent } from "../kernel/context.ts";
import type { Service } from "../kernel/service.ts";
import { table } from "../store/table.ts";
import type { Store, Table } from "../store/table.ts";

/** Events that were emitted and not yet handled: `[subscription, order of emission]`. */
export const pendingEvents = table<[subscription: string, order: number], DeliveredEvent>(
  "pending-events",
  "partition",
);

/** The service under whose name the outbox keeps its table. */
export const outboxService = "outbox";

export interface Outbox {
  /**
   * Keeps an event for each subscription that wants it, in the transaction that it is called in.
   *
   * @param contextOf - makes a subscribing service's context in the event's account and region
   */
  put(event: DeliveredEvent, contextOf: (service: Service) => Context): void;
  readonly rows: Table<[string, number], DeliveredEvent>;
}

/**
 * Events are written with the state that they tell of, so that none is lost between the two. Each subscription has a
 * queue of its own; an event that nobody wants costs nothing.
 */
export function createOutbox(store: Store, services: readonly Service[], clock: Clock): Outbox {
  const rows = store.table(outboxService, pendingEvents, { account: "", region: "" });
  const subscriptions = services.flatMap((service) =>
    (service.subscriptions ?? []).map((subscription) => ({ service, subscription })),
  );
  let order = clock.now();
  for (const [, last] of rows.keys()) order = Math.max(order, last + 1);
  return {
    rows,
    put(event, contextOf) {
      for (const { service, subscription } of subscriptions) {
        if (subscription.matches(event, contextOf(service))) rows.put([subscription.name, order++], event);
      }
    },
  };
}
