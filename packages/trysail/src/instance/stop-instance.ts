import { setTimeout as wait } from "node:timers/promises";
import { codeOf } from "@trysail/core";
import { isRunning } from "./instance.ts";
import type { Instance } from "./instance.ts";

/** How often a process that was asked to stop is looked at: it is no child of ours, so nothing tells of its end. */
const lookMs = 20;

/** Longer than this, ending builds and closing files does not take. */
const patienceMs = 30_000;

/**
 * Asks a Trysail to stop, and waits until it is gone. One that does not stop in time is killed: its data is safe, as
 * after any crash.
 */
export async function stopInstance(instance: Instance): Promise<{ readonly killed: boolean }> {
  signal(instance.pid, "SIGTERM");
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += lookMs) {
    if (!isRunning(instance)) return { killed: false };
    await wait(lookMs);
  }
  signal(instance.pid, "SIGKILL");
  while (isRunning(instance)) await wait(lookMs);
  return { killed: true };
}

function signal(pid: number, name: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (codeOf(error) !== "ESRCH") throw error;
  }
}
