import type { Context } from "../../kernel/context.ts";
import { table } from "../../store/table.ts";
import { errors } from "./errors.ts";
import { parseArn } from "./model.ts";
import type { Connection, InstalledHost } from "./model.ts";

/** By id. */
export const tables = {
  connections: table<string, Connection>("connections"),
  hosts: table<string, InstalledHost>("hosts"),
};

/** @throws AwsError `ResourceNotFoundException` */
export function findConnection(ctx: Context, arn: string): Connection {
  const parsed = parseArn(ctx, arn);
  const found = parsed?.kind === "connection" ? ctx.table(tables.connections).get(parsed.id) : undefined;
  if (found === undefined) throw errors.ResourceNotFoundException(`Connection not found for ARN: ${arn}`);
  return found;
}

/** @throws AwsError `ResourceNotFoundException` */
export function findHost(ctx: Context, arn: string): InstalledHost {
  const parsed = parseArn(ctx, arn);
  const found = parsed?.kind === "host" ? ctx.table(tables.hosts).get(parsed.id) : undefined;
  if (found === undefined) throw errors.ResourceNotFoundException(`Host not found for ARN: ${arn}`);
  return found;
}
