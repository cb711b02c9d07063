import { createHash } from "node:crypto";
import { accessSync, constants, mkdirSync, readFileSync, readdirSync, rmSync, rmdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { codeOf } from "@trysail/core";
import type { Limits } from "../processes.ts";
import { groupFolders } from "./group-folders.ts";
import type { GroupFolders } from "./group-folders.ts";
import { signalProcess } from "./signal.ts";

/** What the system lets us do with control groups. */
export interface GroupAbilities {
  /** End all that is in a group at once. */
  readonly endsTrees: boolean;
  readonly limitsMemory: boolean;
  readonly limitsCpu: boolean;
}

/** Control groups of process trees. Where the system has none for us, there are no groups, and nothing is limited. */
export interface ControlGroups {
  readonly abilities: GroupAbilities;
  /** Makes the groups of a tree, or finds them. @returns the files to which its first process writes a `0` to join */
  prepare(treeId: string, limits: Limits): readonly string[];
  has(treeId: string): boolean;
  /** Ends what is in the groups of a tree, and removes them. Resolves when nothing is left. */
  kill(treeId: string): Promise<void>;
  /** Whether the system has ended something in the tree because it wanted more memory than it may have. */
  hasRunOutOfMemory(treeId: string): boolean;
  /** The trees that have groups, those of an earlier Trysail included. */
  list(): readonly string[];
}

/** What is written down of a tree, so that the next Trysail finds its groups wherever that itself is. */
interface Kept {
  readonly treeId: string;
  readonly folders: readonly string[];
}

/** Where we can make groups: what they can do there. */
interface Base {
  readonly folder: string;
  readonly version: 1 | 2;
  readonly uses: readonly ("kill" | "memory" | "cpu")[];
}

const firstLookMs = 1;
const longestLookMs = 20;

/** The period in which CPU time is shared out: the system's own default. */
const cpuPeriodMicroseconds = 100_000;

/**
 * @param records - a folder for what must be known of them after a crash
 * @see https://docs.kernel.org/admin-guide/cgroup-v1/memory.html
 */
export function openControlGroups(records: string): ControlGroups {
  mkdirSync(records, { recursive: true, mode: 0o700 });
  const bases = findBases(ownFolders());
  const recordOf = (treeId: string) => join(records, nameOf(treeId));
  const kept = new Map(
    readdirSync(records).flatMap((name): [string, Kept][] => {
      const found = parseKept(textIn(join(records, name)));
      return found === undefined ? [] : [[found.treeId, found]];
    }),
  );

  const beingEnded = new Map<string, Promise<void>>();
  const end = async ({ treeId, folders }: Kept): Promise<void> => {
    for (const folder of folders) await endGroup(folder);
    kept.delete(treeId);
    rmSync(recordOf(treeId), { force: true });
  };

  return {
    abilities: abilitiesOf(bases),
    prepare(treeId, limits) {
      const known = kept.get(treeId);
      if (known !== undefined) return known.folders.map((folder) => join(folder, "cgroup.procs"));
      const limiting = bases.filter((base) => base.uses.some((use) => isNeeded(use, limits)));
      // A group that limits also tells who is in it: another one to end them would only be one more to make and to join.
      const needed = limiting.length > 0 ? limiting : bases.filter(({ uses }) => uses.includes("kill"));
      const groups = needed.map((base) => ({
        base,
        folder: join(base.folder, `trysail-${nameOf(`${records}/${treeId}`)}`),
      }));
      if (groups.length === 0) return [];
      const record = { treeId, folders: groups.map(({ folder }) => folder) };
      writeFileSync(recordOf(treeId), JSON.stringify(record), { mode: 0o600 });
      kept.set(treeId, record);
      for (const { base, folder } of groups) {
        mkdirSync(folder, { recursive: true });
        limit(base, folder, limits);
      }
      return record.folders.map((folder) => join(folder, "cgroup.procs"));
    },
    has: (treeId) => kept.has(treeId),
    kill(treeId) {
      const found = kept.get(treeId);
      if (found === undefined) return Promise.resolve();
      // Once for all who ask meanwhile: a second look could find what has been started anew in groups of that name.
      const ending = beingEnded.get(treeId) ?? end(found).finally(() => beingEnded.delete(treeId));
      beingEnded.set(treeId, ending);
      return ending;
    },
    hasRunOutOfMemory: (treeId) =>
      (kept.get(treeId)?.folders ?? []).some((folder) =>
        ["memory.events", "memory.oom_control"].some((file) => oomKills(textIn(join(folder, file))) > 0),
      ),
    list: () => [...kept.keys()],
  };
}

/** What can be done here: found out by trying. */
export const groupAbilities = (): GroupAbilities => abilitiesOf(findBases(ownFolders()));

function abilitiesOf(bases: readonly Base[]): GroupAbilities {
  const uses = new Set(bases.flatMap((base) => base.uses));
  return { endsTrees: uses.has("kill"), limitsMemory: uses.has("memory"), limitsCpu: uses.has("cpu") };
}

/** Reads how often the system had to end something, of `memory.events` or `memory.oom_control`. */
export function oomKills(text: string): number {
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
}

/** Whether a limit needs a group. One to as many processors as there are limits nothing. */
function isNeeded(use: Base["uses"][number], { memoryMib, cpus }: Limits): boolean {
  switch (use) {
    case "kill":
      return false;
    case "memory":
      return memoryMib !== undefined;
    case "cpu":
      return cpus !== undefined && cpus < availableParallelism();
  }
}

function limit({ version, uses }: Base, folder: string, { memoryMib, cpus }: Limits): void {
  const set = (file: string, value: number | string) => writeFileSync(join(folder, file), String(value));
  // Without swap for our machine's sake: a program that has more than it may shall end, not slow down everything.
  const setSwap = (file: string, value: number | string) => {
    try {
      set(file, value);
    } catch (error) {
      // EACCES, ENOENT: this system does not account for swap.
      if (codeOf(error) !== "ENOENT" && codeOf(error) !== "EACCES") throw error;
    }
  };
  if (memoryMib !== undefined && uses.includes("memory")) {
    const bytes = Math.floor(memoryMib * 2 ** 20);
    set(version === 2 ? "memory.max" : "memory.limit_in_bytes", bytes);
    if (version === 2) setSwap("memory.swap.max", 0);
    else setSwap("memory.memsw.limit_in_bytes", bytes);
  }
  if (cpus !== undefined && isNeeded("cpu", { cpus }) && uses.includes("cpu")) {
    // The system takes no share of less than a millisecond.
    const quota = Math.max(1000, Math.round(cpus * cpuPeriodMicroseconds));
    if (version === 2) set("cpu.max", `${quota} ${cpuPeriodMicroseconds}`);
    else set("cpu.cfs_quota_us", quota);
  }
}

async function endGroup(folder: string): Promise<void> {
  for (let waitMs = firstLookMs; ; waitMs = Math.min(longestLookMs, waitMs * 2)) {
    if (removeGroup(folder)) return;
    if (!writes(join(folder, "cgroup.kill"), "1")) {
      for (const pid of textIn(join(folder, "cgroup.procs")).split("\n").filter(Boolean))
        signalProcess(Number(pid), "SIGKILL");
    }
    if (removeGroup(folder)) return;
    await wait(waitMs);
  }
}

/** Removes a group with those in it, if there is no process. @returns whether it is gone */
function removeGroup(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return true;
    if (codeOf(error) !== "EBUSY") throw error;
  }
  // EBUSY: there are processes in it, or groups that one of them has made.
  const inner = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  if (inner.length === 0 || !inner.every(({ name }) => removeGroup(join(folder, name)))) return false;
  return removeGroup(folder);
}

/** Finds out by trying: what may be written depends on user, delegation and container. */
function findBases({ unified, memory, cpu }: GroupFolders): Base[] {
  const version2 = unified === undefined ? undefined : findUnifiedBase(unified);
  const version1 = (["memory", "cpu"] as const).flatMap((use): Base[] => {
    const folder = use === "memory" ? memory : cpu;
    const file = use === "memory" ? "memory.limit_in_bytes" : "cpu.cfs_quota_us";
    if (folder === undefined || version2?.uses.includes(use) === true) return [];
    return tried(folder, [file]) === undefined ? [] : [{ folder, version: 1, uses: [use] }];
  });
  return [...(version2 === undefined ? [] : [version2]), ...version1];
}

function findUnifiedBase(own: string): Base | undefined {
  // Works for the system's first group only: one that has processes, as ours has, cannot limit those in it.
  for (const controller of ["+memory", "+cpu"]) writes(join(own, "cgroup.subtree_control"), controller);
  // Else ours are made beside it.
  const found = [own, dirname(own)].flatMap((folder): Base[] => {
    const files = tried(folder, ["cgroup.kill", "memory.max", "cpu.max"]);
    if (files === undefined) return [];
    const [kill, memory, cpu] = files;
    const uses = [kill === true && "kill", memory === true && "memory", cpu === true && "cpu"] as const;
    return [{ folder, version: 2, uses: uses.filter((use) => use !== false) }];
  });
  return found.find(({ uses }) => uses.includes("memory")) ?? found[0];
}

/** Makes a group to see which files it has. Undefined if it cannot be made or entered, or has none of them. */
function tried(folder: string, files: readonly string[]): boolean[] | undefined {
  const trial = join(folder, `trysail-trial-${process.pid}`);
  // To move a process needs write access to where it goes, and to the next group above both places.
  if (!canWrite(join(folder, "cgroup.procs"))) return undefined;
  try {
    mkdirSync(trial);
  } catch {
    return undefined;
  }
  try {
    const all = new Set(readdirSync(trial));
    const found = files.map((file) => all.has(file));
    return canWrite(join(trial, "cgroup.procs")) && found.includes(true) ? found : undefined;
  } finally {
    rmdirSync(trial);
  }
}

function ownFolders(): GroupFolders {
  return groupFolders(textIn("/proc/self/mountinfo"), textIn("/proc/self/cgroup"));
}

function nameOf(treeId: string): string {
  return createHash("sha256").update(treeId).digest("hex").slice(0, 24);
}

function parseKept(text: string): Kept | undefined {
  // Empty if we were killed while it was written: there are no groups then.
  return text === "" ? undefined : (JSON.parse(text) as Kept);
}

function canWrite(file: string): boolean {
  try {
    accessSync(file, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function writes(file: string, text: string): boolean {
  try {
    writeFileSync(file, text);
    return true;
  } catch {
    return false;
  }
}

function textIn(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
