import { createHash } from "node:crypto";
import { mkdir, open, readFile, readdir, rm, stat, truncate } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "@trysail/core";
import type { Millis } from "@trysail/core";
import type { LogLine, LogSegments, StoredLogLine } from "./log-segments.ts";
import { syncFolder } from "./sync-folder.ts";

/** A segment that has grown to this size is followed by a new one. */
const segmentBytes = 4 * 1024 * 1024;

/** Streams that were written last keep their file open, up to this many. */
const openFiles = 64;

/** A file of lines, named by the sequence of its first one. */
interface Segment {
  readonly path: string;
  readonly first: number;
  /** Lines and bytes that are on disk for sure; the file may hold more, from a write that failed. */
  lines: number;
  bytes: number;
  /** The newest timestamp in it; undefined if it was written by an earlier run and nobody has asked yet. */
  newest: Millis | undefined;
}

interface Stream {
  readonly folder: string;
  readonly segments: Segment[];
  file: FileHandle | undefined;
  /** Lines that wait for the write under way to end; all of them go in the next. */
  waiting: { readonly lines: readonly LogLine[]; resolve(): void; reject(error: unknown): void }[];
  writing: Promise<void> | undefined;
  /** A write has failed and may have left a part behind. */
  isTorn: boolean;
}

/** A line on disk: timestamp, ingestion time, message. */
type Row = readonly [timestamp: Millis, ingestionTime: Millis, message: string];

const encode = ({ timestamp, ingestionTime, message }: LogLine): string =>
  `${JSON.stringify([timestamp, ingestionTime, message] satisfies Row)}\n`;

function decode(row: string, sequence: number): StoredLogLine {
  const [timestamp, ingestionTime, message] = JSON.parse(row) as Row;
  return { timestamp, ingestionTime, message, sequence };
}

function newestOf(timestamps: Iterable<Millis>): Millis {
  let newest = 0;
  for (const timestamp of timestamps) newest = Math.max(newest, timestamp);
  return newest;
}

/** {@link LogSegments} that are to be closed. */
export interface FileLogSegments extends LogSegments {
  /** Waits for the appends under way. */
  close(): Promise<void>;
}

/** Streams of lines as folders of JSON-lines files. */
export async function openLogSegments(folder: string): Promise<FileLogSegments> {
  await mkdir(folder, { recursive: true });
  const streams = new Map<string, Promise<Stream>>();
  /** In order of their last use. */
  const withOpenFile = new Set<Stream>();

  const remember = (name: string, stream: Promise<Stream>): Promise<Stream> => {
    streams.set(name, stream);
    stream.catch(() => {
      if (streams.get(name) === stream) streams.delete(name);
    });
    return stream;
  };

  const streamOf = (name: string): Promise<Stream> => streams.get(name) ?? remember(name, load(folder, name));

  const closeFile = async (stream: Stream): Promise<void> => {
    withOpenFile.delete(stream);
    const { file } = stream;
    stream.file = undefined;
    await file?.close();
  };

  const addSegment = async (stream: Stream, first: number): Promise<Segment> => {
    await closeFile(stream);
    await mkdir(stream.folder, { recursive: true });
    const path = join(stream.folder, String(first).padStart(16, "0"));
    stream.file = await open(path, "a", 0o600);
    withOpenFile.add(stream);
    await syncFolder(stream.folder);
    if (stream.segments.length === 0) await syncFolder(folder);
    const segment = { path, first, lines: 0, bytes: 0, newest: 0 };
    stream.segments.push(segment);
    return segment;
  };

  /** The segment to write to, its file open. */
  const writable = async (stream: Stream): Promise<{ readonly segment: Segment; readonly file: FileHandle }> => {
    let segment = stream.segments.at(-1);
    if (segment !== undefined && stream.isTorn) await truncate(segment.path, segment.bytes);
    stream.isTorn = false;
    if (segment === undefined) segment = await addSegment(stream, 0);
    else if (segment.bytes >= segmentBytes) segment = await addSegment(stream, segment.first + segment.lines);
    const file = (stream.file ??= await open(segment.path, "a", 0o600));
    withOpenFile.delete(stream);
    withOpenFile.add(stream);
    for (const oldest of withOpenFile) {
      if (withOpenFile.size <= openFiles) break;
      if (oldest !== stream && oldest.writing === undefined) await closeFile(oldest);
    }
    return { segment, file };
  };

  const write = async (stream: Stream): Promise<void> => {
    while (stream.waiting.length > 0) {
      const batch = stream.waiting;
      stream.waiting = [];
      try {
        const lines = batch.flatMap((waiting) => waiting.lines);
        const { segment, file } = await writable(stream);
        stream.isTorn = true;
        const bytes = Buffer.from(lines.map(encode).join(""));
        await file.appendFile(bytes);
        await file.datasync();
        stream.isTorn = false;
        segment.bytes += bytes.length;
        segment.lines += lines.length;
        if (segment.newest !== undefined) {
          segment.newest = Math.max(segment.newest, newestOf(lines.map(({ timestamp }) => timestamp)));
        }
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    stream.writing = undefined;
  };

  return {
    async append(name, lines) {
      if (lines.length === 0) return;
      const stream = await streamOf(name);
      await new Promise<void>((resolve, reject) => {
        stream.waiting.push({ lines, resolve, reject });
        stream.writing ??= write(stream);
      });
    },

    async *read(name, { from, reverse = false } = {}) {
      const { segments } = await streamOf(name);
      // What is appended from here on is not part of this reading.
      const parts = segments.map(({ path, first, lines }) => ({ path, first, lines }));
      for (const { path, first, lines } of reverse ? parts.toReversed() : parts) {
        const low = reverse || from === undefined ? 0 : Math.max(0, from - first);
        const high = reverse && from !== undefined ? Math.min(lines, from - first + 1) : lines;
        if (low >= high) continue;
        const rows = (await textOf(path)).split("\n", lines);
        for (let index = reverse ? high - 1 : low; low <= index && index < high; index += reverse ? -1 : 1) {
          const row = rows[index];
          // Dropped meanwhile.
          if (row === undefined || row === "") break;
          yield decode(row, first + index);
        }
      }
    },

    async stat(name) {
      const { segments } = await streamOf(name);
      const last = segments.at(-1);
      return {
        nextSequence: last === undefined ? 0 : last.first + last.lines,
        sizeBytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
      };
    },

    async dropBefore(name, before) {
      const { segments } = await streamOf(name);
      // The last one stays: its name and its lines say what sequence comes next.
      for (let oldest = segments[0]; oldest !== undefined && segments.length > 1; oldest = segments[0]) {
        oldest.newest ??= await newestIn(oldest);
        if (oldest.newest >= before) return;
        if (segments[0] === oldest) segments.shift();
        await rm(oldest.path, { force: true });
      }
    },

    async delete(name) {
      const old = streamOf(name);
      const deleted = (async () => {
        const stream = await old;
        await stream.writing;
        await closeFile(stream);
        await rm(stream.folder, { recursive: true, force: true });
      })();
      // A line that is appended from here on begins the stream anew, when the old one is gone.
      await remember(
        name,
        deleted.then(() => load(folder, name)),
      );
    },

    async close() {
      await Promise.allSettled([...streams.values()].map(async (stream) => (await stream).writing));
      await Promise.all([...withOpenFile].map(closeFile));
    },
  };
}

/** Finds a stream's segments, and cuts off what a crash has torn. Only the last is read. */
async function load(parent: string, name: string): Promise<Stream> {
  // A hash, since names may be longer than file names, and may hold slashes.
  const folder = join(parent, createHash("sha256").update(name).digest("hex"));
  const segments: Segment[] = [];
  const firsts = (await readdir(folder).catch(nothingIfMissing)).map(Number).toSorted((a, b) => a - b);
  for (const [index, first] of firsts.entries()) {
    const path = join(folder, String(first).padStart(16, "0"));
    const next = firsts[index + 1];
    if (next !== undefined) {
      segments.push({ path, first, lines: next - first, bytes: (await stat(path)).size, newest: undefined });
      continue;
    }
    const content = await readFile(path);
    const bytes = content.lastIndexOf(10) + 1;
    if (bytes < content.length) await truncate(path, bytes);
    let lines = 0;
    for (let at = content.indexOf(10); at !== -1; at = content.indexOf(10, at + 1)) lines += 1;
    segments.push({ path, first, lines, bytes, newest: undefined });
  }
  return { folder, segments, file: undefined, waiting: [], writing: undefined, isTorn: false };
}

async function newestIn({ path, first, lines }: Segment): Promise<Millis> {
  const rows = (await textOf(path)).split("\n", lines).filter((row) => row !== "");
  return newestOf(rows.map((row) => decode(row, first).timestamp));
}

/** A segment's text; empty if it was dropped meanwhile. */
async function textOf(path: string): Promise<string> {
  return (await readFile(path).catch(nothingIfMissing)).toString();
}

function nothingIfMissing(error: unknown): [] {
  if (codeOf(error) === "ENOENT") return [];
  throw error;
}
