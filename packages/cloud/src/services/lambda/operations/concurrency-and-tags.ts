import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { withoutTags } from "../../../kernel/tags.ts";
import { errors } from "../errors.ts";
import { reservedConcurrency } from "../invoking/call.ts";
import { limits } from "../limits.ts";
import type { LambdaFunction } from "../model.ts";
import { readFunctionName } from "../names.ts";
import type { Sdk } from "../sdk.ts";
import { findFunction, findMapping, tables, versionsOf } from "../store.ts";

function change(ctx: Context, name: string, members: Partial<LambdaFunction>): void {
  ctx.table(tables.functions).put(name, { ...findFunction(ctx, name), ...members });
}

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html */
export const putFunctionConcurrency: Handler<Sdk, "putFunctionConcurrency"> = (ctx, input) => {
  const { name } = readFunctionName(ctx, input.FunctionName);
  const { reservedConcurrency: before = 0 } = findFunction(ctx, name);
  const reserved = input.ReservedConcurrentExecutions;
  const left = limits.concurrentExecutions - reservedConcurrency(ctx) + before - reserved;
  if (left < limits.unreservedConcurrency) {
    throw errors.InvalidParameterValueException(
      `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${limits.unreservedConcurrency}].`,
      { Type: "User" },
    );
  }
  change(ctx, name, { reservedConcurrency: reserved });
  return { ReservedConcurrentExecutions: reserved };
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConcurrency.html */
export const getFunctionConcurrency: Handler<Sdk, "getFunctionConcurrency"> = (ctx, input) => ({
  ReservedConcurrentExecutions: findFunction(ctx, readFunctionName(ctx, input.FunctionName).name).reservedConcurrency,
});

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunctionConcurrency.html */
export const deleteFunctionConcurrency: Handler<Sdk, "deleteFunctionConcurrency"> = (ctx, input) => {
  change(ctx, readFunctionName(ctx, input.FunctionName).name, { reservedConcurrency: undefined });
  return {};
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html */
export const getAccountSettings: Handler<Sdk, "getAccountSettings"> = (ctx) => {
  const names = [...ctx.table(tables.functions).keys()];
  const packages = names.flatMap((name) => versionsOf(ctx, name).map(({ code }) => code));
  return {
    AccountLimit: {
      TotalCodeSize: 75 * 1024 ** 3,
      CodeSizeUnzipped: limits.unzippedBytes,
      CodeSizeZipped: limits.zippedBytes,
      ConcurrentExecutions: limits.concurrentExecutions,
      UnreservedConcurrentExecutions: limits.concurrentExecutions - reservedConcurrency(ctx),
    },
    AccountUsage: {
      TotalCodeSize: packages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      FunctionCount: names.length,
    },
  };
};

/** The tags of a function or of an event source mapping, and the way to replace them. */
function tagged(
  ctx: Context,
  resource: string,
): { readonly tags: Readonly<Record<string, string>>; put(tags: Readonly<Record<string, string>>): void } {
  const id = /:event-source-mapping:(?<id>[^:]+)$/.exec(resource)?.groups?.["id"];
  if (id !== undefined) {
    const mapping = findMapping(ctx, id);
    return {
      tags: mapping.tags,
      put: (tags) => ctx.table(tables.eventSourceMappings).put(id, { ...mapping, tags }),
    };
  }
  const { name } = readFunctionName(ctx, resource);
  return { tags: findFunction(ctx, name).tags, put: (tags) => change(ctx, name, { tags }) };
}

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_ListTags.html */
export const listTags: Handler<Sdk, "listTags"> = (ctx, input) => ({ Tags: { ...tagged(ctx, input.Resource).tags } });

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_TagResource.html */
export const tagResource: Handler<Sdk, "tagResource"> = (ctx, input) => {
  const { tags, put } = tagged(ctx, input.Resource);
  put({ ...tags, ...input.Tags });
  return {};
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_UntagResource.html */
export const untagResource: Handler<Sdk, "untagResource"> = (ctx, input) => {
  const { tags, put } = tagged(ctx, input.Resource);
  put(withoutTags(tags, input.TagKeys));
  return {};
};
