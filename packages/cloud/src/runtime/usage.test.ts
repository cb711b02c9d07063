import { manualClock, silentLog } from "@trysail/core";
import { expect, it } from "vitest";
import { createUsageMeter, lookAgainAfter, usedBetween } from "./usage.ts";
import type { MeteredWorkload } from "./usage.ts";

const id = { service: "ec2", account: "1", region: "r", name: "i-1" };

it("tells the CPUs that were used between two looks, and never less than none", () => {
  const before = { cpuMs: 1000, memoryBytes: 1 };
  expect(usedBetween(before, { cpuMs: 1500, memoryBytes: 7 }, 1000)).toEqual({ cpus: 0.5, memoryBytes: 7 });
  expect(usedBetween(before, { cpuMs: 900, memoryBytes: 7 }, 1000).cpus).toBe(0);
});

it("looks at a hundred each second, and at more of them less often", () => {
  expect([0, 1, 100, 1000].map(lookAgainAfter)).toEqual([1000, 1000, 1000, 10_000]);
});

it("tells of a workload when it has looked twice, and begins anew with each of its runs", async () => {
  const clock = manualClock(0);
  let now: MeteredWorkload = { id, startedAt: 0, usage: { cpuMs: 0, memoryBytes: 5 } };
  const meter = createUsageMeter({ workloads: { usages: async () => [now] }, clock, log: silentLog, isOn: true });
  const told: string[] = [];
  meter.onSample(({ name }) => told.push(name));
  const look = async (next: MeteredWorkload) => {
    now = next;
    await clock.advance({ seconds: 1 });
    await new Promise(setImmediate);
  };
  await look(now);
  expect(meter.of(id)).toBeUndefined();
  await look({ ...now, usage: { cpuMs: 250, memoryBytes: 6 } });
  expect(meter.of(id)).toEqual({ cpus: 0.25, memoryBytes: 6 });
  expect(told).toEqual(["i-1"]);
  await look({ ...now, startedAt: 2, usage: { cpuMs: 10, memoryBytes: 6 } });
  expect(meter.of(id)).toBeUndefined();
  meter.close();
});
