import { pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import type { Context } from "../../../kernel/context.ts";
import { describe } from "../describe.ts";
import { errors, invalid, refused } from "../errors.ts";
import { latest, versionText } from "../model.ts";
import type { Alias, Version, VersionNumber } from "../model.ts";
import { functionArn, readFunctionName } from "../names.ts";
import { publish } from "../publishing.ts";
import type { Sdk } from "../sdk.ts";
import { checkRevision, findAlias, findFunction, findVersion, tables } from "../store.ts";

const badMarker = (message: string) => errors.InvalidParameterValueException(message);
const pageSize = 50;

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html */
export const publishVersion: Handler<Sdk, "publishVersion"> = (ctx, input) => {
  const { name } = readFunctionName(ctx, input.FunctionName);
  if (input.PublishTo !== undefined) throw refused("publishes numbered versions only: leave out PublishTo.");
  const current = findVersion(ctx, name, undefined);
  checkRevision(input.RevisionId, current.revisionId);
  if (input.CodeSha256 !== undefined && input.CodeSha256 !== current.code.sha256) {
    throw errors.InvalidParameterValueException(
      `CodeSHA256 (${input.CodeSha256}) is different from current CodeSHA256 in $LATEST (${current.code.sha256}). Please try again with the CodeSHA256 in $LATEST.`,
      { Type: "User" },
    );
  }
  return describe(ctx, publish(ctx, current, input.Description));
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_ListVersionsByFunction.html */
export const listVersionsByFunction: Handler<Sdk, "listVersionsByFunction"> = (ctx, input) => {
  const { name } = readFunctionName(ctx, input.FunctionName);
  findFunction(ctx, name);
  const { items, next } = pageOf<[string, number], Version>(
    (options) => ctx.table(tables.versions).entries({ ...options, prefix: [name] }),
    input.Marker,
    input.MaxItems ?? pageSize,
    badMarker,
  );
  return { Versions: items.map((version) => describe(ctx, version, true)), NextMarker: next };
};

function describeAlias(ctx: Context, alias: Alias) {
  const { functionName, name, version, description, additional, revisionId } = alias;
  return {
    AliasArn: functionArn(ctx, functionName, name),
    Name: name,
    FunctionVersion: versionText(version),
    Description: description,
    ...(additional !== undefined && {
      RoutingConfig: { AdditionalVersionWeights: { [versionText(additional.version)]: additional.weight } },
    }),
    RevisionId: revisionId,
  };
}

/** A version that an alias names. */
function readVersion(ctx: Context, name: string, text: string): VersionNumber {
  if (!/^(\$LATEST|\d+)$/.test(text))
    throw invalid(text, "functionVersion", "satisfy regular expression pattern: (\\$LATEST|[0-9]+)");
  return findVersion(ctx, name, text).number;
}

/** An alias may send a part of its invocations to a second version. */
function readRouting(
  ctx: Context,
  name: string,
  version: VersionNumber,
  weights: Readonly<Record<string, number>> | undefined,
): Alias["additional"] {
  const [entry, ...others] = Object.entries(weights ?? {});
  if (entry === undefined) return undefined;
  const wrong = (message: string) => errors.InvalidParameterValueException(message, { Type: "User" });
  if (others.length > 0) throw wrong("Number of items in AdditionalVersionWeights cannot be greater than 1");
  const [text, weight] = entry;
  if (weight < 0 || weight > 1) throw wrong("RoutingConfig weights must be between 0.0 and 1.0");
  const additional = readVersion(ctx, name, text);
  if (version === latest || additional === latest)
    throw wrong("$LATEST is not supported for an alias pointing to more than 1 version");
  if (additional === version)
    throw wrong(
      `Invalid function version ${text}. Function version ${text} is already included in routing configuration.`,
    );
  return { version: additional, weight };
}

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html */
export const createAlias: Handler<Sdk, "createAlias"> = (ctx, input) => {
  const { name } = readFunctionName(ctx, input.FunctionName);
  findFunction(ctx, name);
  if (!/^(?!^[0-9]+$)[a-zA-Z0-9-_]{1,128}$/.test(input.Name))
    throw invalid(input.Name, "name", "satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)");
  const aliases = ctx.table(tables.aliases);
  if (aliases.has([name, input.Name])) {
    throw errors.ResourceConflictException(`Alias already exists: ${functionArn(ctx, name, input.Name)}`, {
      Type: "User",
    });
  }
  const version = readVersion(ctx, name, input.FunctionVersion);
  const alias: Alias = {
    functionName: name,
    name: input.Name,
    version,
    description: input.Description ?? "",
    additional: readRouting(ctx, name, version, input.RoutingConfig?.AdditionalVersionWeights),
    revisionId: ctx.ids.uuid(),
  };
  aliases.put([name, alias.name], alias);
  return describeAlias(ctx, alias);
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_UpdateAlias.html */
export const updateAlias: Handler<Sdk, "updateAlias"> = (ctx, input) => {
  const { name } = readFunctionName(ctx, input.FunctionName);
  const current = findAlias(ctx, name, input.Name);
  checkRevision(input.RevisionId, current.revisionId);
  const version = input.FunctionVersion === undefined ? current.version : readVersion(ctx, name, input.FunctionVersion);
  const alias: Alias = {
    ...current,
    version,
    description: input.Description ?? current.description,
    additional:
      input.RoutingConfig === undefined
        ? current.additional
        : readRouting(ctx, name, version, input.RoutingConfig.AdditionalVersionWeights),
    revisionId: ctx.ids.uuid(),
  };
  ctx.table(tables.aliases).put([name, alias.name], alias);
  return describeAlias(ctx, alias);
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_GetAlias.html */
export const getAlias: Handler<Sdk, "getAlias"> = (ctx, input) => {
  const { name } = readFunctionName(ctx, input.FunctionName);
  return describeAlias(ctx, findAlias(ctx, name, input.Name));
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_ListAliases.html */
export const listAliases: Handler<Sdk, "listAliases"> = (ctx, input) => {
  const { name } = readFunctionName(ctx, input.FunctionName);
  findFunction(ctx, name);
  const wanted = input.FunctionVersion;
  const { items, next } = pageOf<[string, string], Alias>(
    function* (options) {
      for (const [key, alias] of ctx.table(tables.aliases).entries({ ...options, prefix: [name] })) {
        if (wanted === undefined || versionText(alias.version) === wanted) yield [key, alias] as const;
      }
    },
    input.Marker,
    input.MaxItems ?? pageSize,
    badMarker,
  );
  return { Aliases: items.map((alias) => describeAlias(ctx, alias)), NextMarker: next };
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_DeleteAlias.html */
export const deleteAlias: Handler<Sdk, "deleteAlias"> = (ctx, input) => {
  const { name } = readFunctionName(ctx, input.FunctionName);
  findFunction(ctx, name);
  ctx.table(tables.aliases).delete([name, input.Name]);
  ctx.table(tables.policies).delete([name, input.Name]);
  ctx.table(tables.eventInvokeConfigs).delete([name, input.Name]);
  return {};
};
