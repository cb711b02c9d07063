import type { Context } from "../../../kernel/context.ts";
import { pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { deleteCode, releaseCode } from "../code/packages.ts";
import { packageUrl } from "../code/package-route.ts";
import { describe } from "../describe.ts";
import { errors, refused } from "../errors.ts";
import { retireEnvironments } from "../execution/fleet.ts";
import { latest } from "../model.ts";
import type { Code, Version } from "../model.ts";
import { functionArn, readFunctionName } from "../names.ts";
import type { Sdk } from "../sdk.ts";
import { findFunction, findVersion, isVersion, tables, versionsOf } from "../store.ts";

const badMarker = (message: string) => errors.InvalidParameterValueException(message);
const pageSize = 50;

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html */
export const getFunction: Handler<Sdk, "getFunction"> = (ctx, input) => {
  const { name, qualifier } = readFunctionName(ctx, input.FunctionName, input.Qualifier);
  const version = findVersion(ctx, name, qualifier);
  const { tags, reservedConcurrency } = findFunction(ctx, name);
  return {
    Configuration: described(ctx, version, qualifier),
    Code: { RepositoryType: "S3", Location: packageUrl(ctx, version.code) },
    ...(Object.keys(tags).length > 0 && { Tags: { ...tags } }),
    ...(reservedConcurrency !== undefined && { Concurrency: { ReservedConcurrentExecutions: reservedConcurrency } }),
  };
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html */
export const getFunctionConfiguration: Handler<Sdk, "getFunctionConfiguration"> = (ctx, input) => {
  const { name, qualifier } = readFunctionName(ctx, input.FunctionName, input.Qualifier);
  return described(ctx, findVersion(ctx, name, qualifier), qualifier);
};

/** With the ARN by which it was asked for. */
function described(ctx: Context, version: Version, qualifier: string | undefined) {
  const configuration = describe(ctx, version, qualifier !== undefined);
  const isAlias = qualifier !== undefined && !isVersion(qualifier);
  return isAlias ? { ...configuration, FunctionArn: functionArn(ctx, version.functionName, qualifier) } : configuration;
}

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html */
export const listFunctions: Handler<Sdk, "listFunctions"> = (ctx, input) => {
  if (input.MasterRegion !== undefined) throw refused("has no Lambda@Edge: leave out MasterRegion.");
  const versions = ctx.table(tables.versions);
  const all = input.FunctionVersion === "ALL";
  const { items, next } = pageOf<[string, number], Version>(
    function* (options) {
      for (const [key, version] of versions.entries(options))
        if (all || version.number === latest) yield [key, version] as const;
    },
    input.Marker,
    input.MaxItems ?? pageSize,
    badMarker,
  );
  return { Functions: items.map((version) => describe(ctx, version, all)), NextMarker: next };
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html */
export const deleteFunction: Handler<Sdk, "deleteFunction"> = async (ctx, input) => {
  const { name, qualifier } = readFunctionName(ctx, input.FunctionName, input.Qualifier);
  findFunction(ctx, name);
  if (qualifier === "$LATEST") {
    throw errors.InvalidParameterValueException("$LATEST version cannot be deleted without deleting the function.", {
      Type: "User",
    });
  }
  if (qualifier !== undefined && !isVersion(qualifier))
    throw errors.InvalidParameterValueException("Deletion of aliases is not currently supported.", { Type: "User" });
  const unused = ctx.transaction(() =>
    qualifier === undefined ? removeFunction(ctx, name) : removeVersion(ctx, name, Number(qualifier)),
  );
  retireEnvironments(ctx, name, qualifier === undefined ? undefined : Number(qualifier));
  await deleteCode(ctx, unused);
  return { StatusCode: 204 };
};

function codesOf({ code, layers }: Version): Code[] {
  return [code, ...layers.map((layer) => layer.code)];
}

function removeVersion(ctx: Context, name: string, number: number): Code[] {
  const version = ctx.table(tables.versions).get([name, number]);
  // Deleting what is not there succeeds, as in AWS.
  if (version === undefined) return [];
  const users = [...ctx.table(tables.aliases).values({ prefix: [name] })].filter(
    (alias) => alias.version === number || alias.additional?.version === number,
  );
  if (users.length > 0) {
    throw errors.ResourceConflictException(
      `Unable to delete version because the following aliases reference it: [${users.map((alias) => alias.name).join(", ")}]`,
      { Type: "User" },
    );
  }
  ctx.table(tables.versions).delete([name, number]);
  return releaseCode(ctx, ...codesOf(version));
}

/** All that a function has goes with it. Events that wait for it are dropped. */
function removeFunction(ctx: Context, name: string): Code[] {
  const unused = versionsOf(ctx, name).flatMap((version) => releaseCode(ctx, ...codesOf(version)));
  for (const url of ctx.table(tables.urls).values({ prefix: [name] })) ctx.table(tables.urlOwners).delete(url.id);
  for (const table of [tables.versions, tables.aliases, tables.policies, tables.eventInvokeConfigs, tables.urls]) {
    const rows = ctx.table<[string, string | number], unknown>(table);
    for (const key of Array.from(rows.keys({ prefix: [name] }))) rows.delete(key);
  }
  ctx.table(tables.functions).delete(name);
  return unused;
}
