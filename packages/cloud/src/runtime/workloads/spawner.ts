import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { codeOf } from "@trysail/core";
import type { Exit } from "../processes.ts";

/** A process to start, the leader of a session of its own. */
export interface SpawnSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Both its streams are appended to it. */
  readonly output: string;
  /** A named pipe that is made anew, and held open by the process as its file descriptor 3. */
  readonly life?: string;
}

interface Reply {
  readonly id: number;
  readonly pid?: number;
  readonly exit?: Exit;
  readonly error?: { readonly code?: string; readonly message: string };
}

/** The small process that starts others. It is itself started at the first need, and again if it has died. */
export interface Spawner {
  /**
   * Resolves when the process is there.
   *
   * @throws the system's error, or one with the code `spawner-died`: then nobody knows whether it is there
   */
  start(spec: SpawnSpec): Promise<{ readonly pid: number }>;
  /** Runs a process to its end. */
  run(spec: SpawnSpec): Promise<{ readonly pid: number; readonly exit: Promise<Exit> }>;
  /** What was started goes on. */
  close(): void;
}

interface Waiting {
  readonly started: (pid: number) => void;
  readonly failed: (error: Error) => void;
  readonly ended?: (exit: Exit) => void;
}

/** @param spareFolder - a folder of the spawner's own, in the file system of what it starts */
export function createSpawner(spareFolder: string): Spawner {
  let child: ChildProcess | undefined;
  let lastId = 0;
  const waiting = new Map<number, Waiting>();

  const died = (dead: ChildProcess) => {
    if (child !== dead) return;
    child = undefined;
    const lost = [...waiting.values()];
    waiting.clear();
    for (const { failed, ended } of lost) {
      failed(Object.assign(new Error("The process that starts workloads has died."), { code: "spawner-died" }));
      ended?.({});
    }
  };

  const take = ({ id, pid, exit, error }: Reply) => {
    const asked = waiting.get(id);
    if (asked === undefined) return;
    if (error !== undefined) asked.failed(Object.assign(new Error(error.message), { code: error.code }));
    if (pid !== undefined) asked.started(pid);
    if (exit !== undefined) asked.ended?.(exit);
    if (error !== undefined || exit !== undefined || asked.ended === undefined) waiting.delete(id);
  };

  const forked = (): ChildProcess => {
    if (child !== undefined) return child;
    const started = fork(fileURLToPath(new URL("./spawner.mjs", import.meta.url)), [spareFolder], {
      // A session of its own: Ctrl-C is for Trysail alone, which still needs it to stop in order.
      detached: true,
      execArgv: [],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    started.on("message", (reply) => take(reply as Reply));
    started.once("error", () => died(started));
    started.once("exit", () => died(started));
    started.unref();
    started.channel?.unref();
    child = started;
    return started;
  };

  const ask = (spec: SpawnSpec, ended?: (exit: Exit) => void): Promise<{ readonly pid: number }> =>
    new Promise((resolve, reject) => {
      lastId += 1;
      const id = lastId;
      waiting.set(id, {
        started: (pid) => resolve({ pid }),
        failed: reject,
        ...(ended === undefined ? {} : { ended }),
      });
      const target = forked();
      target.send({ id, ...spec, tellsExit: ended !== undefined }, (error) => {
        // The channel has broken; its end is told of by "exit", unless it could not be forked at all.
        if (error !== null && codeOf(error) !== undefined) died(target);
      });
    });

  return {
    start: (spec) => ask(spec),
    async run(spec) {
      let ended = (_exit: Exit) => {};
      const exit = new Promise<Exit>((resolve) => {
        ended = resolve;
      });
      const { pid } = await ask(spec, ended);
      return { pid, exit };
    },
    close() {
      const last = child;
      child = undefined;
      if (last?.connected === true) last.disconnect();
    },
  };
}
