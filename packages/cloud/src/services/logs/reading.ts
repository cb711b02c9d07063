import type { LogSegments, StoredLogLine } from "../../store/log-segments.ts";
import { compareCursors } from "./model.ts";
import type { Cursor, LogStream } from "./model.ts";

/** A span of lines of a stream: not before `from`, before `until`, and behind `after` or in front of `before`. */
export interface Span {
  readonly from: number;
  readonly until: number;
  readonly after?: Cursor;
  readonly before?: Cursor;
}

/** The stream's lines within the span in order of their time, or with `reverse` from the last to the first. Lazily, where the stream's own order allows it. */
export async function* linesOf(
  segments: LogSegments,
  stream: LogStream,
  span: Span,
  reverse = false,
): AsyncGenerator<StoredLogLine> {
  if (stream.firstEventAt === undefined || stream.firstEventAt >= span.until || (stream.lastEventAt ?? 0) < span.from)
    return;
  const isWithin = (line: StoredLogLine) =>
    line.timestamp >= span.from &&
    line.timestamp < span.until &&
    (span.after === undefined || compareCursors(line, span.after) > 0) &&
    (span.before === undefined || compareCursors(line, span.before) < 0);
  if (!stream.inOrder) {
    const lines: StoredLogLine[] = [];
    for await (const line of segments.read(stream.segments)) if (isWithin(line)) lines.push(line);
    yield* lines.sort((a, b) => (reverse ? compareCursors(b, a) : compareCursors(a, b)));
    return;
  }
  const start = reverse ? span.before?.sequence : await firstSequence(segments, stream, span);
  for await (const line of segments.read(stream.segments, {
    reverse,
    ...(start !== undefined && start > 0 && { from: start }),
  })) {
    if (reverse ? line.timestamp < span.from : line.timestamp >= span.until) return;
    if (isWithin(line)) yield line;
  }
}

/** Where to begin reading forwards, found from the end: who asks for a time mostly asks for the last lines. */
async function firstSequence(segments: LogSegments, stream: LogStream, span: Span): Promise<number | undefined> {
  if (span.after !== undefined && span.after.sequence >= 0) return span.after.sequence;
  if ((stream.firstEventAt ?? 0) >= span.from) return undefined;
  for await (const line of segments.read(stream.segments, { reverse: true })) {
    if (line.timestamp < span.from) return line.sequence;
  }
  return undefined;
}
