import { createWriteStream } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { TrysailError } from "@trysail/core";
import yazl from "yazl";
import { eachEntry, readZip, ZipProblem } from "../../archives/read-zip.ts";
import type { ZipEntry } from "../../archives/read-zip.ts";

/** The same tree gives the same bytes: every entry has this time. */
const entryTime = new Date(Date.UTC(1980, 0, 1, 12));
/** Fast: an artifact is written once and read a few times. */
const compressionLevel = 1;
const linkMode = 0o120777;

/** What an archive may hold at most, so that a hostile one cannot fill the disk. */
const limits = { entries: 200_000, totalBytes: 8 * 1024 ** 3 };

/** Writes everything in a folder into a new zip file, in the order of the names, links as links. */
export async function zipFolder(folder: string, file: string): Promise<void> {
  const zip = new yazl.ZipFile();
  const written = pipeline(Readable.from(zip.outputStream), createWriteStream(file));
  const add = async (prefix: string): Promise<void> => {
    const names = (await readdir(join(folder, prefix))).toSorted();
    for (const name of names) {
      const path = prefix === "" ? name : `${prefix}/${name}`;
      const full = join(folder, path);
      const state = await lstat(full);
      if (state.isDirectory()) await add(path);
      else if (state.isSymbolicLink())
        zip.addBuffer(Buffer.from(await readlink(full)), path, { mtime: entryTime, mode: linkMode, compressionLevel });
      else if (state.isFile())
        zip.addFile(full, path, { mtime: entryTime, mode: state.mode & 0o111 ? 0o100755 : 0o100644, compressionLevel });
    }
  };
  try {
    await add("");
  } finally {
    zip.end();
  }
  await written;
}

/** A zip of a few small files. */
export async function zipOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const [name, content] of Object.entries(files))
    zip.addBuffer(Buffer.from(content), name, { mtime: entryTime, mode: 0o100644, compressionLevel });
  zip.end();
  return buffer(Readable.from(zip.outputStream));
}

/** A file in an archive. */
export type ArchivedFile = Pick<ZipEntry, "path" | "sizeBytes" | "open">;

const broken = (message: string) => new TrysailError("invalid-archive", message, { fault: "user" });

/**
 * Goes through the files of a zip archive. Folders and links are passed over. Up to `atOnce` files are handled at a
 * time.
 *
 * @throws TrysailError `invalid-archive` for what is no zip archive, leads out of its folder, or is too large
 */
export async function eachFile(
  file: string,
  atOnce: number,
  handle: (file: ArchivedFile) => Promise<void>,
): Promise<void> {
  try {
    await readZip(file, limits, (entries) =>
      eachEntry(entries, atOnce, async (entry) => {
        if (entry.kind === "file") await handle(entry);
      }),
    );
  } catch (error) {
    if (error instanceof ZipProblem) throw broken(`The archive cannot be read: ${error.message}.`);
    throw error;
  }
}

/** The content of one file of an archive; undefined if it has none of that path. */
export async function readFromArchive(file: string, path: string, largestBytes: number): Promise<Buffer | undefined> {
  let found: Buffer | undefined;
  await eachFile(file, 1, async (entry) => {
    if (entry.path !== path) return;
    if (entry.sizeBytes > largestBytes)
      throw broken(`The file ${path} has ${entry.sizeBytes} bytes; at most ${largestBytes} are read.`);
    found = await buffer(await entry.open());
  });
  return found;
}
