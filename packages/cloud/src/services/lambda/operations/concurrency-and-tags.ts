import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { withoutTags } from "../../../kernel/tags.ts";
import { errors } from "../errors.ts";
import { reservedConcurrency } from "../invoking/call.ts";
import { limits } from "../limits.ts";
import type { LambdaFunction } from "../model.ts";
import { readFunctionName } from "../names.ts";
import type { Sdk } from "../sdk.ts";
import { findFunction, tables, versionsOf } from "../store.ts";

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

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_ListTags.html */
export const listTags: Handler<Sdk, "listTags"> = (ctx, input) => ({
  Tags: { ...findFunction(ctx, readFunctionName(ctx, input.Resource).name).tags },
});

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_TagResource.html */
export const tagResource: Handler<Sdk, "tagResource"> = (ctx, input) => {
  const { name } = readFunctionName(ctx, input.Resource);
  change(ctx, name, { tags: { ...findFunction(ctx, name).tags, ...input.Tags } });
  return {};
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_UntagResource.html */
export const untagResource: Handler<Sdk, "untagResource"> = (ctx, input) => {
  const { name } = readFunctionName(ctx, input.Resource);
  change(ctx, name, { tags: withoutTags(findFunction(ctx, name).tags, input.TagKeys) });
  return {};
};
