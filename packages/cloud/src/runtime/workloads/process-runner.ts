import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "@trysail/core";
import { requireCommand } from "../processes/require-command.ts";
import { signalProcess } from "../processes/signal.ts";
import type { Trees } from "../processes/trees.ts";
import type { Ended, Job, Runner, Running } from "../runner.ts";
import { executeBeside } from "./execute.ts";
import { watchLife } from "./life.ts";
import type { Life } from "./life.ts";
import { treeIdOf } from "./records.ts";
import { parseExit, shimmed } from "./shim.ts";
import type { Spawner } from "./spawner.ts";

interface Deps {
  readonly trees: Trees;
  readonly spawner: Spawner;
}

/** Runs workloads as processes of this machine, each below a shim that outlives Trysail. */
export function processRunner(deps: Deps): Runner {
  const { spawner, trees } = deps;
  return {
    runsAs: "process",

    async start(job) {
      const { program, environment, folder, key, limits } = job;
      if (program.kind !== "process") throw new Error("An image is not a program of this machine.");
      requireCommand(program.command, program.cwd, environment["PATH"] ?? "");
      for (const file of ["pid", "exit"]) rmSync(join(folder, file), { force: true });
      const marked = { ...environment, ...trees.environment(treeIdOf(key)) };
      const spec = {
        ...shimmed({
          folder,
          joins: trees.prepare(treeIdOf(key), limits),
          command: program.command,
          args: program.args,
          environment: marked,
        }),
        cwd: program.cwd,
        environment: marked,
        output: job.outputFile,
        life: lifeOf(folder),
      };
      try {
        await spawner.start(spec);
      } catch (error) {
        if (codeOf(error) !== "spawner-died") throw error;
        // It may have been started before the spawner died.
        await trees.kill(treeIdOf(key));
        trees.prepare(treeIdOf(key), limits);
        await spawner.start(spec);
      }
      const life = watchLife(lifeOf(folder));
      const started = await life?.started;
      return running(deps, job, life, started?.program);
    },

    async adopt(job) {
      const life = watchLife(lifeOf(job.folder));
      if (life === undefined) return endedMeanwhile(job, trees);
      return running(deps, job, life, pidOf(job.folder));
    },
  };
}

const lifeOf = (folder: string): string => join(folder, "life");

function running(deps: Deps, job: Job, life: Life | undefined, pid: number | undefined): Running {
  const { trees } = deps;
  let hasEnded = life === undefined;
  /** The leader of its session. */
  const shim = shimOf(job.folder);
  const ended = (async (): Promise<Ended> => {
    await life?.ended;
    hasEnded = true;
    // What has cleared its environment is still in the group of the shim, whose process id is not used again meanwhile.
    if (shim !== undefined) signalProcess(-shim, "SIGKILL");
    return { exit: exitOf(job.folder), outOfMemory: trees.hasRunOutOfMemory(treeIdOf(job.key)) };
  })();
  return {
    pid,
    ended,
    signal(signal) {
      // Its process id is its own until its shim has taken note of its end.
      if (!hasEnded && pid !== undefined) signalProcess(pid, signal);
    },
    kill: () => trees.kill(treeIdOf(job.key)),
    execute: (command, options) => executeBeside(deps, job, command, options),
    usage: (used) => Promise.resolve(shim === undefined ? undefined : used.of(treeIdOf(job.key), shim)),
    release: () => life?.release(),
  };
}

/** How it ended while no one was watching; undefined if its shim was ended too. */
function endedMeanwhile({ folder, key }: Job, trees: Trees): Ended | undefined {
  const written = statSync(join(folder, "exit"), { throwIfNoEntry: false });
  if (written === undefined || written.size === 0) return undefined;
  return {
    exit: exitOf(folder),
    endedAt: Math.floor(written.mtimeMs),
    outOfMemory: trees.hasRunOutOfMemory(treeIdOf(key)),
  };
}

function exitOf(folder: string) {
  return parseExit(readOr(join(folder, "exit"), ""));
}

function shimOf(folder: string): number | undefined {
  return numbersIn(folder)[0];
}

function pidOf(folder: string): number | undefined {
  return numbersIn(folder)[1];
}

function numbersIn(folder: string): (number | undefined)[] {
  const [, shim, program] = /^(\d+) (\d+)\n$/.exec(readOr(join(folder, "pid"), "")) ?? [];
  return [shim, program].map((text) => (text === undefined ? undefined : Number(text)));
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return otherwise;
    throw error;
  }
}
