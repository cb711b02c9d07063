import type { Context } from "../../../kernel/context.ts";
import { pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { packageUrl } from "../code/package-route.ts";
import { deleteCode, receiveCode, releaseCode, storeCode, useCode } from "../code/packages.ts";
import { errors, invalid } from "../errors.ts";
import { timeText } from "../model.ts";
import type { LayerVersion } from "../model.ts";
import { layerArn, parseLayerArn } from "../names.ts";
import { policyText, principalOf, withStatement, withoutStatement } from "../policies.ts";
import type { Sdk } from "../sdk.ts";
import { checkRevision, tables } from "../store.ts";

const badMarker = (message: string) => errors.InvalidParameterValueException(message);
const pageSize = 50;

/** A layer's name, in its ARN too. */
function nameOf(text: string): string {
  const name = parseLayerArn(text)?.name ?? text;
  if (!/^[a-zA-Z0-9-_]{1,140}$/.test(name))
    throw invalid(
      text,
      "layerName",
      "satisfy regular expression pattern: (arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+",
    );
  return name;
}

function findLayer(ctx: Context, text: string, number: number): LayerVersion {
  const found = ctx.table(tables.layers).get([nameOf(text), number]);
  if (found === undefined)
    throw errors.ResourceNotFoundException("The resource you requested does not exist.", { Type: "User" });
  return found;
}

function summary(ctx: Context, layer: LayerVersion) {
  return {
    LayerVersionArn: layerArn(ctx, layer.name, layer.number),
    Version: layer.number,
    Description: layer.description,
    CreatedDate: timeText(layer.createdAt),
    ...(layer.runtimes.length > 0 && { CompatibleRuntimes: [...layer.runtimes] }),
    ...(layer.architectures.length > 0 && { CompatibleArchitectures: [...layer.architectures] }),
    LicenseInfo: layer.licenseInfo,
  };
}

function describe(ctx: Context, layer: LayerVersion) {
  const { code } = layer;
  return {
    Content: { Location: packageUrl(ctx, code), CodeSha256: code.sha256, CodeSize: code.sizeBytes },
    LayerArn: layerArn(ctx, layer.name),
    ...summary(ctx, layer),
  };
}

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html */
export const publishLayerVersion: Handler<Sdk, "publishLayerVersion"> = async (ctx, input) => {
  const name = nameOf(input.LayerName);
  const code = await storeCode(ctx, await receiveCode(ctx, input.Content, "PublishLayerVersion"));
  return ctx.transaction(() => {
    const counters = ctx.table(tables.layerCounters);
    const layer: LayerVersion = {
      name,
      number: (counters.get(name) ?? 0) + 1,
      description: input.Description ?? "",
      code,
      runtimes: input.CompatibleRuntimes ?? [],
      architectures: input.CompatibleArchitectures ?? [],
      licenseInfo: input.LicenseInfo,
      createdAt: ctx.now,
    };
    counters.put(name, layer.number);
    ctx.table(tables.layers).put([name, layer.number], layer);
    useCode(ctx, code);
    return describe(ctx, layer);
  });
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersion.html */
export const getLayerVersion: Handler<Sdk, "getLayerVersion"> = (ctx, input) =>
  describe(ctx, findLayer(ctx, input.LayerName, input.VersionNumber));

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersionByArn.html */
export const getLayerVersionByArn: Handler<Sdk, "getLayerVersionByArn"> = (ctx, input) => {
  const number = parseLayerArn(input.Arn)?.number;
  if (number === undefined) throw invalid(input.Arn, "arn", "be the ARN of a layer version");
  return describe(ctx, findLayer(ctx, input.Arn, number));
};

const isFor = (layer: LayerVersion, runtime: string | undefined, architecture: string | undefined): boolean =>
  (runtime === undefined || (layer.runtimes as readonly string[]).includes(runtime)) &&
  (architecture === undefined || (layer.architectures as readonly string[]).includes(architecture));

/** Newest first. @see https://docs.aws.amazon.com/lambda/latest/api/API_ListLayerVersions.html */
export const listLayerVersions: Handler<Sdk, "listLayerVersions"> = (ctx, input) => {
  const name = nameOf(input.LayerName);
  const { items, next } = pageOf<[string, number], LayerVersion>(
    function* (options) {
      for (const [key, layer] of ctx.table(tables.layers).entries({ ...options, prefix: [name], reverse: true })) {
        if (isFor(layer, input.CompatibleRuntime, input.CompatibleArchitecture)) yield [key, layer] as const;
      }
    },
    input.Marker,
    input.MaxItems ?? pageSize,
    badMarker,
  );
  return { LayerVersions: items.map((layer) => summary(ctx, layer)), NextMarker: next };
};

/** Each with its newest version. @see https://docs.aws.amazon.com/lambda/latest/api/API_ListLayers.html */
export const listLayers: Handler<Sdk, "listLayers"> = (ctx, input) => {
  const { items, next } = pageOf<string, LayerVersion>(
    function* (options) {
      for (const name of ctx.table(tables.layerCounters).keys(options)) {
        const versions = ctx.table(tables.layers).values({ prefix: [name], reverse: true });
        const newest = [...versions].find((layer) =>
          isFor(layer, input.CompatibleRuntime, input.CompatibleArchitecture),
        );
        if (newest !== undefined) yield [name, newest] as const;
      }
    },
    input.Marker,
    input.MaxItems ?? pageSize,
    badMarker,
  );
  return {
    Layers: items.map((layer) => ({
      LayerName: layer.name,
      LayerArn: layerArn(ctx, layer.name),
      LatestMatchingVersion: summary(ctx, layer),
    })),
    NextMarker: next,
  };
};

/** Functions that have the layer keep it. @see https://docs.aws.amazon.com/lambda/latest/api/API_DeleteLayerVersion.html */
export const deleteLayerVersion: Handler<Sdk, "deleteLayerVersion"> = async (ctx, input) => {
  const key: [string, number] = [nameOf(input.LayerName), input.VersionNumber];
  const unused = ctx.transaction(() => {
    const layer = ctx.table(tables.layers).get(key);
    if (layer === undefined) return [];
    ctx.table(tables.layers).delete(key);
    ctx.table(tables.layerPolicies).delete(key);
    return releaseCode(ctx, layer.code);
  });
  await deleteCode(ctx, unused);
  return {};
};

/** Recorded and returned. @see https://docs.aws.amazon.com/lambda/latest/api/API_AddLayerVersionPermission.html */
export const addLayerVersionPermission: Handler<Sdk, "addLayerVersionPermission"> = (ctx, input) => {
  const { name, number } = findLayer(ctx, input.LayerName, input.VersionNumber);
  if (input.Action !== "lambda:GetLayerVersion")
    throw invalid(input.Action, "action", "satisfy regular expression pattern: lambda:GetLayerVersion");
  const policies = ctx.table(tables.layerPolicies);
  const current = policies.get([name, number]);
  if (input.RevisionId !== undefined) checkRevision(input.RevisionId, current?.revisionId ?? "");
  const statement = {
    Sid: input.StatementId,
    Effect: "Allow",
    Principal: principalOf(input.Principal),
    Action: input.Action,
    Resource: layerArn(ctx, name, number),
    ...(input.OrganizationId !== undefined && {
      Condition: { StringEquals: { "aws:PrincipalOrgID": input.OrganizationId } },
    }),
  };
  const changed = withStatement(ctx, current, input.StatementId, statement);
  policies.put([name, number], changed);
  return { Statement: JSON.stringify(statement), RevisionId: changed.revisionId };
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_RemoveLayerVersionPermission.html */
export const removeLayerVersionPermission: Handler<Sdk, "removeLayerVersionPermission"> = (ctx, input) => {
  const { name, number } = findLayer(ctx, input.LayerName, input.VersionNumber);
  const policies = ctx.table(tables.layerPolicies);
  const current = policies.get([name, number]);
  if (input.RevisionId !== undefined) checkRevision(input.RevisionId, current?.revisionId ?? "");
  const left = withoutStatement(ctx, current, input.StatementId);
  if (left === undefined) policies.delete([name, number]);
  else policies.put([name, number], left);
  return {};
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersionPolicy.html */
export const getLayerVersionPolicy: Handler<Sdk, "getLayerVersionPolicy"> = (ctx, input) => {
  const { name, number } = findLayer(ctx, input.LayerName, input.VersionNumber);
  const policy = ctx.table(tables.layerPolicies).get([name, number]);
  if (policy === undefined)
    throw errors.ResourceNotFoundException("No policy is associated with the given resource.", { Type: "User" });
  return { Policy: policyText(policy), RevisionId: policy.revisionId };
};
