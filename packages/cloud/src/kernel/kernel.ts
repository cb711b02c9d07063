import type { Clock, Log } from "@trysail/core";
import type { Store } from "../store/table.ts";
import { CallContext } from "./call-context.ts";
import type { CallScope, ContextParts } from "./call-context.ts";
import type { Context } from "./context.ts";
import { AwsError, commonErrors } from "./errors.ts";
import type { Host } from "./host.ts";
import type { Ids } from "./ids.ts";
import type { InProcess } from "./in-process.ts";
import type { Meter } from "../control/meter.ts";
import type { Outbox } from "../control/outbox.ts";
import type { Service } from "./service.ts";

export interface KernelParts {
  readonly services: readonly Service[];
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly host: Host;
  readonly outbox: Outbox;
  readonly meter: Meter;
}

/** Calls operations: the same way for a request from outside and for one service calling another. */
export interface Kernel {
  /** @throws AwsError `NotImplemented` if the service is not ours or lacks the operation (named as in `Handlers`) */
  invoke(service: string, operation: string, scope: CallScope, input: object): Promise<object>;
  /** What a route, a controller or a subscription of that service gets. */
  context(service: Service, scope: CallScope): Context;
}

type AnyHandler = (ctx: Context, input: object) => object | Promise<object>;

const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new () => object;

const isAsync = (handler: AnyHandler): boolean => handler instanceof AsyncFunction;

export function createKernel(parts: KernelParts): Kernel {
  const { store, clock, ids, log, host, outbox, meter } = parts;
  const services = new Map(parts.services.map((service) => [service.id, service]));

  const resourceTypes = new Map(parts.services.flatMap((service) => Object.entries(service.resources ?? {})));

  const inProcess = (scope: CallScope): InProcess =>
    new Proxy({} as InProcess, {
      get: (_, service) =>
        new Proxy(
          {},
          { get: (__, operation) => (input: object) => invoke(String(service), String(operation), scope, input) },
        ),
    });

  const contextParts: ContextParts = {
    store,
    clock,
    ids,
    log,
    host,
    outbox,
    meter,
    resourceTypes,
    services: parts.services,
    inProcess,
  };
  const context = (service: Service, scope: CallScope): Context => new CallContext(contextParts, service, scope);

  async function invoke(serviceId: string, operation: string, scope: CallScope, input: object): Promise<object> {
    const service = services.get(serviceId);
    const handlers = service?.operations as Readonly<Record<string, AnyHandler | undefined>> | undefined;
    const handler = handlers !== undefined && Object.hasOwn(handlers, operation) ? handlers[operation] : undefined;
    if (service === undefined || handler === undefined) {
      throw commonErrors.NotImplemented(
        `Trysail does not implement ${serviceId}:${operation[0]?.toUpperCase()}${operation.slice(1)}.`,
      );
    }
    const ctx = context(service, scope);
    // An async handler cannot be one transaction: it may wait. It writes inside `ctx.transaction`.
    if (isAsync(handler)) return handler(ctx, input);
    return store.transaction(() => {
      const output = handler(ctx, input);
      if (output instanceof Promise)
        throw new Error(`${serviceId}:${operation} returns a promise and is not declared async`);
      return output;
    });
  }

  return { invoke, context };
}

/** What a client is told of something that was thrown: AWS's errors as they are, anything else as our own fault. */
export function toAwsError(thrown: unknown): AwsError {
  if (thrown instanceof AwsError) return thrown;
  return commonErrors.InternalFailure(
    "The request processing has failed because of an unknown error, exception or failure.",
  );
}
