import type { AccountId, Clock, Log, Millis, Region } from "@trysail/core";
import type { Context } from "../kernel/context.ts";
import type { Host } from "../kernel/host.ts";
import type { Ids } from "../kernel/ids.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { ownScope } from "../kernel/own-scope.ts";
import type { Controller, Service } from "../kernel/service.ts";
import type { Change, RowScope, Store } from "../store/table.ts";
import { createWorkQueue } from "./controllers.ts";
import type { WorkQueue } from "./controllers.ts";
import { outboxService, pendingEvents } from "./outbox.ts";
import type { Outbox } from "./outbox.ts";

/** An event that its subscriber has failed to handle so often is dropped, loudly, so that those behind it get on. */
const attemptsPerEvent = 10;

export interface ControlLoops {
  /** Queues what every watched row asks for, and from then on what every change asks for. */
  start(): void;
  stop(): Promise<void>;
  readonly queue: Pick<WorkQueue, "idle" | "failing">;
}

/** Runs the controllers and subscriptions of all services. */
export function createControlLoops(parts: {
  readonly services: readonly Service[];
  readonly kernel: Kernel;
  readonly store: Store;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly host: Host;
  /** Where a global service's controllers run. */
  readonly home: { readonly account: AccountId; readonly region: Region };
}): ControlLoops {
  const { services, kernel, store, outbox, clock, ids, log, host, home } = parts;
  const abort = new AbortController();
  const runners = new Map<string, (scope: RowScope, key: string) => Promise<Millis | undefined>>();
  const watchers = new Map<string, { readonly name: string; readonly controller: Controller }[]>();

  const contextOf = (service: Service, { account, region }: RowScope): Context => {
    const scope = { account: account || home.account, region: region || home.region };
    return kernel.context(service, ownScope(service, scope, ids, abort.signal));
  };

  for (const service of services) {
    for (const controller of service.controllers ?? []) {
      const name = `${service.id}/${controller.name}`;
      runners.set(name, async (scope, key) => (await controller.reconcile(contextOf(service, scope), key))?.wakeAt);
      for (const { name: tableName } of controller.watches) {
        const watched = `${service.id}/${tableName}`;
        watchers.set(watched, [...(watchers.get(watched) ?? []), { name, controller }]);
      }
    }
    for (const subscription of service.subscriptions ?? []) {
      const failures = new Map<string, number>();
      runners.set(`event/${subscription.name}`, async () => {
        for (const [key, event] of outbox.rows.entries({ prefix: [subscription.name] })) {
          try {
            await subscription.handle(contextOf(service, event), event);
          } catch (error) {
            const attempts = (failures.get(event.id) ?? 0) + 1;
            failures.set(event.id, attempts);
            if (attempts < attemptsPerEvent) throw error;
            log.error("an event was dropped: its subscriber keeps failing", {
              subscription: subscription.name,
              event: event.id,
              detailType: event.detailType,
            });
          }
          failures.delete(event.id);
          store.transaction(() => outbox.rows.delete(key));
        }
        return undefined;
      });
    }
  }

  const queue = createWorkQueue({
    clock,
    log,
    reconcile: async ({ controller, scope, key }) => runners.get(controller)?.(scope, key),
  });

  const listenAll = () =>
    services.flatMap((service) =>
      (service.controllers ?? []).flatMap((controller) => {
        const off = controller.listens?.(host, (scope, key) =>
          queue.add({ controller: `${service.id}/${controller.name}`, scope, key }),
        );
        return off === undefined ? [] : [off];
      }),
    );

  const consider = (change: Change) => {
    if (change.service === outboxService) {
      const [subscription] = change.key as [string, number];
      if (change.value !== undefined)
        queue.add({ controller: `event/${subscription}`, scope: { account: "", region: "" }, key: "" });
      return;
    }
    for (const { name, controller } of watchers.get(`${change.service}/${change.table}`) ?? []) {
      const key = controller.keyOf(change);
      if (key !== undefined) queue.add({ controller: name, scope: change.scope, key });
    }
  };

  let unsubscribe: readonly (() => void)[] = [];
  return {
    queue,
    start() {
      unsubscribe = [store.onChange((changes) => changes.forEach(consider)), ...listenAll()];
      for (const watched of [...watchers.keys(), `${outboxService}/${pendingEvents.name}`]) {
        const [service = "", table = ""] = watched.split("/");
        for (const row of store.scan(service, table)) consider(row);
      }
    },
    async stop() {
      for (const off of unsubscribe) off();
      abort.abort();
      await queue.stop();
    },
  };
}
