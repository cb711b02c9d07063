import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { measureLines } from "../metrics/measuring.ts";
import { acceptedEvents, expiryOf, limits } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { findGroup, findStream, tables } from "../store.ts";

interface Event {
  readonly timestamp: number;
  readonly message: string;
}

function check(events: readonly Event[]): void {
  if (events.length < 1 || events.length > limits.eventsPerBatch) {
    throw errors.InvalidParameterException(
      `1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length less than or equal to ${limits.eventsPerBatch}, and at least 1`,
    );
  }
  const bytes = events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + limits.eventOverheadBytes, 0);
  if (bytes > limits.batchBytes)
    throw errors.InvalidParameterException(`Upload too large: ${bytes} bytes exceeds limit of ${limits.batchBytes}`);
  if (events.some(({ message }) => message === "")) {
    throw errors.InvalidParameterException(
      "1 validation error detected: Value '' at 'logEvents.message' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  }
  if (events.some(({ timestamp }, index) => timestamp < (events[index - 1]?.timestamp ?? 0))) {
    throw errors.InvalidParameterException(
      "Log events in a single PutLogEvents request must be in chronological order.",
    );
  }
  if ((events.at(-1)?.timestamp ?? 0) - (events[0]?.timestamp ?? 0) > limits.batchSpanMs) {
    throw errors.InvalidParameterException(
      "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
    );
  }
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
export const putLogEvents: Handler<Sdk, "putLogEvents"> = async (ctx, input) => {
  const { logGroupName: group, logStreamName: name } = input;
  const stream = findStream(ctx, group, name);
  const events: readonly Event[] = input.logEvents.map(({ timestamp = 0, message = "" }) => ({ timestamp, message }));
  check(events);
  const { start, end, rejected } = acceptedEvents(
    events.map(({ timestamp }) => timestamp),
    ctx.now,
    expiryOf(findGroup(ctx, group), ctx.now),
  );
  const accepted = events.slice(start, end);
  const first = accepted[0]?.timestamp;
  const last = accepted.at(-1)?.timestamp;
  if (first !== undefined && last !== undefined) {
    // Before the lines: a reader who does not know yet that they are out of order would not look at all of them.
    ctx.transaction(() => {
      const current = findStream(ctx, group, name);
      ctx.table(tables.streams).put([group, name], {
        ...current,
        firstEventAt: Math.min(current.firstEventAt ?? first, first),
        lastEventAt: Math.max(current.lastEventAt ?? last, last),
        inOrder: current.inOrder && first >= (current.lastEventAt ?? first),
      });
    });
    await ctx.host.logSegments.append(
      stream.segments,
      accepted.map((event) => ({ ...event, ingestionTime: ctx.now })),
    );
    // After the lines: who is woken by this change finds them.
    ctx.transaction(() => {
      const current = ctx.table(tables.streams).get([group, name]);
      if (current !== undefined) ctx.table(tables.streams).put([group, name], { ...current, lastIngestionAt: ctx.now });
    });
    measureLines(ctx, group, accepted);
  }
  return { nextSequenceToken: stream.segments, rejectedLogEventsInfo: rejected };
};
