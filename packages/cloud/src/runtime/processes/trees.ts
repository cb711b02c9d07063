import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import type { Limits } from "../processes.ts";
import { openControlGroups } from "./control-groups.ts";
import type { GroupAbilities } from "./control-groups.ts";
import { join } from "node:path";
import { processTable } from "./process-table.ts";
import type { ProcessTable } from "./process-table.ts";
import { signalProcess } from "./signal.ts";
import { lookAtUsages } from "./tree-usage.ts";
import type { LookAtUsages } from "./tree-usage.ts";
import { treeOf } from "./tree.ts";

/** Every tree's variable begins with this; what follows names the data folder. */
export const markPrefix = "TRYSAIL_TREE_";

/** Killed processes take a moment to go: looked for again after this, doubled each time up to the longest. */
const firstLookMs = 1;
const longestLookMs = 50;

/** The variable that marks processes of this data folder. Its value is their tree's id. */
export async function treeVariable(dataFolder: string): Promise<string> {
  return `${markPrefix}${await folderMarkOf(dataFolder)}`;
}

/** What names the data folder among all of this machine. */
export async function folderMarkOf(dataFolder: string): Promise<string> {
  const path = await realpath(dataFolder);
  return createHash("sha256").update(path).digest("hex").slice(0, 16);
}

/**
 * The process trees of one data folder. Whatever a process starts inherits its environment, and with it the mark of its
 * tree, wherever it moves to.
 *
 * A tree whose id is that of another one, a slash and more is a part of it, and ends with it.
 */
export interface Trees {
  /** What marks a process as of that tree. */
  environment(treeId: string): Record<string, string>;
  /**
   * Sets limits for a tree before its first process starts, and makes its end cheap, as far as the system lets us.
   *
   * @returns the files to which that process writes a `0` before it does anything else
   */
  prepare(treeId: string, limits: Limits): readonly string[];
  /** Whether something of the tree was ended because it wanted more memory than it may have. Known until it is killed. */
  hasRunOutOfMemory(treeId: string): boolean;
  readonly abilities: GroupAbilities;
  /** What trees use now. */
  readonly usages: LookAtUsages;
  /** Ends all that is of the tree. Resolves when nothing of it is left. */
  kill(treeId: string): Promise<void>;
  /** Ends all trees but those for which `isSpared` says so. @returns the ids of those that were there */
  killOthers(isSpared: (treeId: string) => boolean): Promise<readonly string[]>;
}

export async function openTrees(
  dataFolder: string,
  table: ProcessTable = processTable(process.platform),
): Promise<Trees> {
  const variable = await treeVariable(dataFolder);
  // A Trysail that itself runs in a tree of another Trysail leaves its processes in that tree.
  const outerMarks = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value = ""]) =>
      name.startsWith(markPrefix) && name !== variable ? [[name, value]] : [],
    ),
  );

  const groups = openControlGroups(join(dataFolder, "groups"));

  const kill = async (isMarked: (mark: string) => boolean): Promise<void> => {
    for (let waitMs = firstLookMs; ; waitMs = Math.min(longestLookMs, waitMs * 2)) {
      const pids = treeOf(await table(variable), isMarked, process.pid);
      if (pids.length === 0) return;
      for (const pid of pids) signalProcess(pid, "SIGKILL");
      await wait(waitMs);
    }
  };

  // Looking through all processes costs more than anything else here: those that are asked for while one look is under
  // way share the next one.
  let waiting = new Set<string>();
  let next: Promise<void> | undefined;
  let current: Promise<unknown> = Promise.resolve();

  return {
    environment: (treeId) => ({ ...outerMarks, [variable]: treeId }),

    prepare: (treeId, limits) => groups.prepare(treeId, limits),
    hasRunOutOfMemory: (treeId) => groups.hasRunOutOfMemory(treeId),
    abilities: groups.abilities,
    usages: lookAtUsages(process.platform, variable),

    kill(treeId) {
      // No one leaves a group, so nobody has to be looked for.
      if (groups.has(treeId)) return groups.kill(treeId);
      waiting.add(treeId);
      next ??= current.then(() => {
        const ids = waiting;
        waiting = new Set();
        next = undefined;
        const killed = kill((mark) => isPartOfOne(ids, mark));
        current = killed.catch(() => {});
        return killed;
      });
      return next;
    },

    async killOthers(isSpared) {
      const isOther = (mark: string) => !isSpared(mark);
      const marks = (await table(variable)).flatMap(({ mark }) => (mark !== undefined && isOther(mark) ? [mark] : []));
      for (const treeId of groups.list()) if (isOther(treeId)) await groups.kill(treeId);
      if (marks.length > 0) await kill(isOther);
      return [...new Set(marks)];
    },
  };
}

/** Whether a mark is one of the trees', or of a part of one. */
export function isPartOfOne(treeIds: ReadonlySet<string>, mark: string): boolean {
  for (let end = mark.length; end > 0; end = mark.lastIndexOf("/", end - 1)) {
    if (treeIds.has(mark.slice(0, end))) return true;
  }
  return false;
}
