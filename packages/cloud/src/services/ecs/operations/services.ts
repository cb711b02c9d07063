import type { LoadBalancer } from "@aws-sdk/client-ecs";
import type { Context } from "../../../kernel/context.ts";
import { pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { serviceArn, shortNameOf } from "../arns.ts";
import { errors, invalidToken } from "../errors.ts";
import type { Cluster, StoredTaskDefinition } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { describeService } from "../services/describe.ts";
import type { RevisionConfig, Service } from "../services/model.ts";
import { beginDeployment, saveService } from "../services/save.ts";
import { checkLoadBalancers, deploymentConfiguration, refuseOthers } from "../services/settings.ts";
import { activeTasks, findCluster, findService, tables, usableDefinition } from "../store.ts";
import { readTags } from "../tags.ts";
import { launchOf, placesOf } from "../tasks/placement.ts";
import { clusterForUse } from "./clusters.ts";

/** What a revision of a service is made of, checked. */
async function revisionOf(
  ctx: Context,
  cluster: Cluster,
  definition: StoredTaskDefinition["definition"],
  given: Pick<RevisionConfig, "network" | "platformVersion"> & {
    readonly launchType: string | undefined;
    readonly strategy: RevisionConfig["strategy"] | undefined;
    readonly loadBalancers: readonly LoadBalancer[];
  },
): Promise<RevisionConfig> {
  const { launchType, strategy } = launchOf(cluster, definition, {
    launchType: given.launchType,
    capacityProviderStrategy: given.strategy,
    platformVersion: given.platformVersion,
  });
  const [places] = await Promise.all([
    placesOf(ctx, definition, given.network),
    checkLoadBalancers(ctx, given.loadBalancers, definition),
  ]);
  return {
    family: definition.family,
    revision: definition.revision,
    launchType,
    strategy,
    platformVersion: given.platformVersion,
    network: given.network,
    loadBalancers: given.loadBalancers,
    places,
  };
}

function checkCount(desiredCount: number): void {
  if (desiredCount < 0) throw errors.InvalidParameterException("Desired count must be greater than or equal to 0.");
}

function checkGracePeriod(seconds: number | undefined, balancers: readonly LoadBalancer[]): void {
  if (seconds === undefined) return;
  if (seconds < 0 || seconds > 2_147_483_647)
    throw errors.InvalidParameterException("Health check grace period must be between 0 and 2147483647 seconds.");
  if (seconds > 0 && balancers.length === 0)
    throw errors.InvalidParameterException(
      "Health check grace period is only valid for services configured to use load balancers",
    );
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html */
export const createService: Handler<Sdk, "createService"> = async (ctx, input) => {
  const { serviceName: name, desiredCount = 0 } = input;
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(name))
    throw errors.InvalidParameterException("Service name contains invalid characters.");
  refuseOthers(input);
  checkCount(desiredCount);
  const configuration = deploymentConfiguration(input.deploymentConfiguration);
  const cluster = clusterForUse(ctx, input.cluster);
  if (input.taskDefinition === undefined) throw errors.InvalidParameterException("TaskDefinition can not be blank.");
  const { definition } = usableDefinition(ctx, input.taskDefinition);
  const loadBalancers = input.loadBalancers ?? [];
  checkGracePeriod(input.healthCheckGracePeriodSeconds, loadBalancers);
  if (input.role !== undefined && definition.networkMode === "awsvpc")
    throw errors.InvalidParameterException(
      "You cannot specify an IAM role for services that require a service linked role.",
    );
  const config = await revisionOf(ctx, cluster, definition, {
    launchType: input.launchType,
    strategy: input.capacityProviderStrategy,
    platformVersion: input.platformVersion,
    network: input.networkConfiguration,
    loadBalancers,
  });
  const service = ctx.transaction(() => {
    const existing = ctx.table(tables.services).get([cluster.name, name]);
    if (existing !== undefined && existing.status !== "INACTIVE") {
      if (existing.status === "DRAINING")
        throw errors.InvalidParameterException("Unable to Start a service that is still Draining.");
      if (input.clientToken !== undefined && existing.clientToken === input.clientToken) return existing;
      throw errors.InvalidParameterException("Creation of service was not idempotent.");
    }
    const made: Service = {
      cluster: cluster.name,
      name,
      status: "ACTIVE",
      createdAt: ctx.now,
      createdBy: ctx.principal.arn,
      desiredCount,
      configuration,
      placementConstraints: input.placementConstraints ?? [],
      placementStrategy: input.placementStrategy ?? [],
      healthCheckGracePeriodSeconds: input.healthCheckGracePeriodSeconds ?? 0,
      role: input.role,
      tags: readTags(input.tags),
      enableManagedTags: input.enableECSManagedTags ?? false,
      propagateTags: input.propagateTags ?? "NONE",
      enableExecuteCommand: input.enableExecuteCommand ?? false,
      rebalancing: input.availabilityZoneRebalancing ?? "DISABLED",
      deployments: [],
      lastCompleted: undefined,
      steady: false,
      // One of that name before it has left its events.
      events: existing?.events ?? 0,
      clientToken: input.clientToken,
    };
    const begun = beginDeployment(ctx, made, config);
    saveService(ctx, begun);
    return begun;
  });
  return { service: describeService(ctx, service, { tags: true }) };
};

/** @throws AwsError `ServiceNotFoundException`, `ServiceNotActiveException` */
function usableService(ctx: Context, cluster: string, nameOrArn: string): Service {
  const service = findService(ctx, cluster, nameOrArn);
  if (service === undefined) throw errors.ServiceNotFoundException("Service not found.");
  if (service.status !== "ACTIVE") throw errors.ServiceNotActiveException("Service was not ACTIVE.");
  return service;
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html */
export const updateService: Handler<Sdk, "updateService"> = async (ctx, input) => {
  refuseOthers(input);
  const cluster = findCluster(ctx, input.cluster);
  const found = usableService(ctx, cluster.name, input.service);
  const before = found.deployments[0]?.config;
  if (before === undefined) throw new Error(`the service ${found.name} has no deployment`);
  if (input.desiredCount !== undefined) checkCount(input.desiredCount);
  const configuration = deploymentConfiguration(input.deploymentConfiguration, found.configuration);
  const loadBalancers = input.loadBalancers ?? before.loadBalancers;
  checkGracePeriod(input.healthCheckGracePeriodSeconds, loadBalancers);
  const isRevised =
    input.taskDefinition !== undefined ||
    input.capacityProviderStrategy !== undefined ||
    input.networkConfiguration !== undefined ||
    input.platformVersion !== undefined ||
    input.loadBalancers !== undefined;
  let config = before;
  if (isRevised) {
    const { definition } =
      input.taskDefinition === undefined ? usableRevision(ctx, before) : usableDefinition(ctx, input.taskDefinition);
    config = await revisionOf(ctx, cluster, definition, {
      launchType: input.capacityProviderStrategy?.length ? undefined : before.launchType,
      strategy: input.capacityProviderStrategy ?? (before.strategy.length > 0 ? before.strategy : undefined),
      platformVersion: input.platformVersion ?? before.platformVersion,
      network: input.networkConfiguration ?? before.network,
      loadBalancers,
    });
  }
  const isNew = input.forceNewDeployment === true || JSON.stringify(config) !== JSON.stringify(before);
  const service = ctx.transaction(() => {
    const current = usableService(ctx, cluster.name, found.name);
    const updated: Service = {
      ...current,
      desiredCount: input.desiredCount ?? current.desiredCount,
      configuration,
      placementConstraints: input.placementConstraints ?? current.placementConstraints,
      placementStrategy: input.placementStrategy ?? current.placementStrategy,
      healthCheckGracePeriodSeconds: input.healthCheckGracePeriodSeconds ?? current.healthCheckGracePeriodSeconds,
      enableManagedTags: input.enableECSManagedTags ?? current.enableManagedTags,
      propagateTags: input.propagateTags ?? current.propagateTags,
      enableExecuteCommand: input.enableExecuteCommand ?? current.enableExecuteCommand,
      rebalancing: input.availabilityZoneRebalancing ?? current.rebalancing,
    };
    const after = isNew ? beginDeployment(ctx, updated, config) : updated;
    saveService(ctx, after);
    return after;
  });
  return { service: describeService(ctx, service, { tags: true }) };
};

/** A service's own task definition, which may have been deregistered: its service goes on with it. */
function usableRevision(ctx: Context, { family, revision }: RevisionConfig): StoredTaskDefinition {
  const found = ctx.table(tables.definitions).get([family, revision]);
  if (found === undefined) throw errors.ClientException("TaskDefinition not found.");
  return found;
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteService.html */
export const deleteService: Handler<Sdk, "deleteService"> = (ctx, input) => {
  const cluster = findCluster(ctx, input.cluster);
  const service = findService(ctx, cluster.name, input.service);
  if (service === undefined) throw errors.ServiceNotFoundException("Service not found.");
  if (service.status !== "ACTIVE") return { service: describeService(ctx, service) };
  if (input.force !== true && service.desiredCount > 0)
    throw errors.InvalidParameterException("The service cannot be stopped while it is scaled above 0.");
  const isEmpty = [...activeTasks(ctx, cluster.name, service.name)].length === 0;
  const deleted: Service = { ...service, status: "DRAINING", desiredCount: 0, steady: false };
  saveService(ctx, deleted);
  return { service: { ...describeService(ctx, deleted, { tags: true }), ...(isEmpty && { status: "INACTIVE" }) } };
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html */
export const describeServices: Handler<Sdk, "describeServices"> = (ctx, input) => {
  const cluster = findCluster(ctx, input.cluster);
  if (input.services.length === 0) throw errors.InvalidParameterException("Services cannot be empty.");
  if (input.services.length > 10) throw errors.InvalidParameterException("Services cannot have more than 10 elements.");
  const tags = input.include?.includes("TAGS") ?? false;
  const found: Service[] = [];
  const failures: { arn: string; reason: string }[] = [];
  for (const name of input.services) {
    const service = findService(ctx, cluster.name, name);
    if (service === undefined)
      failures.push({ arn: serviceArn(ctx, cluster.name, shortNameOf(name)), reason: "MISSING" });
    else found.push(service);
  }
  return { services: found.map((service) => describeService(ctx, service, { tags })), failures };
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServices.html */
export const listServices: Handler<Sdk, "listServices"> = (ctx, input) => {
  const cluster = findCluster(ctx, input.cluster);
  function* matching(options: { readonly after?: [string, string] }): Generator<[[string, string], Service]> {
    if (input.schedulingStrategy === "DAEMON") return;
    for (const entry of ctx.table(tables.services).entries({ ...options, prefix: [cluster.name] })) {
      const [, { status, deployments }] = entry;
      const launchType = deployments[0]?.config.launchType;
      if (status !== "INACTIVE" && (input.launchType === undefined || input.launchType === launchType)) yield entry;
    }
  }
  const { items, next } = pageOf(matching, input.nextToken, input.maxResults ?? 10, invalidToken);
  return { serviceArns: items.map(({ name }) => serviceArn(ctx, cluster.name, name)), nextToken: next };
};
