import type { Context } from "../../kernel/context.ts";
import { table } from "../../store/table.ts";
import type { Table } from "../../store/table.ts";
import { errors } from "./errors.ts";
import { keyOf } from "./model.ts";
import type {
  AccessKey,
  Group,
  IdentityKind,
  IdentityOf,
  InstanceProfile,
  Policy,
  Role,
  ServerCertificate,
  User,
} from "./model.ts";

/** By key of the name (see `keyOf`), but for access keys. */
export const tables = {
  users: table<string, User>("users"),
  groups: table<string, Group>("groups"),
  roles: table<string, Role>("roles"),
  policies: table<string, Policy>("policies"),
  instanceProfiles: table<string, InstanceProfile>("instance-profiles"),
  serverCertificates: table<string, ServerCertificate>("server-certificates"),
  /** By the key's id, for all accounts: the account of a caller is known by the key. */
  accessKeys: table<string, AccessKey>("access-keys", "partition"),
  /** The one alias of the account, under the empty key. */
  aliases: table<string, string>("aliases"),
  /** Service-linked roles that were deleted: the deletion's task by its id. */
  deletions: table<string, { readonly role: string }>("service-linked-role-deletions"),
};

const identityTables = { user: tables.users, group: tables.groups, role: tables.roles };

/** The users, groups or roles of the account. */
export function identities<K extends IdentityKind>(ctx: Context, kind: K): Table<string, IdentityOf[K]> {
  return ctx.table(identityTables[kind]) as unknown as Table<string, IdentityOf[K]>;
}

/** @throws AwsError `NoSuchEntity` */
export function findIdentity<K extends IdentityKind>(ctx: Context, kind: K, name: string): IdentityOf[K] {
  const found = identities(ctx, kind).get(keyOf(name));
  if (found === undefined) throw errors.NoSuchEntity(`The ${kind} with name ${name} cannot be found.`);
  return found;
}

export function saveIdentity<K extends IdentityKind>(ctx: Context, kind: K, identity: IdentityOf[K]): void {
  identities(ctx, kind).put(keyOf(identity.name), identity);
}

/** @throws AwsError `NoSuchEntity` */
export function findInstanceProfile(ctx: Context, name: string): InstanceProfile {
  const found = ctx.table(tables.instanceProfiles).get(keyOf(name));
  if (found === undefined) throw errors.NoSuchEntity(`Instance Profile ${name} cannot be found.`);
  return found;
}

export function saveInstanceProfile(ctx: Context, profile: InstanceProfile): void {
  ctx.table(tables.instanceProfiles).put(keyOf(profile.name), profile);
}

/** A customer managed policy of this account. @throws AwsError `NoSuchEntity` */
export function findPolicy(ctx: Context, arn: string): Policy {
  const name = arn.slice(arn.lastIndexOf("/") + 1);
  const found = ctx.table(tables.policies).get(keyOf(name));
  if (found === undefined || found.arn !== arn) throw errors.NoSuchEntity(`Policy ${arn} was not found.`);
  return found;
}

export function savePolicy(ctx: Context, policy: Policy): void {
  ctx.table(tables.policies).put(keyOf(policy.name), policy);
}

/** The access keys of a user, or of the account's root, oldest first. */
export function accessKeysOf(ctx: Context, user: string | undefined): AccessKey[] {
  const keys = [...ctx.table(tables.accessKeys).values()].filter(
    (key) => key.account === ctx.account && key.user === user,
  );
  return keys.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
}
