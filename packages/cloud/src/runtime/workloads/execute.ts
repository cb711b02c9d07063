import { randomUUID } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Millis } from "@trysail/core";
import { joinGroups } from "../processes/join-groups.ts";
import { requireCommand } from "../processes/require-command.ts";
import { signalProcess } from "../processes/signal.ts";
import type { Trees } from "../processes/trees.ts";
import type { Exit } from "../processes.ts";
import type { Job } from "../runner.ts";
import { treeIdOf } from "./records.ts";
import type { Spawner } from "./spawner.ts";

/** More than this of what a command writes is not told. */
const longestOutputBytes = 64 * 1024;

/** Runs a command in the surroundings of a workload. What it leaves behind is of the workload, and ends with it. */
export async function executeBeside(
  { spawner, trees }: { readonly spawner: Spawner; readonly trees: Trees },
  { key, program, folder, environment }: Job,
  [command = "", ...args]: readonly string[],
  { timeoutMs }: { readonly timeoutMs: Millis },
): Promise<{ readonly exit: Exit; readonly output: string }> {
  if (program.kind !== "process") throw new Error("An image is not a program of this machine.");
  requireCommand(command, program.cwd, environment["PATH"] ?? "");
  const execution = `execution-${randomUUID()}`;
  const treeId = `${treeIdOf(key)}/${execution}`;
  const output = join(folder, execution);
  try {
    const { pid, exit } = await spawner.run({
      ...joinGroups(trees.prepare(treeIdOf(key), {}), command, args),
      cwd: program.cwd,
      environment: { ...environment, ...trees.environment(treeId) },
      output,
    });
    const ended = new AbortController();
    const inTime = await Promise.race([
      exit,
      wait(timeoutMs, undefined, { signal: ended.signal, ref: false }).catch(() => undefined),
    ]);
    ended.abort();
    if (inTime !== undefined) return { exit: inTime, output: await readStart(output) };
    signalProcess(-pid, "SIGKILL");
    await trees.kill(treeId);
    return { exit: await exit, output: await readStart(output) };
  } finally {
    await rm(output, { force: true });
  }
}

async function readStart(file: string): Promise<string> {
  const handle = await open(file, "r").catch(() => undefined);
  // The workload has been removed meanwhile.
  if (handle === undefined) return "";
  try {
    const buffer = Buffer.alloc(longestOutputBytes);
    const { bytesRead } = await handle.read(buffer, 0, longestOutputBytes, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await handle.close();
  }
}
