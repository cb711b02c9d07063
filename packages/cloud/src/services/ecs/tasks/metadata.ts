import type { Context } from "../../../kernel/context.ts";
import { clusterArn, containerArn, taskArn } from "../arns.ts";
import { tables } from "../store.ts";
import { parseCpu, parseMemory } from "../task-definition/fargate.ts";
import { logRow } from "./log-streams.ts";
import { runtimeId } from "./model.ts";
import type { Task, TaskContainer } from "./model.ts";

const time = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString());

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-response.html */
export function containerMetadata(ctx: Context, task: Task, container: TaskContainer): object {
  const definition = ctx
    .table(tables.definitions)
    .get([task.family, task.revision])
    ?.definition.containerDefinitions.find(({ name }) => name === container.name);
  const log = definition?.logConfiguration;
  const stream =
    log === undefined
      ? undefined
      : logRow(log, { task: task.id, container: container.name, containerId: container.id });
  return {
    DockerId: runtimeId(task, container),
    Name: container.name,
    DockerName: container.name,
    Image: container.image,
    Labels: {
      ...definition?.dockerLabels,
      "com.amazonaws.ecs.cluster": clusterArn(ctx, task.cluster),
      "com.amazonaws.ecs.container-name": container.name,
      "com.amazonaws.ecs.task-arn": taskArn(ctx, task.cluster, task.id),
      "com.amazonaws.ecs.task-definition-family": task.family,
      "com.amazonaws.ecs.task-definition-version": String(task.revision),
    },
    DesiredStatus: task.desiredStatus,
    KnownStatus: container.status,
    Limits: {
      CPU: definition?.cpu ?? 0,
      ...(definition?.memory !== undefined && { Memory: definition.memory }),
    },
    ...(container.status === "RUNNING" && { StartedAt: time(container.startedAt) }),
    ...(container.status === "STOPPED" && container.exitCode !== undefined && { ExitCode: container.exitCode }),
    ...(container.status === "RUNNING" &&
      definition?.healthCheck !== undefined && { Health: { status: container.health } }),
    Type: "NORMAL",
    ContainerARN: containerArn(ctx, task.cluster, task.id, container.id),
    ...(stream !== undefined && {
      LogDriver: "awslogs",
      LogOptions: {
        "awslogs-group": stream.group,
        "awslogs-region": stream.region,
        "awslogs-stream": stream.stream,
      },
    }),
    Networks: [
      {
        NetworkMode: task.network === undefined ? "bridge" : "awsvpc",
        IPv4Addresses: task.address === undefined ? [] : [task.address],
      },
    ],
  };
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-response.html */
export function taskMetadata(ctx: Context, task: Task, withTags: boolean): object {
  const cpu = parseCpu(task.cpu ?? "");
  const memory = parseMemory(task.memory ?? "");
  return {
    Cluster: clusterArn(ctx, task.cluster),
    TaskARN: taskArn(ctx, task.cluster, task.id),
    Family: task.family,
    Revision: String(task.revision),
    ...(task.service !== undefined && { ServiceName: task.service.name }),
    DesiredStatus: task.desiredStatus,
    KnownStatus: task.state.status,
    ...((cpu !== undefined || memory !== undefined) && {
      Limits: { ...(cpu !== undefined && { CPU: cpu / 1024 }), ...(memory !== undefined && { Memory: memory }) },
    }),
    AvailabilityZone: task.zone,
    LaunchType: task.launchType ?? "FARGATE",
    ...(withTags && { TaskTags: task.tags }),
    Containers: task.containers.map((container) => containerMetadata(ctx, task, container)),
  };
}
