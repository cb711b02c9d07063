import { pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { arnOf, findKey, tables } from "../store.ts";
import type { Alias } from "../store.ts";

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html */
export const createAlias: Handler<Sdk, "createAlias"> = (ctx, input) => {
  const name = input.AliasName;
  if (!/^alias\/[a-zA-Z0-9/_-]{1,250}$/.test(name))
    throw errors.ValidationException(`Alias must match ^alias/[a-zA-Z0-9/_-]+$; this one is ${name}.`);
  if (name.startsWith("alias/aws/"))
    throw errors.InvalidAliasNameException("Alias names that begin with alias/aws/ are reserved.");
  const aliases = ctx.table(tables.aliases);
  if (aliases.has(name))
    throw errors.AlreadyExistsException(`An alias with the name ${arnOf(ctx, name)} already exists`);
  aliases.put(name, { name, keyId: findKey(ctx, input.TargetKeyId).id, createdAt: ctx.now, updatedAt: ctx.now });
  return {};
};

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html */
export const updateAlias: Handler<Sdk, "updateAlias"> = (ctx, input) => {
  const aliases = ctx.table(tables.aliases);
  const alias = aliases.get(input.AliasName);
  if (alias === undefined) throw errors.NotFoundException(`Alias ${arnOf(ctx, input.AliasName)} is not found.`);
  aliases.put(alias.name, { ...alias, keyId: findKey(ctx, input.TargetKeyId).id, updatedAt: ctx.now });
  return {};
};

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html */
export const deleteAlias: Handler<Sdk, "deleteAlias"> = (ctx, input) => {
  if (!ctx.table(tables.aliases).delete(input.AliasName))
    throw errors.NotFoundException(`Alias ${arnOf(ctx, input.AliasName)} is not found.`);
  return {};
};

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html */
export const listAliases: Handler<Sdk, "listAliases"> = (ctx, input) => {
  const keyId = input.KeyId === undefined ? undefined : findKey(ctx, input.KeyId).id;
  function* ofKey(options: { after?: string }): Generator<[string, Alias]> {
    for (const entry of ctx.table(tables.aliases).entries(options))
      if (keyId === undefined || entry[1].keyId === keyId) yield entry;
  }
  const { items, next } = pageOf(ofKey, input.Marker, input.Limit ?? 50, errors.InvalidMarkerException);
  return {
    Aliases: items.map((alias) => ({
      AliasName: alias.name,
      AliasArn: arnOf(ctx, alias.name),
      TargetKeyId: alias.keyId,
      CreationDate: new Date(alias.createdAt),
      LastUpdatedDate: new Date(alias.updatedAt),
    })),
    NextMarker: next,
    Truncated: next !== undefined,
  };
};
