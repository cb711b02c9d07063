import type { AccountId, Clock, Log, Millis, Region, Timer } from "@trysail/core";
import type { Meter } from "../control/meter.ts";
import type { Outbox } from "../control/outbox.ts";
import type { Key, RowScope, Store, Table, TableDef } from "../store/table.ts";
import type { CertificatePair, CloudEvent, Context, DeliveredEvent, Principal } from "./context.ts";
import type { Host } from "./host.ts";
import type { Ids } from "./ids.ts";
import type { Measurement } from "./measurement.ts";
import type { InProcess } from "./in-process.ts";
import type { ResourceType } from "./resource.ts";
import type { Service } from "./service.ts";

/** Who calls from where: what the gateway found in a request, or a controller in a row. */
export interface CallScope {
  readonly account: AccountId;
  readonly region: Region;
  readonly principal: Principal;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

/** What all contexts share. */
export interface ContextParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly host: Host;
  readonly outbox: Outbox;
  readonly meter: Meter;
  readonly resourceTypes: ReadonlyMap<string, ResourceType>;
  readonly services: readonly Service[];
  readonly inProcess: (scope: CallScope) => InProcess;
}

/** A service's context. A class, since each request makes several: what it can do is not made anew for each. */
export class CallContext implements Context {
  readonly now: Millis;
  readonly #parts: ContextParts;
  readonly #service: Service;
  readonly #scope: CallScope;
  #calls: InProcess | undefined;

  constructor(parts: ContextParts, service: Service, scope: CallScope) {
    this.#parts = parts;
    this.#service = service;
    this.#scope = scope;
    this.now = parts.clock.now();
  }

  get account() {
    return this.#scope.account;
  }

  get region() {
    return this.#scope.region;
  }

  get principal() {
    return this.#scope.principal;
  }

  get requestId() {
    return this.#scope.requestId;
  }

  get signal() {
    return this.#scope.signal;
  }

  get ids() {
    return this.#parts.ids;
  }

  get log() {
    return this.#parts.log;
  }

  get host() {
    return this.#parts.host;
  }

  get resourceTypes() {
    return this.#parts.resourceTypes;
  }

  get call() {
    return (this.#calls ??= this.#parts.inProcess(this.#scope));
  }

  certificate(arn: string): CertificatePair | undefined {
    for (const service of this.#parts.services) {
      const found = service.certificate?.(new CallContext(this.#parts, service, this.#scope), arn);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  as(other: Parameters<Context["as"]>[0]): Context {
    return new CallContext(this.#parts, this.#service, { ...this.#scope, ...other });
  }

  table<K extends Key, V>(def: TableDef<K, V>): Table<K, V> {
    return this.#parts.store.table(this.#service.id, def, rowScope(this.#service, def, this.#scope));
  }

  transaction<T>(work: () => T): T {
    return this.#parts.store.transaction(work);
  }

  until<T>(ask: () => T | undefined, deadline: Millis): Promise<T | undefined> {
    const { clock, store } = this.#parts;
    const { signal } = this.#scope;
    return new Promise((resolve, reject) => {
      const giveUp = () => settle(() => resolve(undefined));
      const timer = clock.setTimer(deadline, giveUp);
      const unsubscribe = store.onChange(() => look());
      signal.addEventListener("abort", giveUp);
      const settle = (how: () => void) => {
        timer.cancel();
        unsubscribe();
        signal.removeEventListener("abort", giveUp);
        how();
      };
      const look = () => {
        try {
          const answer = ask();
          if (answer !== undefined) settle(() => resolve(answer));
        } catch (error) {
          settle(() => reject(error));
        }
      };
      look();
    });
  }

  timer(at: Millis, run: () => void): Timer {
    return this.#parts.clock.setTimer(at, run);
  }

  emit(event: CloudEvent): void {
    const { store, ids, outbox } = this.#parts;
    const { account, region } = this.#scope;
    const { source, detailType, resources, isInternal } = event;
    const delivered: DeliveredEvent = {
      source,
      detailType,
      ...(resources !== undefined && { resources }),
      ...(isInternal === true && { isInternal }),
      id: ids.uuid(),
      time: this.now,
      account,
      region,
      // Who emits may make it when it is asked for: most events are wanted by nobody.
      get detail() {
        return event.detail;
      },
    };
    store.transaction(() => outbox.put(delivered, (service) => new CallContext(this.#parts, service, this.#scope)));
  }

  measure(measurement: Measurement): void {
    this.#parts.meter.add(this.#scope, { ...measurement, at: measurement.at ?? this.now });
  }
}

/** Where a table's rows lie for a caller. */
function rowScope<K extends Key, V>(service: Service, def: TableDef<K, V>, { account, region }: CallScope): RowScope {
  if (def.scope === "partition") return { account: "", region: "" };
  if (def.scope === "global" || service.scope === "global") return { account, region: "" };
  return { account, region };
}
