import type { Context } from "../../../kernel/context.ts";
import { accessKeyId } from "../../../kernel/access-key-id.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { keyOf, maxAccessKeys } from "../model.ts";
import type { AccessKey } from "../model.ts";
import { page } from "../paging.ts";
import type { Sdk } from "../sdk.ts";
import { accessKeysOf, findIdentity, tables } from "../store.ts";
import { userNameOf } from "./users.ts";

const secretAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Whose keys are meant: a user's, or, where the account's root calls and names nobody, its own. */
function ownerOf(
  ctx: Context,
  userName: string | undefined,
): { readonly key: string | undefined; readonly name: string } {
  if (userName === undefined && ctx.principal.type === "root") return { key: undefined, name: "root" };
  const { name } = findIdentity(ctx, "user", userNameOf(ctx, userName));
  return { key: keyOf(name), name };
}

/** @throws AwsError `NoSuchEntity` if there is none, or it is somebody else's */
function findKey(ctx: Context, userName: string | undefined, id: string): AccessKey {
  const key = ctx.table(tables.accessKeys).get(id);
  if (key === undefined || key.account !== ctx.account || key.user !== ownerOf(ctx, userName).key) {
    throw errors.NoSuchEntity(`The Access Key with id ${id} cannot be found.`);
  }
  return key;
}

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html */
export const createAccessKey: Handler<Sdk, "createAccessKey"> = (ctx, input) => {
  const owner = ownerOf(ctx, input.UserName);
  if (accessKeysOf(ctx, owner.key).length >= maxAccessKeys)
    throw errors.LimitExceeded(`Cannot exceed quota for AccessKeysPerUser: ${maxAccessKeys}`);
  const key: AccessKey = {
    id: accessKeyId("AKIA", ctx.account, ctx.ids.bytes(10)),
    secret: ctx.ids.text(40, secretAlphabet),
    account: ctx.account,
    user: owner.key,
    status: "Active",
    createdAt: ctx.now,
  };
  ctx.table(tables.accessKeys).put(key.id, key);
  const { id: AccessKeyId, secret: SecretAccessKey, status: Status } = key;
  return {
    AccessKey: { UserName: owner.name, AccessKeyId, Status, SecretAccessKey, CreateDate: new Date(key.createdAt) },
  };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html */
export const listAccessKeys: Handler<Sdk, "listAccessKeys"> = (ctx, input) => {
  const owner = ownerOf(ctx, input.UserName);
  const { items, ...rest } = page(accessKeysOf(ctx, owner.key), input);
  const AccessKeyMetadata = items.map(({ id, status, createdAt }) => {
    return { UserName: owner.name, AccessKeyId: id, Status: status, CreateDate: new Date(createdAt) };
  });
  return { AccessKeyMetadata, ...rest };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html */
export const updateAccessKey: Handler<Sdk, "updateAccessKey"> = (ctx, input) => {
  const key = findKey(ctx, input.UserName, input.AccessKeyId);
  const { Status: status } = input;
  if (status !== "Active" && status !== "Inactive")
    throw errors.ValidationError(`An access key is Active or Inactive, not ${status}.`);
  ctx.table(tables.accessKeys).put(key.id, { ...key, status });
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html */
export const deleteAccessKey: Handler<Sdk, "deleteAccessKey"> = (ctx, input) => {
  ctx.table(tables.accessKeys).delete(findKey(ctx, input.UserName, input.AccessKeyId).id);
  return {};
};
