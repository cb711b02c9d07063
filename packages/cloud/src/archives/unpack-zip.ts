import { createWriteStream } from "node:fs";
import { chmod, mkdir, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { contentOf, eachEntry, readZip, ZipProblem } from "./read-zip.ts";
import type { ZipEntry, ZipLimits } from "./read-zip.ts";

const entriesAtOnce = 16;

/**
 * Unpacks a zip archive into a folder that exists, over what is there; links as links. Nothing is written outside of the
 * folder.
 *
 * @param modeOf a file's permissions by those that the archive tells; 0 where it tells none
 * @throws ZipProblem for what is no zip archive, is damaged, is too large, or leads out of it by a name or a link
 */
export async function unpackZip(
  source: string | Buffer,
  folder: string,
  limits: ZipLimits,
  modeOf: (mode: number) => number,
): Promise<void> {
  await readZip(source, limits, async (entries) => {
    const links: { readonly path: string; readonly target: string }[] = [];
    const made = new Set<string>();
    const makeFolder = async (path: string) => {
      if (made.has(path)) return;
      await mkdir(path, { recursive: true });
      made.add(path);
    };
    // Of two entries of one name the last counts.
    const written = new Map<string, Promise<void>>();
    const write = async (entry: ZipEntry, before: Promise<void> | undefined) => {
      await before;
      const path = join(folder, entry.path);
      await makeFolder(entry.kind === "folder" ? path : dirname(path));
      if (entry.kind === "file") await writeFile(entry, path, modeOf(entry.mode));
      if (entry.kind === "link") links.push({ path: entry.path, target: (await contentOf(entry)).toString("utf8") });
    };
    await eachEntry(entries, entriesAtOnce, (entry) => {
      const work = write(entry, written.get(entry.path));
      written.set(entry.path, work);
      return work;
    });
    // Links come last, so that no file is written through one.
    for (const { path, target } of links) {
      if (!staysInside(path, target)) throw new ZipProblem("leads-out", `the archive's link ${path} leads out of it`);
      await rm(join(folder, path), { force: true });
      await symlink(target, join(folder, path));
    }
  });
}

async function writeFile(entry: ZipEntry, path: string, mode: number): Promise<void> {
  const content = await entry.open();
  // What is there may not be written to, or be a link.
  await rm(path, { force: true });
  await pipeline(content, createWriteStream(path));
  await chmod(path, mode);
}

/**
 * Whether a link stays in the archive, whatever other links are in it: it goes up from where it is at most to the
 * archive's root, and only at its beginning.
 */
export function staysInside(path: string, target: string): boolean {
  if (target === "" || target.startsWith("/") || target.includes("\0")) return false;
  const steps = target.split("/").filter((step) => step !== "." && step !== "");
  const up = steps.findIndex((step) => step !== "..");
  const ups = up === -1 ? steps.length : up;
  return ups < path.split("/").length && !steps.slice(ups).includes("..");
}
