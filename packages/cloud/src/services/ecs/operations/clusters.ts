import type { Cluster as ClusterShape } from "@aws-sdk/client-ecs";
import type { Context } from "../../../kernel/context.ts";
import { pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { arnOf, clusterArn, clusterNameOf } from "../arns.ts";
import { errors, invalidToken } from "../errors.ts";
import { fargateProviders } from "../model.ts";
import type { Cluster } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { activeTasks, findCluster, tables } from "../store.ts";
import { readTags, tagList } from "../tags.ts";
import { checkStrategy } from "../tasks/placement.ts";

const defaultSettings = [{ name: "containerInsights", value: "disabled" }] as const;

/** @throws AwsError `InvalidParameterException` */
function checkProviders(providers: readonly string[]): void {
  for (const name of providers)
    if (!(fargateProviders as readonly string[]).includes(name))
      throw errors.InvalidParameterException(
        `The specified capacity provider '${name}' was not found. Trysail has FARGATE and FARGATE_SPOT, and places all tasks on this machine.`,
      );
}

function refuseNamespace(defaults: object | undefined): void {
  if (defaults !== undefined)
    throw errors.InvalidParameterException("Trysail has no Service Connect: leave out serviceConnectDefaults.");
}

function newCluster(name: string, now: number): Cluster {
  return {
    name,
    createdAt: now,
    status: "ACTIVE",
    settings: [...defaultSettings],
    configuration: undefined,
    capacityProviders: [],
    defaultStrategy: [],
    tags: {},
  };
}

/**
 * The cluster that something is to run in. The one called default is made when it is first used.
 *
 * @throws AwsError `ClusterNotFoundException`
 */
export function clusterForUse(ctx: Context, nameOrArn: string | undefined): Cluster {
  const name = clusterNameOf(nameOrArn);
  const clusters = ctx.table(tables.clusters);
  if (name === "default" && clusters.get(name)?.status !== "ACTIVE")
    ctx.transaction(() => clusters.put(name, newCluster(name, ctx.now)));
  return findCluster(ctx, name);
}

function describe(ctx: Context, cluster: Cluster, include: readonly string[] = []): ClusterShape {
  let running = 0;
  let pending = 0;
  for (const { state } of activeTasks(ctx, cluster.name)) {
    if (state.status === "RUNNING") running += 1;
    else if (["PROVISIONING", "PENDING", "ACTIVATING"].includes(state.status)) pending += 1;
  }
  let services = 0;
  for (const service of ctx.table(tables.services).values({ prefix: [cluster.name] }))
    if (service.status !== "INACTIVE") services += 1;
  return {
    clusterArn: clusterArn(ctx, cluster.name),
    clusterName: cluster.name,
    status: cluster.status,
    registeredContainerInstancesCount: 0,
    runningTasksCount: running,
    pendingTasksCount: pending,
    activeServicesCount: services,
    statistics: include.includes("STATISTICS")
      ? [
          { name: "runningFargateTasksCount", value: String(running) },
          { name: "pendingFargateTasksCount", value: String(pending) },
        ]
      : [],
    tags: include.includes("TAGS") ? tagList(cluster.tags) : [],
    settings: include.includes("SETTINGS") ? [...cluster.settings] : [],
    ...(include.includes("CONFIGURATIONS") && { configuration: cluster.configuration }),
    capacityProviders: [...cluster.capacityProviders],
    defaultCapacityProviderStrategy: [...cluster.defaultStrategy],
  };
}

const everything = ["SETTINGS", "CONFIGURATIONS", "TAGS"];

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html */
export const createCluster: Handler<Sdk, "createCluster"> = (ctx, input) => {
  const name = input.clusterName ?? "default";
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(name))
    throw errors.InvalidParameterException("Cluster name contains invalid characters.");
  refuseNamespace(input.serviceConnectDefaults);
  const providers = input.capacityProviders ?? [];
  checkProviders(providers);
  checkStrategy(input.defaultCapacityProviderStrategy ?? [], providers);
  const clusters = ctx.table(tables.clusters);
  const existing = clusters.get(name);
  // Creating what is there already gives it back, as in AWS.
  const cluster: Cluster =
    existing?.status === "ACTIVE"
      ? existing
      : {
          ...newCluster(name, ctx.now),
          settings: input.settings ?? [...defaultSettings],
          configuration: input.configuration,
          capacityProviders: providers,
          defaultStrategy: input.defaultCapacityProviderStrategy ?? [],
          tags: readTags(input.tags),
        };
  clusters.put(name, cluster);
  return { cluster: describe(ctx, cluster, everything) };
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeClusters.html */
export const describeClusters: Handler<Sdk, "describeClusters"> = (ctx, input) => {
  const names = input.clusters?.length ? input.clusters : ["default"];
  if (names.length > 100) throw errors.InvalidParameterException("Clusters cannot have more than 100 elements.");
  const found: ClusterShape[] = [];
  const failures: { arn: string; reason: string }[] = [];
  for (const nameOrArn of names) {
    const name = clusterNameOf(nameOrArn);
    const cluster = ctx.table(tables.clusters).get(name);
    if (cluster === undefined) failures.push({ arn: clusterArn(ctx, name), reason: "MISSING" });
    else found.push(describe(ctx, cluster, input.include));
  }
  return { clusters: found, failures };
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListClusters.html */
export const listClusters: Handler<Sdk, "listClusters"> = (ctx, input) => {
  function* active(options: { readonly after?: string }): Generator<[string, Cluster]> {
    for (const entry of ctx.table(tables.clusters).entries(options)) if (entry[1].status === "ACTIVE") yield entry;
  }
  const { items, next } = pageOf(active, input.nextToken, input.maxResults ?? 100, invalidToken);
  return { clusterArns: items.map(({ name }) => clusterArn(ctx, name)), nextToken: next };
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateCluster.html */
export const updateCluster: Handler<Sdk, "updateCluster"> = (ctx, input) => {
  refuseNamespace(input.serviceConnectDefaults);
  const found = findCluster(ctx, input.cluster);
  const cluster = {
    ...found,
    settings: input.settings ?? found.settings,
    configuration: input.configuration ?? found.configuration,
  };
  ctx.table(tables.clusters).put(cluster.name, cluster);
  return { cluster: describe(ctx, cluster, everything) };
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateClusterSettings.html */
export const updateClusterSettings: Handler<Sdk, "updateClusterSettings"> = (ctx, input) => {
  const cluster = { ...findCluster(ctx, input.cluster), settings: input.settings };
  ctx.table(tables.clusters).put(cluster.name, cluster);
  return { cluster: describe(ctx, cluster, everything) };
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutClusterCapacityProviders.html */
export const putClusterCapacityProviders: Handler<Sdk, "putClusterCapacityProviders"> = (ctx, input) => {
  checkProviders(input.capacityProviders);
  checkStrategy(input.defaultCapacityProviderStrategy, input.capacityProviders);
  const cluster = {
    ...findCluster(ctx, input.cluster),
    capacityProviders: input.capacityProviders,
    defaultStrategy: input.defaultCapacityProviderStrategy,
  };
  ctx.table(tables.clusters).put(cluster.name, cluster);
  return { cluster: describe(ctx, cluster, everything) };
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteCluster.html */
export const deleteCluster: Handler<Sdk, "deleteCluster"> = (ctx, input) => {
  const cluster = findCluster(ctx, input.cluster);
  for (const { status } of ctx.table(tables.services).values({ prefix: [cluster.name] }))
    if (status !== "INACTIVE")
      throw errors.ClusterContainsServicesException("The Cluster cannot be deleted while Services are active.");
  for (const _ of activeTasks(ctx, cluster.name))
    throw errors.ClusterContainsTasksException("The Cluster cannot be deleted while Tasks are active.");
  const deleted = { ...cluster, status: "INACTIVE" as const };
  ctx.table(tables.clusters).put(cluster.name, deleted);
  return { cluster: describe(ctx, deleted, everything) };
};

/** The two that every account has. @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeCapacityProviders.html */
export const describeCapacityProviders: Handler<Sdk, "describeCapacityProviders"> = (ctx, input) => {
  const asked = (input.capacityProviders ?? fargateProviders).map((name) => name.slice(name.lastIndexOf("/") + 1));
  const known = (name: string): name is "FARGATE" | "FARGATE_SPOT" =>
    (fargateProviders as readonly string[]).includes(name);
  return {
    capacityProviders: asked.filter(known).map((name) => ({
      capacityProviderArn: arnOf(ctx, `capacity-provider/${name}`),
      name,
      status: "ACTIVE" as const,
      type: name,
      tags: [],
    })),
    failures: asked
      .filter((name) => !known(name))
      .map((name) => ({
        arn: arnOf(ctx, `capacity-provider/${name}`),
        reason: "MISSING",
      })),
  };
};
