import type {
  Deployment as DeploymentShape,
  Service as ServiceShape,
  ServiceDeployment as ServiceDeploymentShape,
  ServiceRevision as ServiceRevisionShape,
} from "@aws-sdk/client-ecs";
import type { Context } from "../../../kernel/context.ts";
import { clusterArn, serviceArn, serviceDeploymentArn, serviceRevisionArn, taskDefinitionArn } from "../arns.ts";
import { activeTasks, tables } from "../store.ts";
import { tagList } from "../tags.ts";
import type { Task } from "../tasks/model.ts";
import type { Deployment, RevisionConfig, Service, ServiceDeployment, ServiceRevision } from "./model.ts";
import { failureThreshold } from "./rollout.ts";

const date = (at: number | undefined) => (at === undefined ? undefined : new Date(at));

interface Counts {
  readonly running: number;
  readonly pending: number;
}

function count(tasks: readonly Task[]): Counts {
  const pending = ["PROVISIONING", "PENDING", "ACTIVATING"];
  return {
    running: tasks.filter(({ state }) => state.status === "RUNNING").length,
    pending: tasks.filter(({ state }) => pending.includes(state.status)).length,
  };
}

function launch(config: RevisionConfig) {
  return {
    ...(config.launchType !== undefined && { launchType: config.launchType }),
    ...(config.strategy.length > 0 && { capacityProviderStrategy: [...config.strategy] }),
    ...(config.launchType !== "EC2" && {
      platformVersion: config.platformVersion ?? "LATEST",
      platformFamily: "Linux",
    }),
    ...(config.network !== undefined && { networkConfiguration: config.network }),
  };
}

function describeDeployment(
  ctx: Context,
  service: Service,
  deployment: Deployment,
  index: number,
  tasks: readonly Task[],
): DeploymentShape {
  const own = tasks.filter((task) => task.service?.deployment === deployment.id);
  const { running, pending } = count(own);
  const { config } = deployment;
  return {
    id: deployment.id,
    status: index === 0 ? "PRIMARY" : "ACTIVE",
    taskDefinition: taskDefinitionArn(ctx, config.family, config.revision),
    desiredCount:
      index === 0 ? service.desiredCount : own.filter(({ desiredStatus }) => desiredStatus === "RUNNING").length,
    pendingCount: pending,
    runningCount: running,
    failedTasks: deployment.failedTasks,
    createdAt: date(deployment.createdAt),
    updatedAt: date(deployment.updatedAt),
    ...launch(config),
    rolloutState: deployment.rollout,
    rolloutStateReason: deployment.reason,
  };
}

/** A service as DescribeServices tells of it. */
export function describeService(
  ctx: Context,
  service: Service,
  options: { readonly tags?: boolean } = {},
): ServiceShape {
  const { cluster, name } = service;
  const tasks = [...activeTasks(ctx, cluster, name)];
  const { running, pending } = count(tasks);
  const config = service.deployments[0]?.config ?? service.lastCompleted?.config;
  const current = service.deployments[0];
  return {
    serviceArn: serviceArn(ctx, cluster, name),
    serviceName: name,
    clusterArn: clusterArn(ctx, cluster),
    loadBalancers: [...(config?.loadBalancers ?? [])],
    serviceRegistries: [],
    status: service.status,
    desiredCount: service.desiredCount,
    runningCount: running,
    pendingCount: pending,
    ...(config !== undefined && {
      ...launch(config),
      taskDefinition: taskDefinitionArn(ctx, config.family, config.revision),
    }),
    deploymentConfiguration: service.configuration,
    deployments: service.deployments.map((deployment, index) =>
      describeDeployment(ctx, service, deployment, index, tasks),
    ),
    ...(service.role !== undefined && { roleArn: service.role }),
    events: [...ctx.table(tables.serviceEvents).values({ prefix: [cluster, name], reverse: true })].map((event) => ({
      id: event.id,
      createdAt: new Date(event.createdAt),
      message: event.message,
    })),
    createdAt: date(service.createdAt),
    createdBy: service.createdBy,
    ...(current !== undefined && {
      currentServiceDeployment: serviceDeploymentArn(ctx, cluster, name, current.serviceDeployment),
      currentServiceRevisions: service.deployments.map((deployment, index) => {
        const own = count(tasks.filter((task) => task.service?.deployment === deployment.id));
        return {
          arn: serviceRevisionArn(ctx, cluster, name, deployment.serviceRevision),
          requestedTaskCount: index === 0 ? service.desiredCount : 0,
          runningTaskCount: own.running,
          pendingTaskCount: own.pending,
        };
      }),
    }),
    placementConstraints: [...service.placementConstraints],
    placementStrategy: [...service.placementStrategy],
    healthCheckGracePeriodSeconds: service.healthCheckGracePeriodSeconds,
    schedulingStrategy: "REPLICA",
    deploymentController: { type: "ECS" },
    ...(options.tags === true && { tags: tagList(service.tags) }),
    enableECSManagedTags: service.enableManagedTags,
    propagateTags: service.propagateTags,
    enableExecuteCommand: service.enableExecuteCommand,
    availabilityZoneRebalancing: service.rebalancing,
  };
}

/** A deployment of a service as DescribeServiceDeployments tells of it. */
export function describeServiceDeployment(
  ctx: Context,
  service: Service,
  row: ServiceDeployment,
): ServiceDeploymentShape {
  const { cluster, name } = service;
  const revision = (id: string) => serviceRevisionArn(ctx, cluster, name, id);
  const tasks = [...activeTasks(ctx, cluster, name)];
  const summary = (id: string, isTarget: boolean) => {
    const deployments = new Set(
      service.deployments.filter(({ serviceRevision }) => serviceRevision === id).map((deployment) => deployment.id),
    );
    const { running, pending } = count(tasks.filter((task) => deployments.has(task.service?.deployment ?? "")));
    return {
      arn: revision(id),
      requestedTaskCount: isTarget ? service.desiredCount : 0,
      runningTaskCount: running,
      pendingTaskCount: pending,
    };
  };
  const isWatched = row.configuration.deploymentCircuitBreaker?.enable === true;
  const failures = service.deployments.find(({ serviceDeployment }) => serviceDeployment === row.id)?.failedTasks;
  return {
    serviceDeploymentArn: serviceDeploymentArn(ctx, cluster, name, row.id),
    serviceArn: serviceArn(ctx, cluster, name),
    clusterArn: clusterArn(ctx, cluster),
    createdAt: date(row.createdAt),
    startedAt: date(row.startedAt),
    finishedAt: date(row.finishedAt),
    stoppedAt: date(row.stoppedAt),
    updatedAt: date(row.updatedAt),
    sourceServiceRevisions: row.sources.map((id) => summary(id, false)),
    targetServiceRevision: summary(row.target, true),
    status: row.status,
    ...(row.reason !== undefined && { statusReason: row.reason }),
    deploymentConfiguration: row.configuration,
    ...(row.rollback !== undefined && {
      rollback: {
        reason: row.rollback.reason,
        startedAt: date(row.rollback.startedAt),
        serviceRevisionArn: revision(row.rollback.serviceRevision),
      },
    }),
    deploymentCircuitBreaker: {
      status: !isWatched
        ? "DISABLED"
        : row.rollback !== undefined
          ? "TRIGGERED"
          : row.finishedAt === undefined
            ? "MONITORING"
            : "MONITORING_COMPLETE",
      failureCount: Math.max(row.failureCount, failures ?? 0),
      threshold: failureThreshold(row.configuration, service.desiredCount),
    },
  };
}

/** A revision of a service as DescribeServiceRevisions tells of it. */
export function describeServiceRevision(
  ctx: Context,
  { cluster, name }: Service,
  { id, config, createdAt }: ServiceRevision,
): ServiceRevisionShape {
  const definition = ctx.table(tables.definitions).get([config.family, config.revision])?.definition;
  return {
    serviceRevisionArn: serviceRevisionArn(ctx, cluster, name, id),
    serviceArn: serviceArn(ctx, cluster, name),
    clusterArn: clusterArn(ctx, cluster),
    taskDefinition: taskDefinitionArn(ctx, config.family, config.revision),
    ...launch(config),
    loadBalancers: [...config.loadBalancers],
    containerImages: (definition?.containerDefinitions ?? []).map((container) => ({
      containerName: container.name,
      image: container.image,
    })),
    guardDutyEnabled: false,
    createdAt: date(createdAt),
  };
}
