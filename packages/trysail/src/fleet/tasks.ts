import type { ECSClient, Service, Task } from "@aws-sdk/client-ecs";
import type { ClientConfig } from "../connection.ts";
import type { Fleet, FleetMember, RunningWorkload, Trouble } from "./workload.ts";

/** DescribeTasks takes so many at once, DescribeServices as many. */
const perCall = { tasks: 100, services: 10 } as const;

/** The tasks of a region, those that have stopped lately included, and what its services tell of failing. */
export async function tasksOf(config: ClientConfig, workloads: readonly RunningWorkload[]): Promise<Fleet> {
  const { ECSClient, paginateListClusters } = await import("@aws-sdk/client-ecs");
  const client = new ECSClient(config);
  const tasks: Task[] = [];
  const services: Service[] = [];
  for await (const { clusterArns = [] } of paginateListClusters({ client }, {})) {
    for (const cluster of clusterArns) {
      tasks.push(...(await tasksIn(client, cluster)));
      services.push(...(await servicesIn(client, cluster)));
    }
  }
  client.destroy();
  return {
    members: tasks.map((task) => memberOf(task, config.region, workloads)),
    troubles: services.flatMap((service) => troubleOf(service, config.region)),
  };
}

async function tasksIn(client: ECSClient, cluster: string): Promise<Task[]> {
  const { DescribeTasksCommand, paginateListTasks } = await import("@aws-sdk/client-ecs");
  const arns: string[] = [];
  for (const desiredStatus of ["RUNNING", "STOPPED"] as const) {
    for await (const { taskArns = [] } of paginateListTasks({ client }, { cluster, desiredStatus }))
      arns.push(...taskArns);
  }
  const tasks: Task[] = [];
  for (let from = 0; from < arns.length; from += perCall.tasks) {
    const page = await client.send(
      new DescribeTasksCommand({ cluster, tasks: arns.slice(from, from + perCall.tasks) }),
    );
    tasks.push(...(page.tasks ?? []));
  }
  return tasks;
}

async function servicesIn(client: ECSClient, cluster: string): Promise<Service[]> {
  const { DescribeServicesCommand, paginateListServices } = await import("@aws-sdk/client-ecs");
  const services: Service[] = [];
  for await (const { serviceArns = [] } of paginateListServices({ client, pageSize: perCall.services }, { cluster })) {
    if (serviceArns.length === 0) continue;
    const page = await client.send(new DescribeServicesCommand({ cluster, services: serviceArns }));
    services.push(...(page.services ?? []));
  }
  return services;
}

function memberOf(task: Task, region: string, workloads: readonly RunningWorkload[]): FleetMember {
  const id = task.taskArn?.split("/").at(-1) ?? "";
  const own = workloads.filter(
    ({ service, name, state }) => service === "ecs" && state === "running" && name.startsWith(`${id}/`),
  );
  const address = own[0]?.address;
  const since = task.startedAt?.toISOString();
  return {
    kind: "task",
    id,
    region,
    zone: task.availabilityZone ?? "",
    belongsTo: task.group ?? task.startedBy ?? "",
    state: task.lastStatus ?? "",
    ...(task.stoppedReason !== undefined && { reason: reasonOf(task) }),
    ...(address !== undefined && { address }),
    pids: own.flatMap(({ pid }) => (pid === undefined ? [] : [pid])),
    ...(since !== undefined && { since }),
  };
}

/** Why a task stopped, with how its containers ended. */
function reasonOf({ stoppedReason = "", containers = [] }: Task): string {
  const ends = containers.flatMap(({ name, reason, exitCode }) => {
    if (reason !== undefined) return [`${name}: ${reason}`];
    return exitCode === undefined || exitCode === 0 ? [] : [`${name}: exit code ${exitCode}`];
  });
  return [stoppedReason, ...ends].join("; ");
}

function troubleOf({ serviceName = "", deployments = [], events = [] }: Service, region: string): Trouble[] {
  const at = (date: Date | undefined) => date?.toISOString() ?? "";
  const failed = deployments.find(({ rolloutState }) => rolloutState === "FAILED");
  if (failed !== undefined) {
    const message = failed.rolloutStateReason ?? "";
    return [{ region, of: serviceName, at: at(failed.updatedAt), message }];
  }
  const [latest] = events;
  if (latest?.message === undefined || !/unable|unhealthy|failed/.test(latest.message)) return [];
  return [{ region, of: serviceName, at: at(latest.createdAt), message: latest.message }];
}
