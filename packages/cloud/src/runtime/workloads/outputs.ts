import { execFile } from "node:child_process";
import { watch } from "node:fs";
import type { FSWatcher } from "node:fs";

/** What was written within this time is told of at once: a program may write a thousand times in it. */
const gatherMs = 5;

/** The disk space of what is not needed any more is given back in pieces of this size. */
const releasedPieceBytes = 64 * 2 ** 20;

/** Tells of what is written to the files of one folder. */
export interface Outputs {
  /** Calls `listener` with the names of files that have grown. Returns the way to unsubscribe. */
  onOutput(listener: (name: string) => void): () => void;
  /**
   * Gives back the disk space of a file's beginning. The file keeps its length, so that all that was said of places in it
   * holds; where the system cannot do that, nothing happens.
   */
  release(name: string, upToBytes: number): void;
  forget(name: string): void;
  close(): void;
}

/** One watch for all files, however many there are. */
export function watchOutputs(folder: string, fileOf: (name: string) => string): Outputs {
  const listeners = new Set<(name: string) => void>();
  const released = new Map<string, number>();
  const grown = new Set<string>();
  let watcher: FSWatcher | undefined;
  let gathering: NodeJS.Timeout | undefined;

  const tellAll = () => {
    gathering = undefined;
    const names = [...grown];
    grown.clear();
    for (const name of names) for (const listener of listeners) listener(name);
  };
  const note = (name: string | null) => {
    if (name === null) return;
    grown.add(name);
    gathering ??= setTimeout(tellAll, gatherMs).unref();
  };

  return {
    onOutput(listener) {
      listeners.add(listener);
      watcher ??= watch(folder, { persistent: false }, (_event, name) => note(name));
      return () => void listeners.delete(listener);
    },
    release(name, upToBytes) {
      const before = released.get(name) ?? 0;
      if (upToBytes - before < releasedPieceBytes) return;
      released.set(name, upToBytes);
      // Those before are given back once more: after a start it is not known how far that had come.
      const args = ["--punch-hole", "--offset", "0", "--length", String(upToBytes), fileOf(name)];
      execFile("fallocate", args, () => {});
    },
    forget: (name) => void released.delete(name),
    close() {
      watcher?.close();
      clearTimeout(gathering);
    },
  };
}
