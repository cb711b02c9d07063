import type { Millis } from "@trysail/core";
import type { Lane, Part, Settings } from "./model.ts";

/** A record that waits, as far as it matters for what is to be done. */
export interface Waiting {
  /** All of one length: they compare as texts. */
  readonly sequence: string;
  readonly arrivedAt: Millis;
  /** When it was read from the stream: from then on the batching window counts. */
  readonly readAt: Millis;
  /** In the event that a function gets. */
  readonly bytes: number;
}

export type Condition = "RetryAttemptsExhausted" | "RecordAgeExceeded";

/** What a lane is to do next. `size` is how many of its records it is about. */
export type Step =
  /** Nothing until more is read. */
  | { readonly step: "idle" }
  | { readonly step: "wait"; readonly until: Millis }
  | { readonly step: "invoke"; readonly size: number; readonly part: Part }
  | { readonly step: "give-up"; readonly size: number; readonly part: Part; readonly condition: Condition }
  /** The records of its first part are not in the stream any more, or are not wanted any more. */
  | { readonly step: "skip"; readonly lane: Lane };

export interface Limits {
  readonly settings: Pick<Settings, "batchSize" | "windowSeconds">;
  /** Older records are given up. */
  readonly oldestMs: number;
  /** What a batch's records may take together. */
  readonly bytes: number;
}

/**
 * What a lane is to do next with the records that were read for it.
 *
 * @param waiting - in order, all of them behind `lane.after`
 * @param reading - whether everything up to a sequence number was read, and whether nothing comes behind that
 */
export function nextStep(
  lane: Lane,
  waiting: readonly Waiting[],
  { settings, oldestMs, bytes }: Limits,
  reading: { readonly to: string | undefined; readonly isCaughtUp: boolean; readonly isAtEnd: boolean },
  now: Millis,
): Step {
  const [part, ...behind] = lane.parts;
  if (part !== undefined) {
    const size = countWhile(waiting, ({ sequence }) => sequence <= part.until);
    const isRead = reading.isCaughtUp || (reading.to ?? "") >= part.until;
    if (!isRead) return { step: "idle" };
    if (size === 0) return { step: "skip", lane: { after: part.until, parts: behind, dueAt: 0 } };
    if (now < lane.dueAt) return { step: "wait", until: lane.dueAt };
    const old = countWhile(waiting.slice(0, size), ({ arrivedAt }) => now - arrivedAt > oldestMs);
    return old === 0
      ? { step: "invoke", size, part }
      : { step: "give-up", size: old, condition: "RecordAgeExceeded", part };
  }
  const [first] = waiting;
  if (first === undefined) return { step: "idle" };
  const partOf = (size: number): Part => ({ until: waiting[size - 1]?.sequence ?? "", failures: 0, attempts: 0 });
  const old = countWhile(waiting, ({ arrivedAt }) => now - arrivedAt > oldestMs);
  if (old > 0) return { step: "give-up", size: old, condition: "RecordAgeExceeded", part: partOf(old) };
  if (first.bytes > bytes) return { step: "give-up", size: 1, condition: "RetryAttemptsExhausted", part: partOf(1) };
  let room = bytes;
  const fitting = countWhile(waiting, (record) => (room -= record.bytes) >= 0);
  const size = Math.min(settings.batchSize, fitting);
  const until = first.readAt + settings.windowSeconds * 1000;
  const isFull = size === settings.batchSize || fitting < waiting.length || reading.isAtEnd;
  return isFull || now >= until ? { step: "invoke", size, part: partOf(size) } : { step: "wait", until };
}

function countWhile<T>(list: readonly T[], test: (one: T) => boolean): number {
  const end = list.findIndex((one) => !test(one));
  return end < 0 ? list.length : end;
}

/** How an attempt went. */
export type Result =
  | { readonly status: "succeeded" }
  /** As a whole. */
  | { readonly status: "failed" }
  /** Everything before that record succeeded. */
  | { readonly status: "failed-from"; readonly index: number }
  /** The function was throttled or could not be called: this counts against the age only. */
  | { readonly status: "unreached" };

/** The lane behind a step, and the records, from one on, that are given up with it. */
export interface After {
  readonly lane: Lane;
  readonly givenUpFrom?: number;
}

/** Waits before a batch is tried again: doubled each time. */
const shortestWaitMs = 1000;
const longestWaitMs = 60_000;

export const waitMs = (attempts: number) =>
  Math.min(longestWaitMs, shortestWaitMs * 2 ** Math.min(30, Math.max(0, attempts - 1)));

/**
 * What becomes of a batch.
 *
 * A batch that fails as a whole is split where the mapping says so, which does not count as a retry. Where a function tells
 * the first record that failed, those before it are done, and the rest is a batch that has failed once.
 *
 * @param sequences - of the batch's records
 * @see https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 */
export function afterBatch(
  lane: Lane,
  part: Part,
  sequences: readonly string[],
  result: Result,
  settings: Pick<Settings, "maximumRetries" | "bisects">,
  now: Millis,
): After {
  const behind = lane.parts.filter(({ until }) => until > part.until);
  const { until } = part;
  const done: Lane = { after: until, parts: behind, dueAt: 0 };
  const attempts = part.attempts + 1;
  const again = (first: Part, ...others: readonly Part[]): After => ({
    lane: { after: lane.after, parts: [first, ...others, ...behind], dueAt: now + waitMs(first.attempts) },
  });
  const failed = (failures: number, from: number): After => {
    if (settings.maximumRetries >= 0 && failures > settings.maximumRetries) return { lane: done, givenUpFrom: from };
    if (from === 0) return again({ until, failures, attempts });
    const rest = again({ until, failures, attempts: 1 });
    return { lane: { ...rest.lane, after: sequences[from - 1] } };
  };
  switch (result.status) {
    case "succeeded":
      return { lane: done };
    case "unreached":
      return again({ ...part, attempts });
    case "failed-from":
      return result.index === 0 ? failed(part.failures + 1, 0) : failed(1, result.index);
    case "failed": {
      const middle = Math.ceil(sequences.length / 2);
      if (!settings.bisects || sequences.length < 2) return failed(part.failures + 1, 0);
      return again({ ...part, until: sequences[middle - 1] ?? until, attempts }, { ...part, attempts });
    }
  }
}

/** The lane when the first records of it were given up without an attempt. */
export function afterGivingUp(lane: Lane, last: string): Lane {
  return { after: last, parts: lane.parts.filter(({ until }) => until > last), dueAt: lane.dueAt };
}
