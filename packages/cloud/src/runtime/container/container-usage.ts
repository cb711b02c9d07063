import type { ContainerStats } from "dockerode";
import type { Usage } from "../usage.ts";
import { statusOf } from "./engine.ts";
import type { Engine } from "./engine.ts";

/**
 * What a container uses, as its engine counts it.
 *
 * @returns undefined if it has gone
 * @see https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerStats
 */
export async function usageOf(engine: Engine, containerId: string): Promise<Usage | undefined> {
  try {
    // `one-shot`: without waiting a second for what was used meanwhile, which is found here from look to look.
    return readStats(await engine.getContainer(containerId).stats({ stream: false, "one-shot": true }));
  } catch (error) {
    if (statusOf(error) === undefined) throw error;
    return undefined;
  }
}

const nanosecondsPerMs = 1e6;

/** Memory that the system would give away at once, such as files that were read, is not counted, as Docker itself does. */
export function readStats({ cpu_stats: cpu, memory_stats: memory }: ContainerStats): Usage {
  const cached = memory.stats?.inactive_file ?? memory.stats?.total_inactive_file ?? 0;
  return {
    cpuMs: cpu.cpu_usage.total_usage / nanosecondsPerMs,
    memoryBytes: Math.max(0, (memory.usage ?? 0) - cached),
  };
}
