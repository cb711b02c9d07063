import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { realpath, stat } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { TrysailError, codeOf } from "@trysail/core";
import type { Exit, ProcessSpec, Processes, RunningProcess } from "./processes.ts";
import { processTable } from "./processes/process-table.ts";
import { treeOf } from "./processes/tree.ts";

/** Every tree's variable begins with this; what follows names the data folder. */
export const markPrefix = "TRYSAIL_TREE_";

/** Killed processes take a moment to go: looked for again after this, doubled each time up to the longest. */
const firstLookMs = 1;
const longestLookMs = 50;

/** The variable that marks processes of this data folder. Its value is their tree's id. */
export async function treeVariable(dataFolder: string): Promise<string> {
  const path = await realpath(dataFolder);
  return `${markPrefix}${createHash("sha256").update(path).digest("hex").slice(0, 16)}`;
}

/**
 * Processes of this machine. Each is the leader of a session of its own, and its environment carries a variable that is
 * named for the data folder and holds the tree's id: whatever it starts inherits that, wherever it moves to.
 */
export async function openProcesses({ dataFolder }: { readonly dataFolder: string }): Promise<Processes> {
  const variable = await treeVariable(dataFolder);
  const table = processTable(process.platform);
  const own = new Set<string>();
  // A Trysail that itself runs in a tree of another Trysail leaves its processes in that tree.
  const outerMarks = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name.startsWith(markPrefix) && name !== variable),
  );

  const kill = async (isMarked: (mark: string) => boolean): Promise<void> => {
    for (let waitMs = firstLookMs; ; waitMs = Math.min(longestLookMs, waitMs * 2)) {
      const pids = treeOf(await table(variable), isMarked, process.pid);
      if (pids.length === 0) return;
      for (const pid of pids) endProcess(pid);
      await wait(waitMs);
    }
  };

  return {
    async start(spec) {
      own.add(spec.treeId);
      const child = spawn(spec.command, [...spec.args], {
        cwd: spec.cwd,
        env: { ...outerMarks, ...spec.environment, [variable]: spec.treeId },
        detached: true,
        stdio: [spec.hasInput === true ? "pipe" : "ignore", "pipe", "pipe"],
      });
      const exited = exitOf(child, spec);
      await started(child, spec);
      const { pid = 0, stdin } = child;
      // A process may end, or close its input, before it has read everything.
      stdin?.on("error", () => {});
      return {
        pid,
        exited,
        write: (text) => void (stdin?.writable === true && stdin.write(text)),
      } satisfies RunningProcess;
    },

    async killTree(treeId) {
      await kill((mark) => mark === treeId);
      own.delete(treeId);
    },

    async reapLeftovers() {
      const isLeftover = (mark: string) => !own.has(mark);
      const marks = (await table(variable)).flatMap(({ mark }) =>
        mark !== undefined && isLeftover(mark) ? [mark] : [],
      );
      await kill(isLeftover);
      return [...new Set(marks)];
    },
  };
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    // ESRCH: it has ended meanwhile.
    if (codeOf(error) !== "ESRCH") throw error;
  }
}

/** Resolves when the process runs. */
async function started(child: ChildProcess, spec: ProcessSpec): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
  } catch (error) {
    const code = codeOf(error);
    if (code !== "ENOENT" && code !== "EACCES" && code !== "ENOTDIR") throw error;
    const folder = await stat(spec.cwd).catch(() => undefined);
    if (folder?.isDirectory() !== true) {
      throw new TrysailError("folder-not-found", `There is no folder ${spec.cwd} to run ${spec.command} in.`, {
        fault: "user",
        cause: error,
      });
    }
    throw new TrysailError("command-not-found", `There is no command "${spec.command}" on this machine's PATH.`, {
      fault: "user",
      next: `Install it, or give the PATH that leads to it.`,
      cause: error,
    });
  }
}

/**
 * Resolves when the process has ended and what it wrote has been read. Its own children may hold the pipes open, so the
 * end of the streams is not waited for: what the process wrote is in the pipes when it ends, and a turn of the event
 * loop that brings nothing more has found them empty.
 */
async function exitOf(child: ChildProcess, { onOutput }: ProcessSpec): Promise<Exit> {
  const seen = { chunks: 0, closed: false };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      seen.chunks += 1;
      onOutput?.(chunk);
    });
    stream?.on("error", () => {});
  }
  child.once("close", () => {
    seen.closed = true;
  });
  const exit = await new Promise<Exit>((resolve) => {
    child.once("error", () => resolve({}));
    child.once("exit", (code, signal) => resolve(signal === null ? { code: code ?? 0 } : { signal }));
  });
  for (let quietTurns = 0; quietTurns < 2 && !seen.closed;) {
    const before = seen.chunks;
    await new Promise(setImmediate);
    quietTurns = seen.chunks === before ? quietTurns + 1 : 0;
  }
  return exit;
}
