import { partitionOf } from "@trysail/core";
import type { Context } from "../../kernel/context.ts";
import { table } from "../../store/table.ts";
import { errors } from "./errors.ts";
import { splitSelector } from "./model.ts";
import type { Parameter, ParameterVersion } from "./model.ts";
import { isPublic, publicParameters } from "./public-parameters.ts";

export const tables = {
  parameters: table<string, Parameter>("parameters"),
  versions: table<[name: string, version: number], ParameterVersion>("versions"),
};

export const arnOf = (ctx: Context, name: string): string =>
  // Public ones are of no account.
  `arn:${partitionOf(ctx.region)}:ssm:${ctx.region}:${isPublic(name) ? "" : ctx.account}:parameter${name.startsWith("/") ? "" : "/"}${name}`;

/** An ARN always has a slash before the name; a parameter's own name need not. */
export function findParameter(ctx: Context, name: string): Parameter | undefined {
  const parameters = ctx.table(tables.parameters);
  return parameters.get(name) ?? parameters.get(name.replace(/^\//, ""));
}

/** The version that `name`, `name:version`, `name:label` or an ARN names; undefined if there is none. */
export function findVersion(ctx: Context, text: string): ParameterVersion | undefined {
  const { name, selector } = splitSelector(text);
  if (isPublic(name)) return selector === undefined ? publicParameters(ctx).get(name) : undefined;
  const parameter = findParameter(ctx, name);
  if (parameter === undefined) return undefined;
  const versions = ctx.table(tables.versions);
  if (selector === undefined) return versions.get([parameter.name, parameter.latest]);
  if (/^\d+$/.test(selector)) return versions.get([parameter.name, Number(selector)]);
  return versionsOf(ctx, parameter.name).find(({ labels }) => labels.includes(selector));
}

export function versionsOf(ctx: Context, name: string): ParameterVersion[] {
  return [...ctx.table(tables.versions).values({ prefix: [name] })];
}

/** @throws AwsError `ParameterNotFound`, `ParameterVersionNotFound` */
export function requireVersion(ctx: Context, text: string): ParameterVersion {
  const version = findVersion(ctx, text);
  if (version !== undefined) return version;
  const { name, selector } = splitSelector(text);
  if (selector === undefined || findParameter(ctx, name) === undefined)
    throw errors.ParameterNotFound(`Parameter ${name} not found.`);
  throw errors.ParameterVersionNotFound(
    `Systems Manager could not find version ${selector} of ${name}. Verify the version and try again.`,
  );
}
