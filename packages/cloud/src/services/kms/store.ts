import { partitionOf } from "@trysail/core";
import type { Context } from "../../kernel/context.ts";
import { table } from "../../store/table.ts";
import { errors } from "./errors.ts";
import type { Key } from "./model.ts";

export interface Alias {
  /** `alias/name` */
  readonly name: string;
  readonly keyId: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export const tables = {
  keys: table<string, Key>("keys"),
  aliases: table<string, Alias>("aliases"),
};

export const arnOf = (ctx: Context, resource: string): string =>
  `arn:${partitionOf(ctx.region)}:kms:${ctx.region}:${ctx.account}:${resource}`;

/** The policy of a key that was given none: its account may do everything. */
export function defaultPolicy(ctx: Context): string {
  const root = `arn:${partitionOf(ctx.region)}:iam::${ctx.account}:root`;
  const statement = {
    Sid: "Enable IAM User Permissions",
    Effect: "Allow",
    Principal: { AWS: root },
    Action: "kms:*",
    Resource: "*",
  };
  return JSON.stringify({ Version: "2012-10-17", Id: "key-default-1", Statement: [statement] }, undefined, 2);
}

export function newKey(
  ctx: Context,
  options: Pick<Key, "description" | "manager"> & Partial<Pick<Key, "policy" | "tags">>,
): Key {
  const id = ctx.ids.uuid();
  return {
    id,
    arn: arnOf(ctx, `key/${id}`),
    description: options.description,
    createdAt: ctx.now,
    state: "Enabled",
    deletionDueAt: undefined,
    manager: options.manager,
    policy: options.policy ?? defaultPolicy(ctx),
    tags: options.tags ?? {},
    rotation: undefined,
    materials: [{ bytes: ctx.ids.bytes(32), createdAt: ctx.now, onDemand: false }],
  };
}

/**
 * Finds a key by id, ARN, alias or alias ARN. `alias/aws/SERVICE` is made when it is first asked for, as AWS does.
 *
 * @throws AwsError `NotFoundException`
 */
export function findKey(ctx: Context, keyId: string): Key {
  const own = arnOf(ctx, "");
  const name = keyId.startsWith("arn:") ? (keyId.startsWith(own) ? keyId.slice(own.length) : "") : keyId;
  if (!name.startsWith("alias/")) {
    const key = ctx.table(tables.keys).get(name.replace(/^key\//, ""));
    if (key === undefined)
      throw errors.NotFoundException(
        `Key '${keyId.startsWith("arn:") ? keyId : arnOf(ctx, `key/${keyId}`)}' does not exist`,
      );
    return key;
  }
  const alias = ctx.table(tables.aliases).get(name);
  const key = alias && ctx.table(tables.keys).get(alias.keyId);
  if (key !== undefined) return key;
  if (!/^alias\/aws\/[a-z0-9-]+$/.test(name)) throw errors.NotFoundException(`Alias ${arnOf(ctx, name)} is not found.`);
  const made = newKey(ctx, {
    manager: "AWS",
    description: `Default key that protects data of ${name.slice("alias/aws/".length)} when no other key is defined`,
  });
  ctx.transaction(() => {
    ctx.table(tables.keys).put(made.id, made);
    ctx.table(tables.aliases).put(name, { name, keyId: made.id, createdAt: ctx.now, updatedAt: ctx.now });
  });
  return made;
}

/** @throws AwsError `DisabledException`, `KMSInvalidStateException` */
export function usableKey(ctx: Context, keyId: string): Key {
  const key = findKey(ctx, keyId);
  if (key.state === "Disabled") throw errors.DisabledException(`${key.arn} is disabled.`);
  if (key.state === "PendingDeletion") throw errors.KMSInvalidStateException(`${key.arn} is pending deletion.`);
  return key;
}

export function saveKey(ctx: Context, key: Key): void {
  ctx.table(tables.keys).put(key.id, key);
}
