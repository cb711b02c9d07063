import type { Context } from "../../../kernel/context.ts";
import { keyOf, tokenOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import type { StoredLogLine } from "../../../store/log-segments.ts";
import { errors } from "../errors.ts";
import { eventId, expiryOf } from "../model.ts";
import type { LogStream } from "../model.ts";
import { PatternError, parseFilterPattern } from "../pattern/filter-pattern.ts";
import type { FilterPattern } from "../pattern/filter-pattern.ts";
import { linesOf } from "../reading.ts";
import type { Sdk } from "../sdk.ts";
import { findGroupByIdentifier, findStream, streamsOf } from "../store.ts";

const largestPage = 10_000;
const largestPageBytes = 1_048_576;

/** The last event of a page: where the next one goes on. */
type PageKey = readonly [timestamp: number, stream: string, sequence: number];

interface Found {
  readonly stream: LogStream;
  readonly line: StoredLogLine;
}

/** @throws AwsError `InvalidParameterException` with what is wrong in the pattern */
export function readPattern(text: string): FilterPattern {
  try {
    return parseFilterPattern(text);
  } catch (error) {
    if (error instanceof PatternError)
      throw errors.InvalidParameterException(`Invalid filter pattern: ${error.message}`);
    throw error;
  }
}

/** In order of time; events of one time by stream. */
function isBefore(a: Found, b: Found): boolean {
  if (a.line.timestamp !== b.line.timestamp) return a.line.timestamp < b.line.timestamp;
  return a.stream.name === b.stream.name ? a.line.sequence < b.line.sequence : a.stream.name < b.stream.name;
}

/** The lines of several streams as one sequence in order of time. */
async function* merged(
  ctx: Context,
  streams: readonly LogStream[],
  from: number,
  until: number,
  after: PageKey | undefined,
): AsyncGenerator<Found> {
  const heads: { readonly next: () => Promise<Found | undefined>; found: Found }[] = [];
  for (const stream of streams) {
    const lines = linesOf(ctx.host.logSegments, stream, { from: Math.max(from, after?.[0] ?? 0), until });
    const next = async (): Promise<Found | undefined> => {
      for (;;) {
        const { done, value: line } = await lines.next();
        if (done === true) return undefined;
        const isSeen =
          after !== undefined &&
          line.timestamp === after[0] &&
          (stream.name < after[1] || (stream.name === after[1] && line.sequence <= after[2]));
        if (!isSeen) return { stream, line };
      }
    };
    const found = await next();
    if (found !== undefined) heads.push({ next, found });
  }
  while (heads.length > 0) {
    const first = heads.reduce((a, b) => (isBefore(b.found, a.found) ? b : a));
    yield first.found;
    const found = await first.next();
    if (found === undefined) heads.splice(heads.indexOf(first), 1);
    else first.found = found;
  }
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html */
export const filterLogEvents: Handler<Sdk, "filterLogEvents"> = async (ctx, input) => {
  const group = findGroupByIdentifier(ctx, input.logGroupName, input.logGroupIdentifier);
  const { limit = largestPage, logStreamNames: names, logStreamNamePrefix: prefix } = input;
  if (limit < 1 || limit > largestPage)
    throw errors.InvalidParameterException(`limit must be between 1 and ${largestPage}.`);
  if (names !== undefined && prefix !== undefined) {
    throw errors.InvalidParameterException("logStreamNames and logStreamNamePrefix are mutually exclusive parameters.");
  }
  if (input.startFromHead === false)
    throw errors.InvalidParameterException("Trysail returns the earliest events first: leave out startFromHead.");
  const pattern = readPattern(input.filterPattern ?? "");
  const after = keyOf<PageKey>(input.nextToken, errors.InvalidParameterException);
  const streams =
    names === undefined
      ? streamsOf(ctx, group.name).filter(({ name }) => name.startsWith(prefix ?? ""))
      : [...new Set(names)].map((name) => findStream(ctx, group.name, name));

  const from = Math.max(input.startTime ?? 0, expiryOf(group, ctx.now));
  const until = (input.endTime ?? Number.POSITIVE_INFINITY) + 1;
  const found: Found[] = [];
  let bytes = 0;
  let next: string | undefined;
  for await (const event of merged(ctx, streams, from, until, after)) {
    if (!pattern.matches(event.line.message)) continue;
    bytes += Buffer.byteLength(event.line.message) + 26;
    const last = found.at(-1);
    if (last !== undefined && (found.length === limit || bytes > largestPageBytes)) {
      next = tokenOf([last.line.timestamp, last.stream.name, last.line.sequence]);
      break;
    }
    found.push(event);
  }
  return {
    events: found.map(({ stream, line }) => ({
      logStreamName: stream.name,
      timestamp: line.timestamp,
      message: line.message,
      ingestionTime: line.ingestionTime,
      eventId: eventId(stream, line),
    })),
    // AWS has returned an empty list since 2019.
    searchedLogStreams: [],
    nextToken: next,
  };
};

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TestMetricFilter.html */
export const testMetricFilter: Handler<Sdk, "testMetricFilter"> = (_ctx, input) => {
  const pattern = readPattern(input.filterPattern);
  return {
    matches: input.logEventMessages.flatMap((message, index) =>
      pattern.matches(message)
        ? [{ eventNumber: index + 1, eventMessage: message, extractedValues: pattern.extract(message) }]
        : [],
    ),
  };
};
