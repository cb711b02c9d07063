import type { FunctionEventInvokeConfig, PutFunctionEventInvokeConfigRequest } from "@aws-sdk/client-lambda";
import type { Context } from "../../../kernel/context.ts";
import { pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors, invalid, refused } from "../errors.ts";
import { destinationKind } from "../invoking/destination-kinds.ts";
import { defaultPolicy } from "../invoking/retrying.ts";
import { functionArn, readFunctionName } from "../names.ts";
import type { Sdk } from "../sdk.ts";
import { findAlias, findFunction, findVersion, isVersion, tables } from "../store.ts";

type Stored = FunctionEventInvokeConfig & { readonly LastModified: Date };

/** What is configured: a version, an alias, or `$LATEST` where nothing is named. */
function ownerOf(
  ctx: Context,
  input: { readonly FunctionName: string; readonly Qualifier?: string | undefined },
): [string, string] {
  const { name, qualifier = "$LATEST" } = readFunctionName(ctx, input.FunctionName, input.Qualifier);
  findFunction(ctx, name);
  void (isVersion(qualifier) ? findVersion(ctx, name, qualifier) : findAlias(ctx, name, qualifier));
  return [name, qualifier];
}

function checkDestination(destination: string | undefined): void {
  if (destination === undefined || destinationKind(destination) !== undefined) return;
  throw refused(`sends records of events to functions, topics and event buses only, not to ${destination}.`);
}

function put(
  ctx: Context,
  [name, qualifier]: [string, string],
  input: Omit<PutFunctionEventInvokeConfigRequest, "FunctionName">,
  current: FunctionEventInvokeConfig | undefined,
): Stored {
  const { MaximumEventAgeInSeconds: age, MaximumRetryAttempts: retries, DestinationConfig: destinations } = input;
  if (age !== undefined && (age < 60 || age > defaultPolicy.maximumAgeSeconds))
    throw invalid(
      age,
      "maximumEventAgeInSeconds",
      age < 60 ? "have value greater than or equal to 60" : "have value less than or equal to 21600",
    );
  if (retries !== undefined && (retries < 0 || retries > 2))
    throw invalid(
      retries,
      "maximumRetryAttempts",
      retries < 0 ? "have value greater than or equal to 0" : "have value less than or equal to 2",
    );
  checkDestination(destinations?.OnSuccess?.Destination);
  checkDestination(destinations?.OnFailure?.Destination);
  const config: Stored = {
    ...current,
    LastModified: new Date(ctx.now),
    FunctionArn: functionArn(ctx, name, qualifier),
    ...(age !== undefined && { MaximumEventAgeInSeconds: age }),
    ...(retries !== undefined && { MaximumRetryAttempts: retries }),
    ...(destinations !== undefined && { DestinationConfig: destinations }),
  };
  ctx.table(tables.eventInvokeConfigs).put([name, qualifier], config);
  return config;
}

function find(ctx: Context, key: [string, string]): FunctionEventInvokeConfig {
  const config = ctx.table(tables.eventInvokeConfigs).get(key);
  if (config === undefined) {
    throw errors.ResourceNotFoundException(
      `The function ${functionArn(ctx, ...key)} doesn't have an EventInvokeConfig`,
      { Type: "User" },
    );
  }
  return config;
}

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html */
export const putFunctionEventInvokeConfig: Handler<Sdk, "putFunctionEventInvokeConfig"> = (ctx, input) =>
  put(ctx, ownerOf(ctx, input), input, undefined);

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionEventInvokeConfig.html */
export const updateFunctionEventInvokeConfig: Handler<Sdk, "updateFunctionEventInvokeConfig"> = (ctx, input) => {
  const key = ownerOf(ctx, input);
  return put(ctx, key, input, find(ctx, key));
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionEventInvokeConfig.html */
export const getFunctionEventInvokeConfig: Handler<Sdk, "getFunctionEventInvokeConfig"> = (ctx, input) =>
  find(ctx, ownerOf(ctx, input));

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunctionEventInvokeConfig.html */
export const deleteFunctionEventInvokeConfig: Handler<Sdk, "deleteFunctionEventInvokeConfig"> = (ctx, input) => {
  const key = ownerOf(ctx, input);
  find(ctx, key);
  ctx.table(tables.eventInvokeConfigs).delete(key);
  return {};
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctionEventInvokeConfigs.html */
export const listFunctionEventInvokeConfigs: Handler<Sdk, "listFunctionEventInvokeConfigs"> = (ctx, input) => {
  const { name } = readFunctionName(ctx, input.FunctionName);
  findFunction(ctx, name);
  const { items, next } = pageOf<[string, string], FunctionEventInvokeConfig>(
    (options) => ctx.table(tables.eventInvokeConfigs).entries({ ...options, prefix: [name] }),
    input.Marker,
    input.MaxItems ?? 50,
    (message) => errors.InvalidParameterValueException(message),
  );
  return { FunctionEventInvokeConfigs: items, NextMarker: next };
};
