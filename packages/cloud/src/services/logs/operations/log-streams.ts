import type { Handler } from "../../../kernel/service.ts";
import { pageOf, pageOfList } from "../../../kernel/paging.ts";
import { errors } from "../errors.ts";
import type { LogStream } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { findGroup, findGroupByIdentifier, findStream, streamsOf, tables } from "../store.ts";

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html */
export const createLogStream: Handler<Sdk, "createLogStream"> = (ctx, input) => {
  const { logGroupName: group, logStreamName: name } = input;
  findGroup(ctx, group);
  if (!/^[^:*]{1,512}$/.test(name)) {
    throw errors.InvalidParameterException(
      `1 validation error detected: Value '${name}' at 'logStreamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*`,
    );
  }
  const streams = ctx.table(tables.streams);
  if (streams.has([group, name]))
    throw errors.ResourceAlreadyExistsException("The specified log stream already exists");
  streams.put([group, name], {
    group,
    name,
    createdAt: ctx.now,
    segments: ctx.ids.uuid(),
    firstEventAt: undefined,
    lastEventAt: undefined,
    lastIngestionAt: undefined,
    inOrder: true,
  });
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogStream.html */
export const deleteLogStream: Handler<Sdk, "deleteLogStream"> = async (ctx, input) => {
  const { segments } = ctx.transaction(() => {
    const stream = findStream(ctx, input.logGroupName, input.logStreamName);
    ctx.table(tables.streams).delete([stream.group, stream.name]);
    return stream;
  });
  await ctx.host.logSegments.delete(segments);
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html */
export const describeLogStreams: Handler<Sdk, "describeLogStreams"> = (ctx, input) => {
  const group = findGroupByIdentifier(ctx, input.logGroupName, input.logGroupIdentifier);
  const { orderBy = "LogStreamName", descending: reverse = false, logStreamNamePrefix: startsWith, limit = 50 } = input;
  if (orderBy === "LastEventTime" && startsWith !== undefined) {
    throw errors.InvalidParameterException("Cannot order by LastEventTime with a logStreamNamePrefix.");
  }
  const byTime = () => {
    const sign = reverse ? -1 : 1;
    const sorted = streamsOf(ctx, group.name).sort(
      (a, b) => sign * ((a.lastEventAt ?? a.createdAt) - (b.lastEventAt ?? b.createdAt)),
    );
    return pageOfList(sorted, input.nextToken, limit, errors.InvalidParameterException);
  };
  const byName = () =>
    pageOf<[string, string], LogStream>(
      (options) =>
        ctx
          .table(tables.streams)
          .entries({ ...options, prefix: [group.name], reverse, ...(startsWith !== undefined && { startsWith }) }),
      input.nextToken,
      limit,
      errors.InvalidParameterException,
    );
  const { items, next } = orderBy === "LastEventTime" ? byTime() : byName();
  return {
    logStreams: items.map((stream) => ({
      logStreamName: stream.name,
      creationTime: stream.createdAt,
      firstEventTimestamp: stream.firstEventAt,
      lastEventTimestamp: stream.lastEventAt,
      lastIngestionTime: stream.lastIngestionAt,
      uploadSequenceToken: stream.segments,
      arn: `${group.arn}:log-stream:${stream.name}`,
      // As AWS does since 2019: the size is told for groups only.
      storedBytes: 0,
    })),
    nextToken: next,
  };
};
