import { createHash } from "node:crypto";
import { mkdir, open, readFile, readdir, rm, truncate } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "@trysail/core";
import type { Millis } from "@trysail/core";
import type { LogLine, LogSegments, StoredLogLine } from "./log-segments.ts";

/** A segment that has grown to this size is followed by a new one. */
const segmentBytes = 4 * 1024 * 1024;

/** Streams that were written last keep their file open, up to this many. */
const openFiles = 64;

/** A file of lines, named by the sequence of its first one. */
interface Segment {
  readonly path: string;
  readonly first: number;
  lines: number;
  bytes: number;
  newest: Millis;
}

interface Stream {
  readonly folder: string;
  readonly segments: Segment[];
  file: FileHandle | undefined;
  /** Lines that wait for the write under way to end; all of them go in the next. */
  waiting: { readonly lines: readonly LogLine[]; resolve(): void; reject(error: unknown): void }[];
  writing: boolean;
}

/** A line on disk: timestamp, ingestion time, message. */
type Row = readonly [timestamp: Millis, ingestionTime: Millis, message: string];

const encode = ({ timestamp, ingestionTime, message }: LogLine): string =>
  `${JSON.stringify([timestamp, ingestionTime, message] satisfies Row)}\n`;

/** The whole lines of a segment's content. A last line without its end was torn by a crash. */
function rowsOf(content: string): readonly Row[] {
  const lines = content.split("\n");
  lines.pop();
  return lines.map((line) => JSON.parse(line) as Row);
}

/** {@link LogSegments} that are to be closed. */
export interface FileLogSegments extends LogSegments {
  close(): Promise<void>;
}

/** Streams of lines as folders of JSON-lines files. */
export async function openLogSegments(folder: string): Promise<FileLogSegments> {
  await mkdir(folder, { recursive: true });
  const streams = new Map<string, Promise<Stream>>();
  /** In order of their last use. */
  const open_ = new Set<Stream>();

  const load = async (name: string): Promise<Stream> => {
    // A hash, since names may be longer than file names, and may hold slashes.
    const path = join(folder, createHash("sha256").update(name).digest("hex"));
    const segments: Segment[] = [];
    for (const file of (await readdir(path).catch(nothingIfMissing)).toSorted()) {
      const segment = { path: join(path, file), first: Number(file), lines: 0, bytes: 0, newest: 0 };
      const content = await readFile(segment.path);
      const end = content.lastIndexOf(10) + 1;
      if (end < content.length) await truncate(segment.path, end);
      const rows = rowsOf(content.toString("utf8", 0, end));
      segments.push({
        ...segment,
        lines: rows.length,
        bytes: end,
        newest: Math.max(0, ...rows.map(([timestamp]) => timestamp)),
      });
    }
    return { folder: path, segments, file: undefined, waiting: [], writing: false };
  };

  const streamOf = (name: string): Promise<Stream> => {
    let stream = streams.get(name);
    if (stream === undefined) {
      stream = load(name);
      streams.set(name, stream);
    }
    return stream;
  };

  const closeFile = async (stream: Stream): Promise<void> => {
    open_.delete(stream);
    const { file } = stream;
    stream.file = undefined;
    await file?.close();
  };

  /** The segment to write to, its file open. */
  const writable = async (stream: Stream): Promise<{ readonly segment: Segment; readonly file: FileHandle }> => {
    let segment = stream.segments.at(-1);
    if (segment === undefined || segment.bytes >= segmentBytes) {
      await closeFile(stream);
      const first = segment === undefined ? 0 : segment.first + segment.lines;
      await mkdir(stream.folder, { recursive: true });
      segment = { path: join(stream.folder, String(first).padStart(16, "0")), first, lines: 0, bytes: 0, newest: 0 };
      stream.segments.push(segment);
    }
    const file = (stream.file ??= await open(segment.path, "a", 0o600));
    open_.delete(stream);
    open_.add(stream);
    for (const oldest of open_) {
      if (open_.size <= openFiles) break;
      if (!oldest.writing) await closeFile(oldest);
    }
    return { segment, file };
  };

  const write = async (stream: Stream): Promise<void> => {
    stream.writing = true;
    while (stream.waiting.length > 0) {
      const batch = stream.waiting;
      stream.waiting = [];
      try {
        const lines = batch.flatMap((waiting) => waiting.lines);
        const { segment, file } = await writable(stream);
        const bytes = Buffer.from(lines.map(encode).join(""));
        await file.appendFile(bytes);
        await file.datasync();
        segment.bytes += bytes.length;
        segment.lines += lines.length;
        for (const { timestamp } of lines) segment.newest = Math.max(segment.newest, timestamp);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    stream.writing = false;
  };

  return {
    async append(name, lines) {
      if (lines.length === 0) return;
      const stream = await streamOf(name);
      await new Promise<void>((resolve, reject) => {
        stream.waiting.push({ lines, resolve, reject });
        if (!stream.writing) void write(stream);
      });
    },

    async *read(name, { from, reverse = false } = {}) {
      const { segments } = await streamOf(name);
      const inRange = ({ first, lines }: Segment) =>
        from === undefined || (reverse ? first <= from : first + lines > from);
      // What is appended from here on is not part of this reading.
      const parts = segments.filter(inRange).map((segment) => ({ segment, lines: segment.lines }));
      for (const { segment, lines } of reverse ? parts.toReversed() : parts) {
        const content = await readFile(segment.path, "utf8").catch(nothingIfMissing);
        const rows =
          typeof content === "string" ? rowsOf(content.slice(0, content.lastIndexOf("\n") + 1)).slice(0, lines) : [];
        const numbered = rows.map(([timestamp, ingestionTime, message], index): StoredLogLine => ({
          timestamp,
          ingestionTime,
          message,
          sequence: segment.first + index,
        }));
        for (const line of reverse ? numbered.toReversed() : numbered) {
          if (from === undefined || (reverse ? line.sequence <= from : line.sequence >= from)) yield line;
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
      const stream = await streamOf(name);
      // The last one stays: its name and its lines say what sequence comes next.
      while (stream.segments.length > 1 && (stream.segments[0] as Segment).newest < before) {
        const dropped = stream.segments.shift() as Segment;
        await rm(dropped.path, { force: true });
      }
    },

    async delete(name) {
      const stream = await streamOf(name);
      streams.delete(name);
      await closeFile(stream);
      await rm(stream.folder, { recursive: true, force: true });
    },

    async close() {
      await Promise.all([...open_].map(closeFile));
    },
  };
}

function nothingIfMissing(error: unknown): [] {
  if (codeOf(error) === "ENOENT") return [];
  throw error;
}
