import type { Context } from "../../kernel/context.ts";
import { table } from "../../store/table.ts";
import { errors } from "./errors.ts";
import type { MetricFilter } from "./metrics/metric-filter.ts";
import type { LogGroup, LogStream } from "./model.ts";

export const tables = {
  groups: table<string, LogGroup>("groups"),
  streams: table<[group: string, stream: string], LogStream>("streams"),
  metricFilters: table<[group: string, filter: string], MetricFilter>("metric-filters"),
};

/** @throws AwsError `ResourceNotFoundException` */
export function findGroup(ctx: Context, name: string): LogGroup {
  const group = ctx.table(tables.groups).get(name);
  if (group === undefined) throw errors.ResourceNotFoundException("The specified log group does not exist.");
  return group;
}

/** Finds a group by its name or its ARN, as operations that take either do. */
export function findGroupByIdentifier(
  ctx: Context,
  name: string | undefined,
  identifier: string | undefined,
): LogGroup {
  if ((name === undefined) === (identifier === undefined)) {
    throw errors.InvalidParameterException("Exactly one of logGroupName and logGroupIdentifier must be given.");
  }
  return findGroup(ctx, name ?? nameInArn(identifier ?? ""));
}

/** The group's name in its ARN; a name is given back as it is. */
export function nameInArn(identifier: string): string {
  return (
    /^arn:[^:]+:logs:[^:]*:\d{12}:log-group:(?<name>[^:]+)(:\*)?$/.exec(identifier)?.groups?.["name"] ?? identifier
  );
}

/** @throws AwsError `ResourceNotFoundException` for a group or stream that is not there */
export function findStream(ctx: Context, group: string, name: string): LogStream {
  findGroup(ctx, group);
  const stream = ctx.table(tables.streams).get([group, name]);
  if (stream === undefined) throw errors.ResourceNotFoundException("The specified log stream does not exist.");
  return stream;
}

export function streamsOf(ctx: Context, group: string): LogStream[] {
  return [...ctx.table(tables.streams).values({ prefix: [group] })];
}
