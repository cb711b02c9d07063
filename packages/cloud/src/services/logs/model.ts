import type { LogGroupClass } from "@aws-sdk/client-cloudwatch-logs";
import type { Millis } from "@trysail/core";
import type { StoredLogLine } from "../../store/log-segments.ts";

export interface LogGroup {
  readonly name: string;
  /** Without the `:*` that some operations put behind it. */
  readonly arn: string;
  readonly createdAt: Millis;
  /** Undefined: lines are kept for ever. */
  readonly retentionDays: number | undefined;
  readonly kmsKeyId: string | undefined;
  readonly logGroupClass: LogGroupClass;
  readonly deletionProtected: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

export interface LogStream {
  readonly group: string;
  readonly name: string;
  readonly createdAt: Millis;
  /** Names its lines among the log segments; never used again, also for a stream that is created anew. */
  readonly segments: string;
  readonly firstEventAt: Millis | undefined;
  readonly lastEventAt: Millis | undefined;
  readonly lastIngestionAt: Millis | undefined;
  /** Every line is at least as late as the one before it. */
  readonly inOrder: boolean;
}

export const dayMs = 86_400_000;

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
export const retentionDays: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** Lines before this time have expired. */
export function expiryOf({ retentionDays: days }: Pick<LogGroup, "retentionDays">, now: Millis): Millis {
  return days === undefined ? 0 : now - days * dayMs;
}

/** A place between the lines of a stream, or of several: behind the line of this time, stream and sequence. */
export interface Cursor {
  readonly timestamp: Millis;
  /** A line's number in its stream; -1 is in front of all lines of that time. */
  readonly sequence: number;
}

export const beginning: Cursor = { timestamp: 0, sequence: -1 };

export function compareCursors(a: Cursor, b: Cursor): number {
  return a.timestamp - b.timestamp || a.sequence - b.sequence;
}

const digits = 56;
const timestampDigits = 16;

/** Such as `f/0000001767225600000…`: `f` for what follows the place, `b` for what is in front of it. */
export function cursorToken(direction: "f" | "b", { timestamp, sequence }: Cursor): string {
  return `${direction}/${String(timestamp).padStart(timestampDigits, "0")}${String(sequence + 1).padStart(digits - timestampDigits, "0")}`;
}

export function parseCursorToken(
  token: string,
): { readonly direction: "f" | "b"; readonly cursor: Cursor } | undefined {
  const groups = /^(?<direction>[fb])\/(?<timestamp>\d{16})(?<sequence>\d{40})$/.exec(token)?.groups;
  if (groups === undefined) return undefined;
  const direction = groups["direction"] === "f" ? "f" : "b";
  return { direction, cursor: { timestamp: Number(groups["timestamp"]), sequence: Number(groups["sequence"]) - 1 } };
}

/** An event's id: digits, unlike that of any other event, and larger for a later time. */
export function eventId(stream: LogStream, line: StoredLogLine): string {
  const streamNumber = BigInt(`0x${stream.segments.replaceAll("-", "").slice(0, 16)}`);
  return `${String(line.timestamp).padStart(timestampDigits, "0")}${String(streamNumber).padStart(20, "0")}${String(line.sequence).padStart(20, "0")}`;
}

/** Limits of PutLogEvents. @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
export const limits = {
  eventsPerBatch: 10_000,
  batchBytes: 1_048_576,
  eventOverheadBytes: 26,
  batchSpanMs: dayMs,
  oldestMs: 14 * dayMs,
  newestMs: 2 * 3_600_000,
} as const;

/** Which of a batch's events are taken, by their index: from `start`, before `end`; and why the others are not. */
export function acceptedEvents(
  timestamps: readonly Millis[],
  now: Millis,
  expiresBefore: Millis,
): {
  readonly start: number;
  readonly end: number;
  readonly rejected:
    | { tooNewLogEventStartIndex?: number; tooOldLogEventEndIndex?: number; expiredLogEventEndIndex?: number }
    | undefined;
} {
  const countBefore = (time: Millis) => timestamps.filter((timestamp) => timestamp < time).length;
  const tooOld = countBefore(now - limits.oldestMs);
  const expired = countBefore(expiresBefore);
  const end = timestamps.filter((timestamp) => timestamp <= now + limits.newestMs).length;
  const rejected = {
    ...(end < timestamps.length && { tooNewLogEventStartIndex: end }),
    ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
    ...(expired > 0 && { expiredLogEventEndIndex: expired }),
  };
  const start = Math.min(end, Math.max(tooOld, expired));
  return { start, end, rejected: Object.keys(rejected).length === 0 ? undefined : rejected };
}
