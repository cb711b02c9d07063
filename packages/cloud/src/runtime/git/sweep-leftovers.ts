import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "@trysail/core";

/**
 * Removes what a git that was killed has left in a bare repository: lock files, by which every later push would fail,
 * and half-received objects. Only while no git writes in it.
 */
export async function sweepLeftovers(folder: string): Promise<void> {
  const [top, refs, objects, packs] = await Promise.all([
    list(folder),
    list(join(folder, "refs"), true),
    list(join(folder, "objects")),
    list(join(folder, "objects", "pack")),
  ]);
  // No branch can be named so: git refuses it.
  const isLock = (name: string) => name.endsWith(".lock");
  const leftovers = [
    ...top.filter(isLock).map((name) => join(folder, name)),
    ...refs.filter(isLock).map((name) => join(folder, "refs", name)),
    ...objects.filter((name) => /^(tmp_objdir-)?incoming-/.test(name)).map((name) => join(folder, "objects", name)),
    ...packs.filter((name) => name.startsWith("tmp_")).map((name) => join(folder, "objects", "pack", name)),
  ];
  await Promise.all(leftovers.map((path) => rm(path, { recursive: true, force: true })));
}

async function list(folder: string, recursive = false): Promise<string[]> {
  try {
    return await readdir(folder, { recursive });
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}
