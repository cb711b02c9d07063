import type { Context } from "../../../kernel/context.ts";
import { pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { clusterArn, resourceOf, serviceArn, serviceDeploymentArn, serviceRevisionArn } from "../arns.ts";
import { errors, invalidToken } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { describeServiceDeployment, describeServiceRevision } from "../services/describe.ts";
import type { Service, ServiceDeployment } from "../services/model.ts";
import { canRollBack, fail } from "../services/rollout.ts";
import { endDeployment, saveService } from "../services/save.ts";
import { findCluster, findService, tables } from "../store.ts";

interface Named {
  readonly service: Service;
  readonly id: string;
}

/** The service and the id in an ARN of that kind. */
function parse(ctx: Context, arn: string, kind: "service-deployment" | "service-revision"): Named | undefined {
  const [found, cluster = "", name = "", id = ""] = resourceOf(arn)?.split("/") ?? [];
  const service = found === kind ? ctx.table(tables.services).get([cluster, name]) : undefined;
  return service === undefined ? undefined : { service, id };
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceDeployments.html */
export const describeServiceDeployments: Handler<Sdk, "describeServiceDeployments"> = (ctx, input) => {
  if (input.serviceDeploymentArns.length > 20)
    throw errors.InvalidParameterException("serviceDeploymentArns cannot have more than 20 elements.");
  const failures: { arn: string; reason: string }[] = [];
  const found = input.serviceDeploymentArns.flatMap((arn) => {
    const named = parse(ctx, arn, "service-deployment");
    const row =
      named && ctx.table(tables.serviceDeployments).get([named.service.cluster, named.service.name, named.id]);
    if (named !== undefined && row !== undefined) return [describeServiceDeployment(ctx, named.service, row)];
    failures.push({ arn, reason: "MISSING" });
    return [];
  });
  return { serviceDeployments: found, failures };
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServiceDeployments.html */
export const listServiceDeployments: Handler<Sdk, "listServiceDeployments"> = (ctx, input) => {
  const cluster = findCluster(ctx, input.cluster ?? resourceOf(input.service)?.split("/")[1]);
  const service = findService(ctx, cluster.name, input.service);
  if (service === undefined) throw errors.ServiceNotFoundException("Service not found.");
  const { before, after } = input.createdAt ?? {};
  const rows = [...ctx.table(tables.serviceDeployments).entries({ prefix: [cluster.name, service.name] })]
    .filter(
      ([, { status, createdAt }]) =>
        (input.status === undefined || input.status.length === 0 || input.status.includes(status)) &&
        (before === undefined || createdAt < before.getTime()) &&
        (after === undefined || createdAt > after.getTime()),
    )
    .toSorted(([, a], [, b]) => b.createdAt - a.createdAt);
  function* entriesAfter(options: { readonly after?: number }): Generator<[number, ServiceDeployment]> {
    for (const [index, [, row]] of rows.entries()) if (index > (options.after ?? -1)) yield [index, row];
  }
  const { items, next } = pageOf(entriesAfter, input.nextToken, input.maxResults ?? 20, invalidToken);
  return {
    serviceDeployments: items.map((row) => ({
      serviceDeploymentArn: serviceDeploymentArn(ctx, cluster.name, service.name, row.id),
      serviceArn: serviceArn(ctx, cluster.name, service.name),
      clusterArn: clusterArn(ctx, cluster.name),
      startedAt: new Date(row.startedAt),
      createdAt: new Date(row.createdAt),
      ...(row.finishedAt !== undefined && { finishedAt: new Date(row.finishedAt) }),
      targetServiceRevisionArn: serviceRevisionArn(ctx, cluster.name, service.name, row.target),
      status: row.status,
      ...(row.reason !== undefined && { statusReason: row.reason }),
    })),
    nextToken: next,
  };
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceRevisions.html */
export const describeServiceRevisions: Handler<Sdk, "describeServiceRevisions"> = (ctx, input) => {
  if (input.serviceRevisionArns.length > 20)
    throw errors.InvalidParameterException("serviceRevisionArns cannot have more than 20 elements.");
  const failures: { arn: string; reason: string }[] = [];
  const found = input.serviceRevisionArns.flatMap((arn) => {
    const named = parse(ctx, arn, "service-revision");
    const row = named && ctx.table(tables.serviceRevisions).get([named.service.cluster, named.service.name, named.id]);
    if (named !== undefined && row !== undefined) return [describeServiceRevision(ctx, named.service, row)];
    failures.push({ arn, reason: "MISSING" });
    return [];
  });
  return { serviceRevisions: found, failures };
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopServiceDeployment.html */
export const stopServiceDeployment: Handler<Sdk, "stopServiceDeployment"> = (ctx, input) => {
  const arn = input.serviceDeploymentArn;
  const named = parse(ctx, arn, "service-deployment");
  const row = named && ctx.table(tables.serviceDeployments).get([named.service.cluster, named.service.name, named.id]);
  if (named === undefined || row === undefined)
    throw errors.ServiceDeploymentNotFoundException("The service deployment was not found.");
  const { service } = named;
  if (row.status !== "IN_PROGRESS" || service.deployments[0]?.serviceDeployment !== row.id)
    throw errors.ConflictException("The service deployment is not in progress.");
  const rollBack = input.stopType !== "ABORT";
  if (rollBack && !canRollBack(service))
    throw errors.ConflictException("There is no completed service deployment to roll back to.");
  const why = "Service deployment was stopped by the user";
  saveService(ctx, endDeployment(ctx, service, fail(service, why, rollBack, ctx.now), `${why}.`));
  return { serviceDeploymentArn: arn };
};
