import { Transform } from "node:stream";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { crc32 } from "node:zlib";
import { messageOf } from "@trysail/core";
import yauzl from "yauzl";

/** What an archive may hold at most: a larger one is a bomb, or a mistake. */
export interface ZipLimits {
  readonly totalBytes: number;
  readonly entries: number;
}

/** What is wrong with an archive. Its reader tells of it in its own words. */
export class ZipProblem extends Error {
  override readonly name = "ZipProblem";
  readonly code: "unreadable" | "too-large" | "leads-out";

  constructor(code: ZipProblem["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** Something in an archive. */
export interface ZipEntry {
  readonly kind: "file" | "folder" | "link";
  /** Relative, with slashes, without `..`. */
  readonly path: string;
  /** Permissions; 0 if the archive does not tell. */
  readonly mode: number;
  /** Of its content: a stream of it that turns out longer or other than the archive says fails. */
  readonly sizeBytes: number;
  open(): Promise<Readable>;
}

const linkType = 0o120000;
const typeMask = 0o170000;

/**
 * Goes through a zip archive, a file's or in memory, in its order. Entries can be opened until `work` has ended.
 *
 * @throws ZipProblem for what is no zip archive, is damaged, is too large, or has names that lead out of it
 */
export async function readZip<T>(
  source: string | Buffer,
  limits: ZipLimits,
  work: (entries: AsyncIterable<ZipEntry>) => Promise<T>,
): Promise<T> {
  const zip = await opened(source);
  try {
    if (zip.entryCount > limits.entries)
      throw new ZipProblem("too-large", `the archive has ${zip.entryCount} entries, more than ${limits.entries}`);
    return await work(entriesOf(zip, limits));
  } finally {
    zip.close();
  }
}

/** Handles entries in their order, up to `atOnce` of them at a time. The first failure ends it. */
export async function eachEntry(
  entries: AsyncIterable<ZipEntry>,
  atOnce: number,
  handle: (entry: ZipEntry) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  try {
    for await (const entry of entries) {
      const work = handle(entry)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => running.delete(work));
      running.add(work);
      if (running.size >= atOnce) await Promise.race(running);
      if (failures.length > 0) break;
    }
  } finally {
    await Promise.all(running);
  }
  if (failures.length > 0) throw failures[0];
}

/** All of an entry's content. */
export async function contentOf(entry: ZipEntry): Promise<Buffer> {
  return buffer(await entry.open());
}

// The library itself refuses absolute names, names with `..`, and content that is longer than its entry says.
function opened(source: string | Buffer): Promise<yauzl.ZipFile> {
  const options = { lazyEntries: true, autoClose: false, validateEntrySizes: true };
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, zip: yauzl.ZipFile) => (error === null ? resolve(zip) : reject(problem(error)));
    if (typeof source === "string") yauzl.open(source, options, done);
    else yauzl.fromBuffer(source, options, done);
  });
}

function problem(error: unknown): ZipProblem {
  const message = messageOf(error);
  const leadsOut = /^(invalid relative path|absolute path)/.test(message);
  return new ZipProblem(leadsOut ? "leads-out" : "unreadable", message);
}

async function* entriesOf(zip: yauzl.ZipFile, limits: ZipLimits): AsyncGenerator<ZipEntry> {
  let totalBytes = 0;
  for (let entry = await nextEntry(zip); entry !== undefined; entry = await nextEntry(zip)) {
    // What an entry claims is also what it may unpack to.
    totalBytes += entry.uncompressedSize;
    if (totalBytes > limits.totalBytes)
      throw new ZipProblem("too-large", `the archive unpacks to more than ${limits.totalBytes} bytes`);
    yield shown(zip, entry);
  }
}

function nextEntry(zip: yauzl.ZipFile): Promise<yauzl.Entry | undefined> {
  return new Promise((resolve, reject) => {
    const done = (settle: () => void) => {
      zip.removeAllListeners();
      settle();
    };
    zip.once("entry", (entry: yauzl.Entry) => done(() => resolve(entry)));
    zip.once("end", () => done(() => resolve(undefined)));
    zip.once("error", (error: unknown) => done(() => reject(problem(error))));
    zip.readEntry();
  });
}

function shown(zip: yauzl.ZipFile, entry: yauzl.Entry): ZipEntry {
  const mode = entry.externalFileAttributes >>> 16;
  const isFolder = entry.fileName.endsWith("/");
  return {
    kind: isFolder ? "folder" : (mode & typeMask) === linkType ? "link" : "file",
    path: isFolder ? entry.fileName.slice(0, -1) : entry.fileName,
    mode: mode & 0o777,
    sizeBytes: entry.uncompressedSize,
    open: () =>
      new Promise((resolve, reject) => {
        zip.openReadStream(entry, (error, stream) =>
          error === null ? resolve(checked(stream, entry.crc32)) : reject(problem(error)),
        );
      }),
  };
}

/** The stream, which fails at its end if it was not what the archive's checksum says. */
function checked(stream: Readable, expected: number): Readable {
  let sum = 0;
  const check = new Transform({
    transform(chunk: Buffer, _, done) {
      sum = crc32(chunk, sum);
      done(null, chunk);
    },
    flush: (done) => done(sum === expected ? null : new ZipProblem("unreadable", "a file's checksum is wrong")),
  });
  stream.once("error", (error) => check.destroy(problem(error)));
  check.once("close", () => stream.destroy());
  return stream.pipe(check);
}
