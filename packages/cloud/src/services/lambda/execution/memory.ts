import { readFileSync } from "node:fs";

/** The most that a process has had in memory, as the system tells of it; undefined where it does not. */
export function peakMemoryMib(pid: number): number | undefined {
  try {
    // Synchronous: /proc answers from memory, and a trip through the thread pool takes ten times as long.
    const peak = /^VmHWM:\s+(?<kib>\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.groups?.["kib"];
    return peak === undefined ? undefined : Math.round(Number(peak) / 1024);
  } catch {
    return undefined;
  }
}
