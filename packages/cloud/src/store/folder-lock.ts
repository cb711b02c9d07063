import { randomUUID } from "node:crypto";
import { link, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TrysailError, codeOf, processStart } from "@trysail/core";

/** Who holds a folder. Pids are used again: the process's start tells one from the next. */
interface Holder {
  readonly pid: number;
  readonly startedAt: string;
  /** Tells two attempts of one process apart. */
  readonly token: string;
}

/** A lock's file. Its number only makes two that take over the same dead lock choose the same name. */
interface Lock {
  readonly path: string;
  readonly number: number;
  /** Undefined where a power cut left nothing of the content. */
  readonly holder: Holder | undefined;
}

function isAlive({ pid, startedAt }: Holder): boolean {
  const start = processStart(pid);
  if (start !== undefined && startedAt !== "") return start === startedAt;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
}

async function holderIn(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Holder;
  } catch (error) {
    if (codeOf(error) === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function locksIn(folder: string): Promise<readonly Lock[]> {
  const names = (await readdir(folder)).filter((name) => /^lock\.\d+$/.test(name));
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return { path, number: Number(name.slice("lock.".length)), holder: await holderIn(path) };
    }),
  );
}

/**
 * Takes a folder for this process. A lock whose process is dead, by SIGKILL or by a reboot, is taken over.
 *
 * Looking before the taking makes it fair: of many that start at once, one gets the name. Looking again after it makes
 * it safe: of any two that took a lock, the later one sees the other's, whose file nobody deletes while it lives.
 *
 * @returns the way to give it back
 * @throws TrysailError `data-in-use` (fault: user) with the pid that has it
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const own: Holder = { pid: process.pid, startedAt: processStart(process.pid) ?? "", token: randomUUID() };
  const refuseIfTaken = (locks: readonly Lock[]) => {
    const holder = locks
      .map((lock) => lock.holder)
      .find((other) => other !== undefined && other.token !== own.token && isAlive(other));
    if (holder === undefined) return;
    throw new TrysailError(
      "data-in-use",
      `The data folder ${folder} is in use by the Trysail with pid ${holder.pid}.`,
      {
        fault: "user",
        next: "Stop that one with `trysail down`, or give this one another folder with --data.",
        exitCode: 5,
      },
    );
  };

  // Linked, not written, into place: a lock never shows without its content.
  const draft = join(folder, `lock.draft-${own.token}`);
  await writeFile(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    for (;;) {
      const before = await locksIn(folder);
      refuseIfTaken(before);
      const path = join(folder, `lock.${1 + Math.max(0, ...before.map(({ number }) => number))}`);
      try {
        await link(draft, path);
      } catch (error) {
        if (codeOf(error) === "EEXIST") continue;
        throw error;
      }
      const after = await locksIn(folder);
      try {
        refuseIfTaken(after);
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      }
      await Promise.all(after.filter((lock) => lock.path !== path).map((dead) => rm(dead.path, { force: true })));
      return () => rm(path, { force: true });
    }
  } finally {
    await rm(draft, { force: true });
  }
}
