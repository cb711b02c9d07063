import { createWriteStream } from "node:fs";
import { chmod, mkdir, realpath, rm, symlink } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import yauzl from "yauzl";
import yazl from "yazl";
import { PhaseProblem } from "./problem.ts";
import type { SelectedFile } from "./select-files.ts";

/** Packing is for this machine's own disk: speed counts for more than size. */
const compressionLevel = 1;

/** What an archive may unpack to at most. A source larger than this is a bomb, or a mistake. */
export const unpackLimits = { totalBytes: 32 * 1024 ** 3, entries: 2_000_000 } as const;

const linkType = 0o120000;
const typeMask = 0o170000;

/** Packs files into a zip archive. Modes are kept. */
export async function pack(files: readonly SelectedFile[], archive: string): Promise<void> {
  const zip = new yazl.ZipFile();
  for (const { path, name, linkTarget } of files) {
    if (linkTarget === undefined) zip.addFile(path, name, { compressionLevel });
    else zip.addBuffer(Buffer.from(linkTarget), name, { mode: linkType | 0o777, compress: false });
  }
  zip.end();
  const failed = new Promise<never>((_, reject) => {
    // yazl tells of a file that it cannot read on the archive itself, not on its stream.
    zip.on("error", reject);
  });
  await Promise.race([pipeline(zip.outputStream, createWriteStream(archive)), failed]);
}

const openZip = promisify<string, yauzl.Options, yauzl.ZipFile>((path, options, done) =>
  yauzl.open(path, options, done as never),
);

/**
 * Unpacks a zip archive into a folder that exists. Modes and links are kept. Nothing is written outside of the folder:
 * a name that leads out of it, or a link, or a path through a link, ends it.
 *
 * @throws PhaseProblem `CLIENT_ERROR`
 */
export async function unpack(
  archive: string,
  folder: string,
  limits: { readonly totalBytes: number; readonly entries: number } = unpackLimits,
): Promise<void> {
  let zip: yauzl.ZipFile;
  try {
    zip = await openZip(archive, { lazyEntries: true, autoClose: false, validateEntrySizes: true });
  } catch (error) {
    throw damaged(error);
  }
  try {
    await unpackEntries(zip, await realpath(folder), limits);
  } catch (error) {
    throw error instanceof PhaseProblem ? error : damaged(error);
  } finally {
    zip.close();
  }
}

function damaged(error: unknown): PhaseProblem {
  return new PhaseProblem(
    "CLIENT_ERROR",
    `the source's zip archive cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`,
  );
}

async function unpackEntries(
  zip: yauzl.ZipFile,
  folder: string,
  limits: { readonly totalBytes: number; readonly entries: number },
): Promise<void> {
  if (zip.entryCount > limits.entries)
    throw new PhaseProblem("CLIENT_ERROR", `the archive has ${zip.entryCount} entries, more than ${limits.entries}`);
  const openEntry = promisify<yauzl.Entry, NodeJS.ReadableStream>((entry, done) =>
    zip.openReadStream(entry, done as never),
  );
  const links: { readonly path: string; readonly target: string }[] = [];
  const made = new Set<string>();
  let totalBytes = 0;
  for await (const entry of entriesOf(zip)) {
    const path = resolve(folder, entry.fileName);
    if (!isInside(folder, path))
      throw new PhaseProblem("CLIENT_ERROR", `the archive's entry ${entry.fileName} leads out of it`);
    // What an entry claims is also what it may unpack to: yauzl ends an entry that goes beyond.
    totalBytes += entry.uncompressedSize;
    if (totalBytes > limits.totalBytes)
      throw new PhaseProblem("CLIENT_ERROR", `the archive unpacks to more than ${limits.totalBytes} bytes`);
    const mode = entry.externalFileAttributes >>> 16;
    if (entry.fileName.endsWith("/")) {
      await makeFolder(path, made);
      continue;
    }
    await makeFolder(dirname(path), made);
    const content = await openEntry(entry);
    if ((mode & typeMask) === linkType) {
      const chunks: Buffer[] = [];
      for await (const chunk of content) chunks.push(Buffer.from(chunk));
      links.push({ path, target: Buffer.concat(chunks).toString("utf8") });
      continue;
    }
    await pipeline(content, createWriteStream(path));
    if ((mode & 0o777) !== 0) await chmod(path, (mode & 0o777) | 0o600);
  }
  // Links come last, so that no file is written through one.
  for (const { path, target } of links) {
    if (isAbsolute(target) || !isInside(folder, resolve(dirname(path), target))) {
      throw new PhaseProblem("CLIENT_ERROR", `the archive's link ${relative(folder, path)} leads out of it`);
    }
    await rm(path, { force: true });
    await symlink(target, path);
  }
}

async function makeFolder(path: string, made: Set<string>): Promise<void> {
  if (made.has(path)) return;
  await mkdir(path, { recursive: true });
  made.add(path);
}

function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : join(folder, sep));
}

async function* entriesOf(zip: yauzl.ZipFile): AsyncGenerator<yauzl.Entry> {
  let wake = () => {};
  let next: { entry?: yauzl.Entry; error?: unknown; end?: true } | undefined;
  const tell = (told: NonNullable<typeof next>) => {
    next = told;
    wake();
  };
  zip.on("entry", (entry: yauzl.Entry) => tell({ entry }));
  zip.on("error", (error: unknown) => tell({ error }));
  zip.on("end", () => tell({ end: true }));
  for (;;) {
    next = undefined;
    const told = new Promise<void>((resolve) => {
      wake = resolve;
    });
    zip.readEntry();
    await told;
    const { entry, error } = next as NonNullable<typeof next>;
    if (error !== undefined) throw error;
    if (entry === undefined) return;
    yield entry;
  }
}
