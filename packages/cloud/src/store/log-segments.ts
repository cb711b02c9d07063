import type { Millis } from "@trysail/core";

export interface LogLine {
  /** When the writer says that it happened. */
  readonly timestamp: Millis;
  readonly ingestionTime: Millis;
  readonly message: string;
}

export interface StoredLogLine extends LogLine {
  /** Its place in the stream, from 0. Never used again, also after old lines have been dropped. */
  readonly sequence: number;
}

/**
 * Append-only streams of lines, in files. A stream is named by its caller; appending to a new name creates it.
 * Survives SIGKILL: what `append` has resolved for is there, a torn last line is cut off at start.
 */
export interface LogSegments {
  /** Resolves when the lines are on disk. Appends to one stream keep their order. */
  append(stream: string, lines: readonly LogLine[]): Promise<void>;
  /** Lines in order of sequence, from `from` on (or from the end backwards, from `from` down, with `reverse`). Lazily. */
  read(
    stream: string,
    options?: { readonly from?: number; readonly reverse?: boolean },
  ): AsyncIterableIterator<StoredLogLine>;
  /** The sequence that the next line will get, and how large the stream is. */
  stat(stream: string): Promise<{ readonly nextSequence: number; readonly sizeBytes: number }>;
  /** Drops whole segments of which every line's timestamp is before `before`. */
  dropBefore(stream: string, before: Millis): Promise<void>;
  delete(stream: string): Promise<void>;
}
