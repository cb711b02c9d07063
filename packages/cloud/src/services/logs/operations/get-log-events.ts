import type { Handler } from "../../../kernel/service.ts";
import type { StoredLogLine } from "../../../store/log-segments.ts";
import { errors } from "../errors.ts";
import { beginning, cursorToken, expiryOf, parseCursorToken } from "../model.ts";
import { linesOf } from "../reading.ts";
import type { Sdk } from "../sdk.ts";
import { findGroupByIdentifier, findStream } from "../store.ts";

const largestPage = 10_000;
const largestPageBytes = 1_048_576;

/**
 * One page of a stream. Who goes on in one direction until it gets the token that it gave has seen everything.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
 */
export const getLogEvents: Handler<Sdk, "getLogEvents"> = async (ctx, input) => {
  const group = findGroupByIdentifier(ctx, input.logGroupName, input.logGroupIdentifier);
  const stream = findStream(ctx, group.name, input.logStreamName);
  const { limit = largestPage } = input;
  if (limit < 1 || limit > largestPage)
    throw errors.InvalidParameterException(`limit must be between 1 and ${largestPage}.`);
  const token = input.nextToken === undefined ? undefined : parseCursorToken(input.nextToken);
  if (input.nextToken !== undefined && token === undefined)
    throw errors.InvalidParameterException("The specified nextToken is invalid.");

  const forward = token === undefined ? input.startFromHead === true : token.direction === "f";
  const span = {
    from: Math.max(input.startTime ?? 0, expiryOf(group, ctx.now)),
    until: input.endTime ?? Number.POSITIVE_INFINITY,
    ...(token?.direction === "f" && { after: token.cursor }),
    ...(token?.direction === "b" && { before: token.cursor }),
  };
  const lines: StoredLogLine[] = [];
  let bytes = 0;
  for await (const line of linesOf(ctx.host.logSegments, stream, span, !forward)) {
    bytes += Buffer.byteLength(line.message) + 26;
    if (lines.length === limit || (bytes > largestPageBytes && lines.length > 0)) break;
    lines.push(line);
  }
  if (!forward) lines.reverse();

  const here = token?.cursor ?? beginning;
  return {
    events: lines.map(({ timestamp, ingestionTime, message }) => ({ timestamp, ingestionTime, message })),
    nextForwardToken: cursorToken("f", lines.at(-1) ?? here),
    nextBackwardToken: cursorToken("b", lines[0] ?? here),
  };
};
