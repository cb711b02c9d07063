import { partitionOf } from "@trysail/core";
import type { Context } from "../../kernel/context.ts";
import { errors, invalid } from "./errors.ts";

/** A function as callers name it. */
export interface FunctionName {
  readonly name: string;
  /** A version, an alias or `$LATEST`; undefined if none is named. */
  readonly qualifier: string | undefined;
  /** Where it is, as far as the name tells. */
  readonly account: string | undefined;
  readonly region: string | undefined;
}

const form =
  /^(?:arn:(?:aws[a-zA-Z-]*):lambda:(?<region>[a-z]{2}(?:-[a-z]+)+-\d):(?<account>\d{12}):function:|(?<partial>\d{12}):function:|function:)?(?<name>[a-zA-Z0-9-_]{1,64})(?::(?<qualifier>\$LATEST|[a-zA-Z0-9-_]{1,128}))?$/;

/** The parts of a name, a partial ARN or an ARN; undefined if it is none. */
export function parseFunctionName(text: string): FunctionName | undefined {
  const groups = form.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { name = "", qualifier, region, account, partial } = groups;
  return { name, qualifier, account: account ?? partial, region };
}

/**
 * Reads the name that an operation was given, with its qualifier.
 *
 * @throws AwsError `ValidationException`, `InvalidParameterValueException`, `ResourceNotFoundException` elsewhere
 */
export function readFunctionName(
  ctx: Pick<Context, "account" | "region">,
  text: string,
  qualifier?: string,
): { readonly name: string; readonly qualifier: string | undefined } {
  const parsed = parseFunctionName(text);
  if (parsed === undefined) {
    throw invalid(
      text,
      "functionName",
      "satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?",
    );
  }
  if (parsed.qualifier !== undefined && qualifier !== undefined && parsed.qualifier !== qualifier) {
    throw errors.InvalidParameterValueException(
      "The derived qualifier from the function name does not match the specified qualifier.",
    );
  }
  const isElsewhere =
    (parsed.account !== undefined && parsed.account !== ctx.account) ||
    (parsed.region !== undefined && parsed.region !== ctx.region);
  if (isElsewhere)
    throw errors.ResourceNotFoundException(
      `Functions from '${parsed.region ?? ctx.region}' are not reachable in this region ('${ctx.region}')`,
      { Type: "User" },
    );
  return { name: parsed.name, qualifier: parsed.qualifier ?? qualifier };
}

const arn = ({ account, region }: Pick<Context, "account" | "region">, rest: string) =>
  `arn:${partitionOf(region)}:lambda:${region}:${account}:${rest}`;

export function functionArn(ctx: Pick<Context, "account" | "region">, name: string, qualifier?: string): string {
  return arn(ctx, `function:${name}${qualifier === undefined ? "" : `:${qualifier}`}`);
}

export function eventSourceMappingArn(ctx: Pick<Context, "account" | "region">, id: string): string {
  return arn(ctx, `event-source-mapping:${id}`);
}

export function layerArn(ctx: Pick<Context, "account" | "region">, name: string, number?: number): string {
  return arn(ctx, `layer:${name}${number === undefined ? "" : `:${number}`}`);
}

/** The parts of a layer's ARN, with or without a version; undefined if it is none. */
export function parseLayerArn(
  text: string,
):
  | { readonly region: string; readonly account: string; readonly name: string; readonly number: number | undefined }
  | undefined {
  const groups =
    /^arn:aws[a-zA-Z-]*:lambda:(?<region>[a-z0-9-]+):(?<account>\d{12}):layer:(?<name>[a-zA-Z0-9-_]+)(?::(?<number>\d+))?$/.exec(
      text,
    )?.groups;
  if (groups === undefined) return undefined;
  const { region = "", account = "", name = "", number } = groups;
  return { region, account, name, number: number === undefined ? undefined : Number(number) };
}
