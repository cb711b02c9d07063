import type { FunctionEventInvokeConfig } from "@aws-sdk/client-lambda";
import type { Context } from "../../kernel/context.ts";
import { table } from "../../store/table.ts";
import { errors } from "./errors.ts";
import type { EventSourceMapping, ShardProgress } from "./event-sources/model.ts";
import type { PendingEvent } from "./invoking/pending-event.ts";
import { latest, routedVersion, versionText } from "./model.ts";
import type { Alias, LambdaFunction, LayerVersion, Policy, Version, VersionNumber } from "./model.ts";
import { functionArn } from "./names.ts";
import type { FunctionUrl, UrlOwner } from "./url/model.ts";

export const tables = {
  functions: table<string, LambdaFunction>("functions"),
  versions: table<[functionName: string, version: VersionNumber], Version>("versions"),
  aliases: table<[functionName: string, alias: string], Alias>("aliases"),
  /** Of a function (qualifier ""), a version or an alias. */
  policies: table<[functionName: string, qualifier: string], Policy>("policies"),
  eventInvokeConfigs: table<[functionName: string, qualifier: string], FunctionEventInvokeConfig>(
    "event-invoke-configs",
  ),
  urls: table<[functionName: string, qualifier: string], FunctionUrl>("urls"),
  /** Whose a URL is, by its id. */
  urlOwners: table<string, UrlOwner>("url-owners", "partition"),
  layers: table<[layer: string, version: number], LayerVersion>("layers"),
  /** The number of the version that was published last, by layer. Numbers are never used again. */
  layerCounters: table<string, number>("layer-counters"),
  layerPolicies: table<[layer: string, version: number], Policy>("layer-policies"),
  /** Events that wait to be handed to their function. */
  events: table<string, PendingEvent>("events"),
  eventSourceMappings: table<string, EventSourceMapping>("event-source-mappings"),
  /** How far a mapping has come in each shard of its stream. */
  shardProgress: table<[mapping: string, shard: string], ShardProgress>("shard-progress"),
  /** By how many versions of functions and layers each package is used. */
  usedBlobs: table<string, number>("used-blobs", "partition"),
};

/** @throws AwsError `ResourceNotFoundException` */
export function findFunction(ctx: Context, name: string): LambdaFunction {
  const found = ctx.table(tables.functions).get(name);
  if (found === undefined) throw notFound(ctx, name);
  return found;
}

function notFound(ctx: Context, name: string, qualifier?: string) {
  return errors.ResourceNotFoundException(`Function not found: ${functionArn(ctx, name, qualifier)}`, { Type: "User" });
}

/** @throws AwsError `ResourceNotFoundException` */
export function findAlias(ctx: Context, functionName: string, alias: string): Alias {
  const found = ctx.table(tables.aliases).get([functionName, alias]);
  if (found === undefined) {
    throw errors.ResourceNotFoundException(`Cannot find alias arn: ${functionArn(ctx, functionName, alias)}`, {
      Type: "User",
    });
  }
  return found;
}

/** @throws AwsError `ResourceNotFoundException` */
export function findMapping(ctx: Context, id: string): EventSourceMapping {
  const found = ctx.table(tables.eventSourceMappings).get(id);
  if (found === undefined)
    throw errors.ResourceNotFoundException("The resource you requested does not exist.", { Type: "User" });
  return found;
}

/** Whether a qualifier names a version, and not an alias. */
export function isVersion(qualifier: string): boolean {
  return qualifier === "$LATEST" || /^\d+$/.test(qualifier);
}

/**
 * The version that a qualifier leads to: `$LATEST` where there is none.
 *
 * @param draw - for an alias with two versions: which of them
 * @throws AwsError `ResourceNotFoundException`
 */
export function findVersion(ctx: Context, name: string, qualifier: string | undefined, draw = 1): Version {
  findFunction(ctx, name);
  const versions = ctx.table(tables.versions);
  const found =
    qualifier === undefined || qualifier === "$LATEST"
      ? versions.get([name, latest])
      : isVersion(qualifier)
        ? versions.get([name, Number(qualifier)])
        : aliased(ctx, name, qualifier, draw);
  if (found === undefined) throw notFound(ctx, name, qualifier);
  return found;
}

function aliased(ctx: Context, name: string, qualifier: string, draw: number): Version | undefined {
  const alias = ctx.table(tables.aliases).get([name, qualifier]);
  return alias === undefined ? undefined : ctx.table(tables.versions).get([name, routedVersion(alias, draw)]);
}

export function versionsOf(ctx: Context, name: string): Version[] {
  return [...ctx.table(tables.versions).values({ prefix: [name] })];
}

/**
 * Checks that what a caller means to change is as it last saw it.
 *
 * @throws AwsError `PreconditionFailedException`
 */
export function checkRevision(given: string | undefined, current: string): void {
  if (given !== undefined && given !== current) {
    throw errors.PreconditionFailedException(
      "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
      { Type: "User" },
    );
  }
}

/** The version's own ARN; `$LATEST` is the function itself unless it was asked for by that name. */
export function versionArn(ctx: Context, { functionName, number }: Version, isQualified: boolean): string {
  return functionArn(ctx, functionName, isQualified || number !== latest ? versionText(number) : undefined);
}
