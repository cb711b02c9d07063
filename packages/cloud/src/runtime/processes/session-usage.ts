import { execFile } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { promisify } from "node:util";
import type { Usage } from "../usage.ts";

/** What the processes of each session of this machine use together. */
export type SessionUsages = ReadonlyMap<number, Usage>;

/** Looks at the processes of this machine: in /proc on Linux, with `ps` elsewhere. */
export function sessionUsages(platform: NodeJS.Platform): Promise<SessionUsages> {
  return platform === "linux" ? readProc() : readPs();
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

async function readProc(): Promise<SessionUsages> {
  const seen: { session: number; usage: Usage }[] = [];
  const page = (pageBytes ??= sizeOfPage());
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  for (const [index, pid] of pids.entries()) {
    if (index % processesPerTurn === processesPerTurn - 1) await new Promise(setImmediate);
    try {
      // Synchronous: /proc answers from memory, and a trip through the thread pool takes ten times as long.
      seen.push(parseUsage(readFileSync(`/proc/${pid}/stat`, "utf8"), page));
    } catch {
      // It has ended meanwhile.
    }
  }
  return bySession(seen);
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

async function readPs(): Promise<SessionUsages> {
  const { stdout } = await run("ps", ["-Ao", "pgid=,time=,rss="], { maxBuffer: 2 ** 26 });
  return parsePsUsage(stdout);
}

/** Reads the lines of `ps -Ao pgid=,time=,rss=`, which tells times as `1:02:03.45` and memory in KiB. */
export function parsePsUsage(output: string): SessionUsages {
  const seen = output.split("\n").flatMap((line) => {
    const [, group, time = "", kib] = /^\s*(\d+)\s+([\d:.]+)\s+(\d+)\s*$/.exec(line) ?? [];
    if (group === undefined) return [];
    const seconds = time.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
    return [{ session: Number(group), usage: { cpuMs: seconds * 1000, memoryBytes: Number(kib) * 1024 } }];
  });
  return bySession(seen);
}

function bySession(seen: readonly { readonly session: number; readonly usage: Usage }[]): SessionUsages {
  const sums = new Map<number, Usage>();
  for (const { session, usage } of seen) {
    const { cpuMs, memoryBytes } = sums.get(session) ?? { cpuMs: 0, memoryBytes: 0 };
    sums.set(session, { cpuMs: cpuMs + usage.cpuMs, memoryBytes: memoryBytes + usage.memoryBytes });
  }
  return sums;
}
