import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { addTags, checkName, listTags, readPath, removeTags, showBoundary, showTags } from "../input.ts";
import { arnOf, keyOf, uniqueId } from "../model.ts";
import type { User } from "../model.ts";
import { page } from "../paging.ts";
import type { Sdk } from "../sdk.ts";
import { accessKeysOf, findIdentity, identities, saveIdentity, tables } from "../store.ts";
import { checkAttachable } from "./attached-policies.ts";

/** A user as listings show it; GetUser and CreateUser tell its tags and boundary too. */
function summary(user: User) {
  return { Path: user.path, UserName: user.name, UserId: user.id, Arn: user.arn, CreateDate: new Date(user.createdAt) };
}

function show(user: User) {
  return { ...summary(user), PermissionsBoundary: showBoundary(user.boundary), Tags: showTags(user.tags) };
}

/** The name that was given, or the caller's own. */
export function userNameOf(ctx: Context, given: string | undefined): string {
  if (given !== undefined) return given;
  if (ctx.principal.type === "user") return ctx.principal.arn.slice(ctx.principal.arn.lastIndexOf("/") + 1);
  throw errors.ValidationError("Must specify userName when calling with non-User credentials");
}

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html */
export const createUser: Handler<Sdk, "createUser"> = (ctx, input) => {
  const name = input.UserName;
  checkName("userName", name, 64);
  if (identities(ctx, "user").has(keyOf(name)))
    throw errors.EntityAlreadyExists(`User with name ${name} already exists.`);
  if (input.PermissionsBoundary !== undefined) checkAttachable(ctx, input.PermissionsBoundary);
  const path = readPath(input.Path);
  const user: User = {
    name,
    path,
    id: uniqueId(ctx, "user"),
    arn: arnOf(ctx, "user", path, name),
    createdAt: ctx.now,
    inline: {},
    attached: [],
    tags: addTags({}, input.Tags),
    boundary: input.PermissionsBoundary,
    groups: [],
  };
  saveIdentity(ctx, "user", user);
  return { User: show(user) };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html */
export const getUser: Handler<Sdk, "getUser"> = (ctx, input) => {
  if (input.UserName === undefined && ctx.principal.type === "root") {
    const { arn: Arn } = ctx.principal;
    return { User: { Path: "/", UserName: "root", UserId: ctx.account, Arn, CreateDate: new Date(0) } };
  }
  return { User: show(findIdentity(ctx, "user", userNameOf(ctx, input.UserName))) };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html */
export const updateUser: Handler<Sdk, "updateUser"> = (ctx, input) => {
  const user = findIdentity(ctx, "user", input.UserName);
  const name = input.NewUserName ?? user.name;
  checkName("newUserName", name, 64);
  const isTaken = keyOf(name) !== keyOf(user.name) && identities(ctx, "user").has(keyOf(name));
  if (isTaken) throw errors.EntityAlreadyExists(`User with name ${name} already exists.`);
  const path = input.NewPath === undefined ? user.path : readPath(input.NewPath);
  for (const key of accessKeysOf(ctx, keyOf(user.name)))
    ctx.table(tables.accessKeys).put(key.id, { ...key, user: keyOf(name) });
  identities(ctx, "user").delete(keyOf(user.name));
  saveIdentity(ctx, "user", { ...user, name, path, arn: arnOf(ctx, "user", path, name) });
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html */
export const deleteUser: Handler<Sdk, "deleteUser"> = (ctx, input) => {
  const user = findIdentity(ctx, "user", input.UserName);
  const conflict = (what: string) => errors.DeleteConflict(`Cannot delete entity, must ${what} first.`);
  if (user.groups.length > 0) throw conflict("remove users from group");
  if (accessKeysOf(ctx, keyOf(user.name)).length > 0) throw conflict("delete access keys");
  if (user.attached.length > 0) throw conflict("detach all policies");
  if (Object.keys(user.inline).length > 0) throw conflict("delete policies");
  identities(ctx, "user").delete(keyOf(user.name));
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html */
export const listUsers: Handler<Sdk, "listUsers"> = (ctx, input) => {
  const users = [...identities(ctx, "user").values()].filter(({ path }) => path.startsWith(input.PathPrefix ?? "/"));
  const { items, ...rest } = page(users, input);
  return { Users: items.map(summary), ...rest };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagUser.html */
export const tagUser: Handler<Sdk, "tagUser"> = (ctx, input) => {
  const user = findIdentity(ctx, "user", input.UserName);
  saveIdentity(ctx, "user", { ...user, tags: addTags(user.tags, input.Tags) });
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagUser.html */
export const untagUser: Handler<Sdk, "untagUser"> = (ctx, input) => {
  const user = findIdentity(ctx, "user", input.UserName);
  saveIdentity(ctx, "user", { ...user, tags: removeTags(user.tags, input.TagKeys) });
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserTags.html */
export const listUserTags: Handler<Sdk, "listUserTags"> = (ctx, input) => {
  const { items, ...rest } = page(listTags(findIdentity(ctx, "user", input.UserName).tags), input);
  return { Tags: items, ...rest };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html */
export const putUserPermissionsBoundary: Handler<Sdk, "putUserPermissionsBoundary"> = (ctx, input) => {
  checkAttachable(ctx, input.PermissionsBoundary);
  saveIdentity(ctx, "user", { ...findIdentity(ctx, "user", input.UserName), boundary: input.PermissionsBoundary });
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPermissionsBoundary.html */
export const deleteUserPermissionsBoundary: Handler<Sdk, "deleteUserPermissionsBoundary"> = (ctx, input) => {
  saveIdentity(ctx, "user", { ...findIdentity(ctx, "user", input.UserName), boundary: undefined });
  return {};
};
