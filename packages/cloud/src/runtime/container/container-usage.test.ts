import type { ContainerStats } from "dockerode";
import { expect, it } from "vitest";
import { readStats } from "./container-usage.ts";

it("counts a container's memory without the files that its system keeps for it, on either version of control groups", () => {
  const stats = (memory: object) =>
    ({ cpu_stats: { cpu_usage: { total_usage: 2_500_000_000 } }, memory_stats: memory }) as unknown as ContainerStats;
  expect(readStats(stats({ usage: 100, stats: { inactive_file: 40 } }))).toEqual({ cpuMs: 2500, memoryBytes: 60 });
  expect(readStats(stats({ usage: 100, stats: { total_inactive_file: 30 } })).memoryBytes).toBe(70);
  expect(readStats(stats({})).memoryBytes).toBe(0);
});
