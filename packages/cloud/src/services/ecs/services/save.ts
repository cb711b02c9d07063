import type { Context } from "../../../kernel/context.ts";
import { serviceArn } from "../arns.ts";
import { tables } from "../store.ts";
import { emitServiceAction, writeEvent } from "./events.ts";
import { deploymentId, serviceDeploymentId, serviceRevisionId } from "./ids.ts";
import type { Deployment, RevisionConfig, Service, ServiceDeployment } from "./model.ts";
import type { Turn } from "./rollout.ts";

export function saveService(ctx: Context, service: Service): void {
  ctx.table(tables.services).put([service.cluster, service.name], service);
}

/** Writes the lines that a turn has given to the service's events. @returns the service */
export function tell(ctx: Context, { service, events }: Turn): Service {
  return events.reduce((told, text) => writeEvent(ctx, told, text), service);
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html */
export function emitDeploymentChange(
  ctx: Context,
  service: Service,
  deployment: string,
  eventName: "SERVICE_DEPLOYMENT_IN_PROGRESS" | "SERVICE_DEPLOYMENT_COMPLETED" | "SERVICE_DEPLOYMENT_FAILED",
  reason: string,
): void {
  ctx.emit({
    source: "aws.ecs",
    detailType: "ECS Deployment State Change",
    resources: [serviceArn(ctx, service.cluster, service.name)],
    detail: {
      eventType: eventName === "SERVICE_DEPLOYMENT_FAILED" ? "ERROR" : "INFO",
      eventName,
      deploymentId: deployment,
      updatedAt: new Date(ctx.now).toISOString(),
      reason,
    },
  });
}

/** Changes what is told of a service deployment. */
export function changeServiceDeployment(
  ctx: Context,
  { cluster, name }: Service,
  id: string,
  change: Partial<ServiceDeployment>,
): void {
  const rows = ctx.table(tables.serviceDeployments);
  const before = rows.get([cluster, name, id]);
  if (before !== undefined) rows.put([cluster, name, id], { ...before, ...change, updatedAt: ctx.now });
}

/**
 * Begins a deployment: it becomes the primary one. One that was on its way is given up for it. Only inside a transaction.
 */
export function beginDeployment(ctx: Context, service: Service, config: RevisionConfig): Service {
  const { cluster, name } = service;
  const id = deploymentId(ctx.ids);
  const revision = serviceRevisionId(ctx.ids);
  const serviceDeployment = serviceDeploymentId(ctx.ids);
  const deployment: Deployment = {
    id,
    config,
    serviceDeployment,
    serviceRevision: revision,
    createdAt: ctx.now,
    updatedAt: ctx.now,
    rollout: "IN_PROGRESS",
    reason: `ECS deployment ${id} in progress.`,
    failedTasks: 0,
    lastFailureAt: 0,
    nextStartAt: 0,
  };
  const [previous] = service.deployments;
  if (previous?.rollout === "IN_PROGRESS")
    changeServiceDeployment(ctx, service, previous.serviceDeployment, {
      status: "STOPPED",
      reason: "The service deployment was replaced by a newer one.",
      stoppedAt: ctx.now,
      finishedAt: ctx.now,
    });
  ctx.table(tables.serviceRevisions).put([cluster, name, revision], { id: revision, createdAt: ctx.now, config });
  ctx.table(tables.serviceDeployments).put([cluster, name, serviceDeployment], {
    id: serviceDeployment,
    target: revision,
    sources: previous === undefined ? [] : [previous.serviceRevision],
    createdAt: ctx.now,
    startedAt: ctx.now,
    updatedAt: ctx.now,
    finishedAt: undefined,
    stoppedAt: undefined,
    status: "IN_PROGRESS",
    reason: undefined,
    configuration: service.configuration,
    rollback: undefined,
    failureCount: 0,
  });
  for (const { targetGroupArn = "" } of config.loadBalancers)
    ctx.table(tables.targetGroups).put([targetGroupArn, cluster, name], null);
  const begun: Service = { ...service, deployments: [deployment, ...service.deployments], steady: false };
  emitDeploymentChange(ctx, begun, id, "SERVICE_DEPLOYMENT_IN_PROGRESS", deployment.reason);
  return begun;
}

/** Takes a failed or stopped deployment down, and tells of it. Only inside a transaction. */
export function endDeployment(ctx: Context, before: Service, turn: Turn, why: string): Service {
  const [failed] = before.deployments;
  const service = tell(ctx, turn);
  if (failed === undefined) return service;
  const [primary] = service.deployments;
  const rollsBack = primary !== undefined && primary.id !== failed.id;
  changeServiceDeployment(ctx, service, failed.serviceDeployment, {
    reason: why,
    failureCount: failed.failedTasks,
    ...(rollsBack
      ? {
          status: "ROLLBACK_IN_PROGRESS" as const,
          rollback: { reason: why, startedAt: ctx.now, serviceRevision: primary.serviceRevision },
        }
      : {
          status: failed.id === before.lastCompleted?.id ? ("ROLLBACK_FAILED" as const) : ("STOPPED" as const),
          stoppedAt: ctx.now,
          finishedAt: ctx.now,
        }),
  });
  emitDeploymentChange(ctx, service, failed.id, "SERVICE_DEPLOYMENT_FAILED", why);
  return service;
}

/** Tells that the service is as it should be. Only inside a transaction. */
export function settle(ctx: Context, before: Service, turn: Turn): Service {
  const service = tell(ctx, turn);
  const [primary] = service.deployments;
  if (before.deployments[0]?.rollout === "IN_PROGRESS" && primary !== undefined) {
    const row = ctx.table(tables.serviceDeployments).get([service.cluster, service.name, primary.serviceDeployment]);
    changeServiceDeployment(ctx, service, primary.serviceDeployment, {
      status: row?.status === "ROLLBACK_IN_PROGRESS" ? "ROLLBACK_SUCCESSFUL" : "SUCCESSFUL",
      finishedAt: ctx.now,
    });
    emitDeploymentChange(ctx, service, primary.id, "SERVICE_DEPLOYMENT_COMPLETED", primary.reason);
  }
  if (!before.steady) emitServiceAction(ctx, service, "INFO", "SERVICE_STEADY_STATE");
  return service;
}
