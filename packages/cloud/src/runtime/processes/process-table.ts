import { execFile } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { promisify } from "node:util";

/** A process of this machine, as far as we may look into it. */
export interface SeenProcess {
  readonly pid: number;
  readonly parent: number;
  /** Its session (on macOS its process group, which is what `ps` tells there). */
  readonly session: number;
  /** The value of the variable that was asked for, in the environment that the process was started with. */
  readonly mark: string | undefined;
}

/** Lists the processes of this machine, with the value that each has for an environment variable. */
export type ProcessTable = (variable: string) => Promise<readonly SeenProcess[]>;

/** The table for a platform: /proc on Linux, `ps` elsewhere. */
export function processTable(platform: NodeJS.Platform): ProcessTable {
  return platform === "linux" ? readProc : readPs;
}

/** So many processes are looked at before others get their turn. */
const processesPerTurn = 100;

async function readProc(variable: string): Promise<readonly SeenProcess[]> {
  const seen: SeenProcess[] = [];
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  for (const [index, pid] of pids.entries()) {
    if (index % processesPerTurn === processesPerTurn - 1) await new Promise(setImmediate);
    try {
      // Synchronous: /proc answers from memory, and a trip through the thread pool takes ten times as long.
      const stat = parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
      if (stat === undefined) continue;
      seen.push({ pid: Number(pid), ...stat, mark: markIn(readEnvironment(pid), variable) });
    } catch {
      // It has ended meanwhile.
    }
  }
  return seen;
}

/** The environment that a process was started with, on Linux. */
export function readEnvironment(pid: string): Buffer {
  try {
    return readFileSync(`/proc/${pid}/environ`);
  } catch {
    // Another user's process: not ours to look into.
    return Buffer.alloc(0);
  }
}

/** Parent and session of a `/proc/PID/stat` line; undefined for a zombie, which is dead already. */
export function parseStat(line: string): { readonly parent: number; readonly session: number } | undefined {
  // The name in brackets may hold anything, brackets and spaces included.
  const [state, parent, , session] = line.slice(line.lastIndexOf(")") + 2).split(" ");
  if (state === "Z" || state === "X") return undefined;
  return { parent: Number(parent), session: Number(session) };
}

/** The value of a variable in an environment block, whose entries end in NUL. */
export function markIn(environment: Buffer, variable: string): string | undefined {
  const wanted = Buffer.from(`${variable}=`);
  for (let at = environment.indexOf(wanted); at !== -1; at = environment.indexOf(wanted, at + 1)) {
    if (at !== 0 && environment[at - 1] !== 0) continue;
    const end = environment.indexOf(0, at);
    return environment.toString("utf8", at + wanted.length, end === -1 ? undefined : end);
  }
  return undefined;
}

const run = promisify(execFile);

async function readPs(variable: string): Promise<readonly SeenProcess[]> {
  const { stdout } = await run("ps", ["-Axww", "-E", "-o", "pid=,ppid=,pgid=,stat=,command="], { maxBuffer: 2 ** 28 });
  return parsePs(stdout, variable);
}

/** Reads the lines of `ps -E -o pid=,ppid=,pgid=,stat=,command=`, where the environment follows the command. */
export function parsePs(output: string, variable: string): SeenProcess[] {
  return output.split("\n").flatMap((line) => {
    const fields = /^\s*(?<pid>\d+)\s+(?<parent>\d+)\s+(?<group>\d+)\s+(?<state>\S+)\s+(?<rest>.*)$/.exec(line)?.groups;
    if (fields === undefined || fields["state"]?.startsWith("Z")) return [];
    const { pid, parent, group, rest = "" } = fields;
    const at = rest.indexOf(` ${variable}=`);
    const mark = at === -1 ? undefined : rest.slice(at + variable.length + 2).split(" ", 1)[0];
    return [{ pid: Number(pid), parent: Number(parent), session: Number(group), mark }];
  });
}
