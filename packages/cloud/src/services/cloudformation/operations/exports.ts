import { pageOf, pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { importersOf } from "../engine/finish.ts";
import { errors } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListExports.html */
export const listExports: Handler<Sdk, "listExports"> = (ctx, input) => {
  const { items, next } = pageOf(
    (options: { readonly after?: string }) => ctx.table(tables.exports).entries(options),
    input.NextToken,
    100,
    errors.ValidationError,
  );
  return {
    Exports: items.map(({ name, value, stackId }) => ({ Name: name, Value: value, ExportingStackId: stackId })),
    NextToken: next,
  };
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListImports.html */
export const listImports: Handler<Sdk, "listImports"> = (ctx, input) => {
  const name = input.ExportName;
  if (!ctx.table(tables.exports).has(name)) throw errors.ValidationError(`Export '${name}' does not exist.`);
  const { items, next } = pageOfList(importersOf(ctx, name), input.NextToken, 100, errors.ValidationError);
  if (items.length === 0) throw errors.ValidationError(`Export '${name}' is not imported by any stack.`);
  return { Imports: items, NextToken: next };
};
