import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { codeOf } from "@trysail/core";
import type { Exit, ProcessSpec, Processes, RunningProcess } from "./processes.ts";
import { joinGroups } from "./processes/join-groups.ts";
import { requireCommand } from "./processes/require-command.ts";
import { openTrees } from "./processes/trees.ts";
import type { Trees } from "./processes/trees.ts";

/**
 * Processes of this machine. Each is the leader of a session of its own, and carries the mark of its tree.
 *
 * @param options.isSpared - tells trees that no one else may end: what was adopted
 */
export async function openProcesses({
  dataFolder,
  trees: givenTrees,
  isSpared = () => false,
}: {
  readonly dataFolder: string;
  readonly trees?: Trees;
  readonly isSpared?: (treeId: string) => boolean;
}): Promise<Processes> {
  const trees = givenTrees ?? (await openTrees(dataFolder));
  const own = new Set<string>();

  return {
    async start(spec) {
      own.add(spec.treeId);
      const joins = spec.limits === undefined ? [] : trees.prepare(spec.treeId, spec.limits);
      // A shell that is there would hide that the command is not.
      if (joins.length > 0) requireCommand(spec.command, spec.cwd, spec.environment["PATH"] ?? "");
      const { command, args } = joinGroups(joins, spec.command, spec.args);
      const child = spawn(command, [...args], {
        cwd: spec.cwd,
        env: { ...spec.environment, ...trees.environment(spec.treeId) },
        detached: true,
        stdio: [spec.hasInput === true ? "pipe" : "ignore", "pipe", "pipe"],
      });
      const exited = exitOf(child, spec).then((exit) =>
        trees.hasRunOutOfMemory(spec.treeId) ? { ...exit, outOfMemory: true as const } : exit,
      );
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
      await trees.kill(treeId);
      own.delete(treeId);
    },

    reapLeftovers: () => trees.killOthers((treeId) => own.has(treeId) || isSpared(treeId)),
  };
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
    requireCommand(spec.command, spec.cwd, spec.environment["PATH"] ?? "");
    throw error;
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
