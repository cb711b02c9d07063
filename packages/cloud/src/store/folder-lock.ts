import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TrysailError, codeOf } from "@trysail/core";

/** Who holds a folder. Pids are used again: the process's start tells one from the next. */
interface Holder {
  readonly pid: number;
  readonly startedAt: string;
  /** Tells two attempts of one process apart. */
  readonly token: string;
}

/** When a process began, as its system tells it, and in which boot; undefined if there is no such process. */
function startOf(pid: number): string | undefined {
  try {
    if (process.platform === "linux") {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (fields[0] === "Z" || fields[0] === "X") return undefined;
      return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}/${fields[19]}`;
    }
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || undefined;
  } catch {
    return undefined;
  }
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Holder;
  } catch (error) {
    if (codeOf(error) === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * Takes a folder for this process. A lock whose process is dead, by SIGKILL or by a reboot, is taken over.
 *
 * @returns the way to give it back
 * @throws TrysailError `data-in-use` (fault: user) with the pid that has it
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, "lock");
  const inUse = (pid: number) =>
    new TrysailError("data-in-use", `The data folder ${folder} is in use by the Trysail with pid ${pid}.`, {
      fault: "user",
      next: "Stop that one with `trysail down`, or give this one another folder with --data.",
      exitCode: 5,
    });
  const before = await readHolder(file);
  if (before !== undefined && startOf(before.pid) === before.startedAt) throw inUse(before.pid);
  const own: Holder = { pid: process.pid, startedAt: startOf(process.pid) ?? "", token: randomUUID() };
  const draft = `${file}.${own.token}`;
  await writeFile(draft, JSON.stringify(own));
  await rename(draft, file);
  // Two that start at the same moment may both have found it free: the last to write has it.
  const holder = await readHolder(file);
  if (holder?.token !== own.token) throw inUse(holder?.pid ?? 0);
  return async () => {
    if ((await readHolder(file))?.token === own.token) await rm(file, { force: true });
  };
}
