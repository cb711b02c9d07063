import { execFile } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { promisify } from "node:util";
import type { Usage } from "../usage.ts";
import { markIn, readEnvironment } from "./process-table.ts";

/** What the processes of this machine use. */
export interface TreeUsages {
  /** Of a tree, or else of the session that it began with. Undefined if nothing of either is there. */
  of(treeId: string, session: number): Usage | undefined;
}

/** Looks at the processes of this machine: in /proc on Linux, with `ps` elsewhere. */
export type LookAtUsages = () => Promise<TreeUsages>;

/** @param variable - what marks the processes of a tree */
export function lookAtUsages(platform: NodeJS.Platform, variable: string): LookAtUsages {
  return platform === "linux" ? lookAtProc(variable) : readPs;
}

/** Linux tells times in hundredths of a second, whatever its own ticks are. */
const msPerTick = 10;
/** So many processes are looked at before others get their turn. */
const processesPerTurn = 100;

let pageBytes: number | undefined;

/** The size of a page of memory, which no file tells: from what this process uses, told in both ways. */
function sizeOfPage(): number {
  const pages = Number(readFileSync("/proc/self/statm", "utf8").split(" ")[1]);
  return 2 ** Math.round(Math.log2(process.memoryUsage.rss() / pages));
}

interface SeenSession {
  readonly mark: string | undefined;
  /** Seen twice. A session is begun before its program is there, whose environment tells: the first look may come between. */
  readonly isSettled: boolean;
}

/** The mark of each session is kept as long as it is there: reading an environment costs more than all else. */
function lookAtProc(variable: string): LookAtUsages {
  let before: ReadonlyMap<number, SeenSession> = new Map();
  return async () => {
    const seen: SeenUsage[] = [];
    const now = new Map<number, SeenSession>();
    const page = (pageBytes ??= sizeOfPage());
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    for (const [index, pid] of pids.entries()) {
      if (index % processesPerTurn === processesPerTurn - 1) await new Promise(setImmediate);
      try {
        // Synchronous: /proc answers from memory, and a trip through the thread pool takes ten times as long.
        const { session, usage } = parseUsage(readFileSync(`/proc/${pid}/stat`, "utf8"), page);
        const last = before.get(session);
        const one =
          now.get(session) ??
          (last?.isSettled === true
            ? last
            : { mark: markIn(readEnvironment(pid), variable), isSettled: last !== undefined });
        now.set(session, one);
        seen.push({ session, mark: one.mark, usage });
      } catch {
        // It has ended meanwhile.
      }
    }
    before = now;
    return sumUp(seen);
  };
}

/**
 * What a line of `/proc/PID/stat` tells. The times of children that have ended are their parent's.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
export function parseUsage(line: string, page: number): { readonly session: number; readonly usage: Usage } {
  // The name in brackets may hold anything, brackets and spaces included.
  const fields = line
    .slice(line.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const [session = 0, user = 0, system = 0, ofChildren = 0, ofTheirSystem = 0, pages = 0] = [3, 11, 12, 13, 14, 21].map(
    (index) => fields[index],
  );
  const cpuMs = (user + system + ofChildren + ofTheirSystem) * msPerTick;
  return { session, usage: { cpuMs, memoryBytes: pages * page } };
}

const run = promisify(execFile);

async function readPs(): Promise<TreeUsages> {
  const { stdout } = await run("ps", ["-Ao", "pgid=,time=,rss="], { maxBuffer: 2 ** 26 });
  return parsePsUsage(stdout);
}

/** Reads the lines of `ps -Ao pgid=,time=,rss=`, which tells times as `1:02:03.45` and memory in KiB. */
export function parsePsUsage(output: string): TreeUsages {
  const seen = output.split("\n").flatMap((line) => {
    const [, group, time = "", kib] = /^\s*(\d+)\s+([\d:.]+)\s+(\d+)\s*$/.exec(line) ?? [];
    if (group === undefined) return [];
    const seconds = time.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
    return [
      { session: Number(group), mark: undefined, usage: { cpuMs: seconds * 1000, memoryBytes: Number(kib) * 1024 } },
    ];
  });
  return sumUp(seen);
}

/** A process, with the mark of its session. */
interface SeenUsage {
  readonly session: number;
  readonly mark: string | undefined;
  readonly usage: Usage;
}

/** What a tree's part uses counts for the tree, and so does a session that one of its processes has begun. */
export function sumUp(seen: readonly SeenUsage[]): TreeUsages {
  const sums = new Map<number | string, Usage>();
  const add = (key: number | string, usage: Usage) => {
    const { cpuMs, memoryBytes } = sums.get(key) ?? { cpuMs: 0, memoryBytes: 0 };
    sums.set(key, { cpuMs: cpuMs + usage.cpuMs, memoryBytes: memoryBytes + usage.memoryBytes });
  };
  for (const { session, mark = "", usage } of seen) {
    add(session, usage);
    for (let end = mark.length; end > 0; end = mark.lastIndexOf("/", end - 1)) add(mark.slice(0, end), usage);
  }
  return { of: (treeId, session) => sums.get(treeId) ?? sums.get(session) };
}
