import type { Container, Task as TaskShape } from "@aws-sdk/client-ecs";
import type { Context } from "../../../kernel/context.ts";
import { clusterArn, containerArn, taskArn, taskDefinitionArn } from "../arns.ts";
import { tables } from "../store.ts";
import { tagList } from "../tags.ts";
import { runtimeId, taskHealth } from "./model.ts";
import type { Task, TaskContainer } from "./model.ts";

const date = (at: number | undefined) => (at === undefined ? undefined : new Date(at));

/** A task as DescribeTasks and events tell of it. */
export function describeTask(ctx: Context, task: Task, options: { readonly tags?: boolean } = {}): TaskShape {
  const { cluster, id, network, state } = task;
  const definition = ctx.table(tables.definitions).get([task.family, task.revision])?.definition;
  const checked = new Set(
    (definition?.containerDefinitions ?? [])
      .filter((container) => container.healthCheck !== undefined && container.essential !== false)
      .map(({ name }) => name),
  );
  const ports = new Map((definition?.containerDefinitions ?? []).map(({ name, portMappings }) => [name, portMappings]));
  const attached = task.address !== undefined && state.status !== "STOPPED";
  const container = (one: TaskContainer): Container => {
    const limits = definition?.containerDefinitions.find(({ name }) => name === one.name);
    return {
      containerArn: containerArn(ctx, cluster, id, one.id),
      taskArn: taskArn(ctx, cluster, id),
      name: one.name,
      image: one.image,
      ...(one.status !== "PENDING" && { runtimeId: runtimeId(task, one) }),
      lastStatus: one.status,
      ...(one.status === "STOPPED" && {
        ...(one.exitCode !== undefined && { exitCode: one.exitCode }),
        ...(one.reason !== undefined && { reason: one.reason }),
      }),
      networkBindings:
        network !== undefined || one.status !== "RUNNING"
          ? []
          : (ports.get(one.name) ?? []).map(({ containerPort, hostPort, protocol }) => ({
              bindIP: task.address,
              containerPort,
              hostPort: hostPort === 0 ? containerPort : hostPort,
              protocol,
            })),
      networkInterfaces:
        network === undefined || !attached
          ? []
          : [{ attachmentId: network.attachmentId, privateIpv4Address: task.address }],
      healthStatus: one.status === "RUNNING" ? one.health : "UNKNOWN",
      cpu: String(limits?.cpu ?? 0),
      ...(limits?.memory !== undefined && { memory: String(limits.memory) }),
      ...(limits?.memoryReservation !== undefined && { memoryReservation: String(limits.memoryReservation) }),
    };
  };
  return {
    attachments:
      network === undefined
        ? []
        : [
            {
              id: network.attachmentId,
              type: "ElasticNetworkInterface",
              status: state.status === "STOPPED" ? "DELETED" : attached ? "ATTACHED" : "PRECREATED",
              details: [
                { name: "subnetId", value: network.subnet },
                { name: "networkInterfaceId", value: network.interfaceId },
                ...(task.address === undefined ? [] : [{ name: "privateIPv4Address", value: task.address }]),
              ],
            },
          ],
    attributes: [{ name: "ecs.cpu-architecture", value: process.arch === "arm64" ? "arm64" : "x86_64" }],
    availabilityZone: task.zone,
    ...(task.capacityProvider !== undefined && { capacityProviderName: task.capacityProvider }),
    clusterArn: clusterArn(ctx, cluster),
    ...(task.address !== undefined && { connectivity: "CONNECTED" as const, connectivityAt: date(task.createdAt) }),
    containers: task.containers.map(container),
    ...(task.cpu !== undefined && { cpu: task.cpu }),
    ...(task.memory !== undefined && { memory: task.memory }),
    createdAt: date(task.createdAt),
    desiredStatus: task.desiredStatus,
    enableExecuteCommand: task.enableExecuteCommand,
    group: task.group,
    healthStatus: taskHealth(task, (name) => checked.has(name)),
    inferenceAccelerators: [],
    lastStatus: state.status,
    ...(task.launchType !== undefined && { launchType: task.launchType }),
    overrides: { containerOverrides: [], inferenceAcceleratorOverrides: [], ...task.overrides },
    ...(task.launchType === "FARGATE" && { platformVersion: "1.4.0", platformFamily: "Linux" }),
    ...(task.startedAt !== undefined && { startedAt: date(task.startedAt) }),
    ...(task.startedBy !== undefined && { startedBy: task.startedBy }),
    ...(task.stop !== undefined && {
      stopCode: task.stop.code,
      stoppedReason: task.stop.reason,
      stoppingAt: date(task.stop.at),
    }),
    ...(state.status === "STOPPED" && {
      stoppedAt: date(state.stoppedAt),
      executionStoppedAt: date(state.stoppedAt),
    }),
    tags: options.tags === true ? tagList(task.tags) : [],
    taskArn: taskArn(ctx, cluster, id),
    taskDefinitionArn: taskDefinitionArn(ctx, task.family, task.revision),
    version: task.version,
  };
}
