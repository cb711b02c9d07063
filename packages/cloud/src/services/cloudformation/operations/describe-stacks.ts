import { pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import type { Stack } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { findStack, tables } from "../store.ts";
import { describeStack, summarizeStack } from "./describe.ts";

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html */
export const describeStacks: Handler<Sdk, "describeStacks"> = (ctx, input) => {
  if (input.StackName !== undefined && input.StackName !== "")
    return { Stacks: [describeStack(findStack(ctx, input.StackName))] };
  function* live(options: { readonly after?: string }): Generator<[string, Stack]> {
    for (const entry of ctx.table(tables.stacks).entries(options))
      if (entry[1].status !== "DELETE_COMPLETE") yield entry;
  }
  const { items, next } = pageOf(live, input.NextToken, 100, errors.ValidationError);
  return { Stacks: items.map(describeStack), NextToken: next };
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html */
export const listStacks: Handler<Sdk, "listStacks"> = (ctx, input) => {
  const wanted = input.StackStatusFilter ?? [];
  function* matching(options: { readonly after?: string }): Generator<[string, Stack]> {
    for (const entry of ctx.table(tables.stacks).entries(options))
      if (wanted.length === 0 || wanted.includes(entry[1].status)) yield entry;
  }
  const { items, next } = pageOf(matching, input.NextToken, 100, errors.ValidationError);
  return { StackSummaries: items.map((stack) => summarizeStack(stack, stack.description)), NextToken: next };
};
