import { CreateServiceCommand } from "@aws-sdk/client-ecs";
import { systemClock } from "@trysail/core";
import { expect, it } from "vitest";
import { measured } from "../../../testing/metrics.test-kit.ts";
import { startTestCloud } from "../../../testing/test-cloud.test-kit.ts";
import { ecsKit, shell } from "../ecs.test-kit.ts";
import { reservedFor, usageMeasurements } from "./measuring.ts";

const whose = { cluster: "c", service: "s" };
const mib = 1024 * 1024;

it("measures what a task's containers use together of what is reserved for it", () => {
  const used = [
    { cpus: 0.1, memoryBytes: 64 * mib },
    { cpus: 0.15, memoryBytes: 64 * mib },
  ];
  const measurements = usageMeasurements(whose, used, { cpuUnits: 512, memoryMib: 512 });
  expect(measurements.map(({ name, values }) => [name, ...values])).toEqual([
    ["CPUUtilization", 50],
    ["MemoryUtilization", 25],
  ]);
  expect(usageMeasurements(whose, used, { cpuUnits: 0, memoryMib: 0 })).toEqual([]);
});

it("reckons with the task's own size, else with what its containers reserve", () => {
  const containers = [{ cpu: 128, memory: 256, memoryReservation: 128 }, { memory: 64 }];
  expect(reservedFor({ cpu: ".5 vCPU", memory: "1 GB" }, containers)).toEqual({ cpuUnits: 512, memoryMib: 1024 });
  expect(reservedFor({ cpu: undefined, memory: undefined }, containers)).toEqual({ cpuUnits: 128, memoryMib: 192 });
});

it("measures what the processes of a service's tasks really use", { timeout: 60_000 }, async () => {
  const cloud = await startTestCloud({ clock: systemClock(), measuresUsage: true });
  try {
    const { ecs, register } = ecsKit(cloud);
    const script = "trap 'exit 0' TERM; while :; do :; done";
    const taskDefinition = await register([shell(script, { cpu: 256 })]);
    await ecs.send(new CreateServiceCommand({ serviceName: "busy", taskDefinition, desiredCount: 1 }));
    const of = (name: string) =>
      measured(cloud, `AWS/ECS/${name}`, { ClusterName: "default", ServiceName: "busy" }, "Maximum");
    await cloud.eventually(async () => ((await of("CPUUtilization")) ?? 0) > 5);
    expect(await of("MemoryUtilization")).toBeGreaterThan(0);
  } finally {
    await cloud.stop();
  }
});
