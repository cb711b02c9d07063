import type { Context } from "../../kernel/context.ts";
import { table } from "../../store/table.ts";
import { clusterInArn, clusterNameOf, resourceOf, shortNameOf } from "./arns.ts";
import { errors } from "./errors.ts";
import type { Cluster, StoredTaskDefinition } from "./model.ts";
import type { Task } from "./tasks/model.ts";
import type { HealthCheckRow, LogRow } from "./tasks/rows.ts";
import type { Service, ServiceDeployment, ServiceEvent, ServiceRevision } from "./services/model.ts";

export const tables = {
  clusters: table<string, Cluster>("clusters"),
  /** The latest revision of each family; it is never used again. */
  families: table<string, number>("families"),
  definitions: table<[family: string, revision: number], StoredTaskDefinition>("definitions"),
  tasks: table<string, Task>("tasks"),
  /** Tasks that have not stopped. The service is empty for those that none has started. */
  activeTasks: table<[cluster: string, service: string, task: string], null>("active-tasks"),
  /** Tasks that have stopped, while they are told of. */
  stoppedTasks: table<[cluster: string, service: string, task: string], null>("stopped-tasks"),
  /** Tasks by what their metadata is asked by. */
  secretIds: table<string, string>("secret-ids"),
  /** Tasks of RunTask's idempotency tokens. */
  clientTokens: table<string, { readonly tasks: readonly string[]; readonly request: string; readonly at: number }>(
    "client-tokens",
  ),
  /** Containers whose health is checked. */
  healthChecks: table<[task: string, container: string], HealthCheckRow>("health-checks"),
  /** How far the output of containers has been taken to their logs. */
  logs: table<[task: string, container: string], LogRow>("logs"),
  services: table<[cluster: string, name: string], Service>("services"),
  serviceEvents: table<[cluster: string, service: string, number: number], ServiceEvent>("service-events"),
  serviceDeployments: table<[cluster: string, service: string, id: string], ServiceDeployment>("service-deployments"),
  serviceRevisions: table<[cluster: string, service: string, id: string], ServiceRevision>("service-revisions"),
  /** Services by the target groups that their tasks are in. */
  targetGroups: table<[targetGroup: string, cluster: string, service: string], null>("target-groups"),
  /** Changed where something outside of the tables has happened that a service waits for. */
  wakes: table<[cluster: string, service: string], string>("wakes"),
  /** The same for a task that waits until its targets have finished their requests. */
  drains: table<string, string>("drains"),
  accountSettings: table<[principal: string, name: string], string>("account-settings"),
};

/** @throws AwsError `ClusterNotFoundException` */
export function findCluster(ctx: Context, nameOrArn: string | undefined): Cluster {
  const name = clusterNameOf(nameOrArn);
  const cluster = ctx.table(tables.clusters).get(name);
  if (cluster === undefined || cluster.status === "INACTIVE")
    throw errors.ClusterNotFoundException("Cluster not found.");
  return cluster;
}

/** The task with that id or ARN in that cluster. */
export function findTask(ctx: Context, cluster: string, idOrArn: string): Task | undefined {
  const task = ctx.table(tables.tasks).get(shortNameOf(idOrArn));
  if (task === undefined || task.cluster !== cluster) return undefined;
  const named = clusterInArn(idOrArn);
  return named === undefined || named === cluster ? task : undefined;
}

/** The service with that name or ARN in that cluster. */
export function findService(ctx: Context, cluster: string, nameOrArn: string): Service | undefined {
  const named = clusterInArn(nameOrArn);
  if (named !== undefined && named !== cluster) return undefined;
  return ctx.table(tables.services).get([cluster, shortNameOf(nameOrArn)]);
}

/** The tasks of a service, or of a cluster, that have not stopped. */
export function* activeTasks(ctx: Context, cluster: string, service?: string): Generator<Task> {
  yield* tasksIn(ctx, tables.activeTasks, cluster, service);
}

/** Those that have, and are told of still. */
export function* stoppedTasks(ctx: Context, cluster: string, service?: string): Generator<Task> {
  yield* tasksIn(ctx, tables.stoppedTasks, cluster, service);
}

function* tasksIn(
  ctx: Context,
  index: (typeof tables)["activeTasks"],
  cluster: string,
  service: string | undefined,
): Generator<Task> {
  const tasks = ctx.table(tables.tasks);
  for (const [, , id] of ctx.table(index).keys({ prefix: service === undefined ? [cluster] : [cluster, service] })) {
    const task = tasks.get(id);
    if (task !== undefined) yield task;
  }
}

/** The family and revision that `family`, `family:3` or an ARN names. Without a revision, the latest active one. */
export function lookUpDefinition(ctx: Context, nameOrArn: string): StoredTaskDefinition | undefined {
  const name = resourceOf(nameOrArn)?.replace(/^task-definition\//, "") ?? nameOrArn;
  const [family = "", given] = name.split(":");
  const definitions = ctx.table(tables.definitions);
  if (given !== undefined) return /^\d+$/.test(given) ? definitions.get([family, Number(given)]) : undefined;
  for (const found of definitions.values({ prefix: [family], reverse: true }))
    if (found.definition.status === "ACTIVE") return found;
  return undefined;
}

/** @throws AwsError `ClientException` */
export function usableDefinition(ctx: Context, nameOrArn: string): StoredTaskDefinition {
  const found = lookUpDefinition(ctx, nameOrArn);
  if (found === undefined) throw errors.ClientException("TaskDefinition not found.");
  if (found.definition.status !== "ACTIVE") throw errors.ClientException("TaskDefinition is inactive");
  return found;
}
