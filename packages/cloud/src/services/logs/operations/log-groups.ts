import { partitionOf } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { pageOf, pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { retentionDays } from "../model.ts";
import type { LogGroup } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { findGroup, nameInArn, streamsOf, tables } from "../store.ts";

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html */
export const createLogGroup: Handler<Sdk, "createLogGroup"> = (ctx, input) => {
  const name = input.logGroupName;
  if (!/^[.\-_/#A-Za-z0-9]{1,512}$/.test(name)) {
    throw errors.InvalidParameterException(
      `1 validation error detected: Value '${name}' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+`,
    );
  }
  const groups = ctx.table(tables.groups);
  if (groups.has(name)) throw errors.ResourceAlreadyExistsException("The specified log group already exists");
  groups.put(name, {
    name,
    arn: `arn:${partitionOf(ctx.region)}:logs:${ctx.region}:${ctx.account}:log-group:${name}`,
    createdAt: ctx.now,
    retentionDays: undefined,
    kmsKeyId: input.kmsKeyId,
    logGroupClass: input.logGroupClass ?? "STANDARD",
    deletionProtected: input.deletionProtectionEnabled ?? false,
    tags: input.tags ?? {},
  });
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html */
export const deleteLogGroup: Handler<Sdk, "deleteLogGroup"> = async (ctx, input) => {
  const gone = ctx.transaction(() => {
    const group = findGroup(ctx, input.logGroupName);
    if (group.deletionProtected)
      throw errors.ValidationException(`The log group ${group.name} is protected from deletion.`);
    const streams = streamsOf(ctx, group.name);
    for (const { name } of streams) ctx.table(tables.streams).delete([group.name, name]);
    for (const key of metricFilterKeys(ctx, group)) ctx.table(tables.metricFilters).delete(key);
    ctx.table(tables.groups).delete(group.name);
    return streams;
  });
  await Promise.all(gone.map(({ segments }) => ctx.host.logSegments.delete(segments)));
  return {};
};

const metricFilterKeys = (ctx: Context, { name }: LogGroup) => [
  ...ctx.table(tables.metricFilters).keys({ prefix: [name] }),
];

async function describe(ctx: Context, group: LogGroup) {
  const sizes = await Promise.all(
    streamsOf(ctx, group.name).map(({ segments }) => ctx.host.logSegments.stat(segments)),
  );
  return {
    logGroupName: group.name,
    creationTime: group.createdAt,
    retentionInDays: group.retentionDays,
    metricFilterCount: metricFilterKeys(ctx, group).length,
    arn: `${group.arn}:*`,
    logGroupArn: group.arn,
    storedBytes: sizes.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    kmsKeyId: group.kmsKeyId,
    logGroupClass: group.logGroupClass,
    deletionProtectionEnabled: group.deletionProtected,
  };
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html */
export const describeLogGroups: Handler<Sdk, "describeLogGroups"> = async (ctx, input) => {
  const {
    logGroupNamePrefix: startsWith,
    logGroupNamePattern: pattern,
    logGroupIdentifiers: identifiers,
    limit = 50,
  } = input;
  if (startsWith !== undefined && pattern !== undefined) {
    throw errors.InvalidParameterException(
      "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
    );
  }
  const groups = ctx.table(tables.groups);
  const fits = (group: LogGroup) =>
    (pattern === undefined || group.name.toLowerCase().includes(pattern.toLowerCase())) &&
    (input.logGroupClass === undefined || group.logGroupClass === input.logGroupClass);
  function* entriesAfter(options: { readonly after?: string }): Generator<[string, LogGroup]> {
    for (const [name, group] of groups.entries({ ...options, ...(startsWith !== undefined && { startsWith }) })) {
      if (fits(group)) yield [name, group];
    }
  }
  const page =
    identifiers === undefined
      ? pageOf(entriesAfter, input.nextToken, limit, errors.InvalidParameterException)
      : pageOfList(
          identifiers.flatMap((identifier) => groups.get(nameInArn(identifier)) ?? []),
          input.nextToken,
          limit,
          errors.InvalidParameterException,
        );
  return { logGroups: await Promise.all(page.items.map((group) => describe(ctx, group))), nextToken: page.next };
};

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
export const putRetentionPolicy: Handler<Sdk, "putRetentionPolicy"> = (ctx, input) => {
  const group = findGroup(ctx, input.logGroupName);
  if (!retentionDays.includes(input.retentionInDays)) {
    throw errors.InvalidParameterException(`The value for retentionInDays must be one of ${retentionDays.join(", ")}.`);
  }
  ctx.table(tables.groups).put(group.name, { ...group, retentionDays: input.retentionInDays });
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteRetentionPolicy.html */
export const deleteRetentionPolicy: Handler<Sdk, "deleteRetentionPolicy"> = (ctx, input) => {
  const group = findGroup(ctx, input.logGroupName);
  ctx.table(tables.groups).put(group.name, { ...group, retentionDays: undefined });
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogGroupDeletionProtection.html */
export const putLogGroupDeletionProtection: Handler<Sdk, "putLogGroupDeletionProtection"> = (ctx, input) => {
  const group = findGroup(ctx, nameInArn(input.logGroupIdentifier));
  ctx.table(tables.groups).put(group.name, { ...group, deletionProtected: input.deletionProtectionEnabled });
  return {};
};
