import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import type { Measurement } from "../../../kernel/measurement.ts";
import type { Controller } from "../../../kernel/service.ts";
import type { UsageSample } from "../../../runtime/usage.ts";
import { lookUpDefinition, tables } from "../store.ts";
import { parseCpu, parseMemory } from "../task-definition/fargate.ts";
import { workloadOf } from "./container-spec.ts";
import type { Task } from "./model.ts";

/** What is reserved for a task. */
export interface Reserved {
  /** In units of 1/1024 of a CPU. */
  readonly cpuUnits: number;
  readonly memoryMib: number;
}

/** The task's own size, else what its containers reserve together. */
export function reservedFor(
  { cpu, memory }: Pick<Task, "cpu" | "memory">,
  containers: readonly Pick<ContainerDefinition, "cpu" | "memory" | "memoryReservation">[],
): Reserved {
  const sum = (of: (container: (typeof containers)[number]) => number | undefined) =>
    containers.reduce((total, container) => total + (of(container) ?? 0), 0);
  return {
    cpuUnits: parseCpu(cpu ?? "") ?? sum((container) => container.cpu),
    memoryMib: parseMemory(memory ?? "") ?? sum((container) => container.memoryReservation ?? container.memory),
  };
}

const mib = 1024 * 1024;

/**
 * What a task uses of what is reserved for it. Each task of a service is a sample. Of what nothing is reserved, nothing is
 * measured.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
 */
export function usageMeasurements(
  { cluster, service }: { readonly cluster: string; readonly service: string },
  used: readonly UsageSample[],
  { cpuUnits, memoryMib }: Reserved,
): readonly Measurement[] {
  const cpus = used.reduce((sum, sample) => sum + sample.cpus, 0);
  const bytes = used.reduce((sum, sample) => sum + sample.memoryBytes, 0);
  const percent = (name: string, share: number): Measurement => ({
    namespace: "AWS/ECS",
    name,
    unit: "Percent",
    series: [{ ClusterName: cluster, ServiceName: service }],
    values: [100 * share],
  });
  return [
    ...(cpuUnits > 0 ? [percent("CPUUtilization", (cpus * 1024) / cpuUnits)] : []),
    ...(memoryMib > 0 ? [percent("MemoryUtilization", bytes / (memoryMib * mib))] : []),
  ];
}

/** Measures what the tasks of services use, as often as it is looked at. */
export const measuring: Controller = {
  name: "task-usage",
  watches: [],
  keyOf: () => undefined,
  listens: (host, queue) =>
    host.usage.onSample(({ service, account, region, name }) => {
      const [task = ""] = name.split("/");
      if (service === "ecs") queue({ account, region }, task);
    }),
  reconcile(ctx, id) {
    const task = ctx.table(tables.tasks).get(id);
    if (task?.service === undefined || task.state.status !== "RUNNING") return Promise.resolve();
    const used = task.containers.flatMap(({ name }) => ctx.host.usage.of(workloadOf(ctx, id, name)) ?? []);
    const { containerDefinitions = [] } = lookUpDefinition(ctx, `${task.family}:${task.revision}`)?.definition ?? {};
    const whose = { cluster: task.cluster, service: task.service.name };
    for (const measurement of usageMeasurements(whose, used, reservedFor(task, containerDefinitions)))
      ctx.measure(measurement);
    return Promise.resolve();
  },
};
