import type { Context } from "../../../kernel/context.ts";
import { pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors, refused } from "../errors.ts";
import { functionArn, readFunctionName } from "../names.ts";
import type { Sdk } from "../sdk.ts";
import { findAlias, findFunction, isVersion, tables } from "../store.ts";
import type { FunctionUrl } from "../url/model.ts";
import { urlOf } from "../url/route.ts";

interface Named {
  readonly FunctionName: string;
  readonly Qualifier?: string | undefined;
}

function ownerOf(ctx: Context, input: Named): [name: string, qualifier: string] {
  const { name, qualifier } = readFunctionName(ctx, input.FunctionName, input.Qualifier);
  findFunction(ctx, name);
  if (qualifier === undefined) return [name, ""];
  if (isVersion(qualifier))
    throw errors.InvalidParameterValueException(
      "Function URLs can be added to $LATEST, without a qualifier, and to aliases.",
      { Type: "User" },
    );
  return [name, findAlias(ctx, name, qualifier).name];
}

function find(ctx: Context, key: [string, string]): FunctionUrl {
  const url = ctx.table(tables.urls).get(key);
  if (url === undefined)
    throw errors.ResourceNotFoundException("The resource you requested does not exist.", { Type: "User" });
  return url;
}

function check(input: { readonly AuthType?: string | undefined; readonly InvokeMode?: string | undefined }): void {
  if (input.AuthType === "AWS_IAM") throw refused("does not check signatures at function URLs: AuthType must be NONE.");
  if (input.InvokeMode === "RESPONSE_STREAM")
    throw refused("does not stream responses of functions: InvokeMode must be BUFFERED.");
}

function describe(ctx: Context, [name, qualifier]: [string, string], url: FunctionUrl) {
  return {
    FunctionUrl: urlOf(ctx, url),
    FunctionArn: functionArn(ctx, name, qualifier === "" ? undefined : qualifier),
    AuthType: url.authType,
    ...(url.cors !== undefined && { Cors: url.cors }),
    CreationTime: new Date(url.createdAt).toISOString(),
    LastModifiedTime: new Date(url.modifiedAt).toISOString(),
    InvokeMode: url.invokeMode,
  };
}

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunctionUrlConfig.html */
export const createFunctionUrlConfig: Handler<Sdk, "createFunctionUrlConfig"> = (ctx, input) => {
  const key = ownerOf(ctx, input);
  check(input);
  const urls = ctx.table(tables.urls);
  if (urls.has(key)) {
    throw errors.ResourceConflictException(
      `Failed to create function url config for [functionArn = ${functionArn(ctx, key[0], key[1] === "" ? undefined : key[1])}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
      { Type: "User" },
    );
  }
  const url: FunctionUrl = {
    id: ctx.ids.text(32),
    authType: input.AuthType,
    cors: input.Cors,
    invokeMode: input.InvokeMode ?? "BUFFERED",
    createdAt: ctx.now,
    modifiedAt: ctx.now,
  };
  urls.put(key, url);
  const [functionName, qualifier] = key;
  ctx.table(tables.urlOwners).put(url.id, { account: ctx.account, region: ctx.region, functionName, qualifier });
  return describe(ctx, key, url);
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionUrlConfig.html */
export const updateFunctionUrlConfig: Handler<Sdk, "updateFunctionUrlConfig"> = (ctx, input) => {
  const key = ownerOf(ctx, input);
  check(input);
  const current = find(ctx, key);
  const isWithoutCors = input.Cors !== undefined && Object.keys(input.Cors).length === 0;
  const url: FunctionUrl = {
    ...current,
    authType: input.AuthType ?? current.authType,
    cors: isWithoutCors ? undefined : (input.Cors ?? current.cors),
    invokeMode: input.InvokeMode ?? current.invokeMode,
    modifiedAt: ctx.now,
  };
  ctx.table(tables.urls).put(key, url);
  return describe(ctx, key, url);
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionUrlConfig.html */
export const getFunctionUrlConfig: Handler<Sdk, "getFunctionUrlConfig"> = (ctx, input) => {
  const key = ownerOf(ctx, input);
  return describe(ctx, key, find(ctx, key));
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctionUrlConfigs.html */
export const listFunctionUrlConfigs: Handler<Sdk, "listFunctionUrlConfigs"> = (ctx, input) => {
  const { name } = readFunctionName(ctx, input.FunctionName);
  findFunction(ctx, name);
  const { items, next } = pageOf<[string, string], ReturnType<typeof describe>>(
    function* (options) {
      for (const [key, url] of ctx.table(tables.urls).entries({ ...options, prefix: [name] }))
        yield [key, describe(ctx, key, url)] as const;
    },
    input.Marker,
    input.MaxItems ?? 50,
    (message) => errors.InvalidParameterValueException(message),
  );
  return { FunctionUrlConfigs: items, NextMarker: next };
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunctionUrlConfig.html */
export const deleteFunctionUrlConfig: Handler<Sdk, "deleteFunctionUrlConfig"> = (ctx, input) => {
  const key = ownerOf(ctx, input);
  ctx.table(tables.urlOwners).delete(find(ctx, key).id);
  ctx.table(tables.urls).delete(key);
  return {};
};
