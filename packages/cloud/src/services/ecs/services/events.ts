import type { Context } from "../../../kernel/context.ts";
import { clusterArn, serviceArn } from "../arns.ts";
import { tables } from "../store.ts";
import type { Task } from "../tasks/model.ts";
import { eventsKept } from "./model.ts";
import type { Service } from "./model.ts";

/** A line of a service's events, as AWS begins it. The oldest beyond {@link eventsKept} leave. Only inside a transaction. */
export function writeEvent(ctx: Context, service: Service, text: string): Service {
  const rows = ctx.table(tables.serviceEvents);
  const { cluster, name, events: number } = service;
  rows.put([cluster, name, number], {
    id: ctx.ids.uuid(),
    createdAt: ctx.now,
    message: `(service ${name}) ${text}`,
  });
  if (number >= eventsKept) rows.delete([cluster, name, number - eventsKept]);
  return { ...service, events: number + 1 };
}

/** The same for the service of a task. */
export function addServiceEvent(ctx: Context, { cluster, service: own }: Task, text: string): void {
  const service = own === undefined ? undefined : ctx.table(tables.services).get([cluster, own.name]);
  if (service !== undefined) ctx.table(tables.services).put([cluster, service.name], writeEvent(ctx, service, text));
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html */
export function emitServiceAction(
  ctx: Context,
  service: Service,
  eventType: "INFO" | "WARN" | "ERROR",
  eventName: string,
  more: Readonly<Record<string, unknown>> = {},
): void {
  ctx.emit({
    source: "aws.ecs",
    detailType: "ECS Service Action",
    resources: [serviceArn(ctx, service.cluster, service.name)],
    detail: {
      eventType,
      eventName,
      clusterArn: clusterArn(ctx, service.cluster),
      createdAt: new Date(ctx.now).toISOString(),
      ...more,
    },
  });
}
