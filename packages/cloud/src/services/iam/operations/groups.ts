import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { checkName, readPath } from "../input.ts";
import { arnOf, keyOf, maxGroupsOfUser, uniqueId } from "../model.ts";
import type { Group, User } from "../model.ts";
import { page } from "../paging.ts";
import type { Sdk } from "../sdk.ts";
import { findIdentity, identities, saveIdentity } from "../store.ts";

function show(group: Group) {
  return {
    Path: group.path,
    GroupName: group.name,
    GroupId: group.id,
    Arn: group.arn,
    CreateDate: new Date(group.createdAt),
  };
}

function membersOf(ctx: Context, group: Group): User[] {
  return [...identities(ctx, "user").values()].filter(({ groups }) => groups.includes(keyOf(group.name)));
}

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html */
export const createGroup: Handler<Sdk, "createGroup"> = (ctx, input) => {
  const name = input.GroupName;
  checkName("groupName", name, 128);
  if (identities(ctx, "group").has(keyOf(name)))
    throw errors.EntityAlreadyExists(`Group with name ${name} already exists.`);
  const path = readPath(input.Path);
  const arn = arnOf(ctx, "group", path, name);
  const group: Group = { name, path, id: uniqueId(ctx, "group"), arn, createdAt: ctx.now, inline: {}, attached: [] };
  saveIdentity(ctx, "group", group);
  return { Group: show(group) };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroup.html */
export const getGroup: Handler<Sdk, "getGroup"> = (ctx, input) => {
  const group = findIdentity(ctx, "group", input.GroupName);
  const { items, ...rest } = page(membersOf(ctx, group), input);
  const Users = items.map(({ path, name, id, arn, createdAt }) => {
    return { Path: path, UserName: name, UserId: id, Arn: arn, CreateDate: new Date(createdAt) };
  });
  return { Group: show(group), Users, ...rest };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateGroup.html */
export const updateGroup: Handler<Sdk, "updateGroup"> = (ctx, input) => {
  const group = findIdentity(ctx, "group", input.GroupName);
  const name = input.NewGroupName ?? group.name;
  checkName("newGroupName", name, 128);
  const isTaken = keyOf(name) !== keyOf(group.name) && identities(ctx, "group").has(keyOf(name));
  if (isTaken) throw errors.EntityAlreadyExists(`Group with name ${name} already exists.`);
  const path = input.NewPath === undefined ? group.path : readPath(input.NewPath);
  for (const user of membersOf(ctx, group)) {
    const groups = user.groups.map((key) => (key === keyOf(group.name) ? keyOf(name) : key));
    saveIdentity(ctx, "user", { ...user, groups });
  }
  identities(ctx, "group").delete(keyOf(group.name));
  saveIdentity(ctx, "group", { ...group, name, path, arn: arnOf(ctx, "group", path, name) });
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html */
export const deleteGroup: Handler<Sdk, "deleteGroup"> = (ctx, input) => {
  const group = findIdentity(ctx, "group", input.GroupName);
  const conflict = (what: string) => errors.DeleteConflict(`Cannot delete entity, must ${what} first.`);
  if (membersOf(ctx, group).length > 0) throw conflict("remove users from group");
  if (group.attached.length > 0) throw conflict("detach all policies");
  if (Object.keys(group.inline).length > 0) throw conflict("delete policies");
  identities(ctx, "group").delete(keyOf(group.name));
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroups.html */
export const listGroups: Handler<Sdk, "listGroups"> = (ctx, input) => {
  const groups = [...identities(ctx, "group").values()].filter(({ path }) => path.startsWith(input.PathPrefix ?? "/"));
  const { items, ...rest } = page(groups, input);
  return { Groups: items.map(show), ...rest };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddUserToGroup.html */
export const addUserToGroup: Handler<Sdk, "addUserToGroup"> = (ctx, input) => {
  const key = keyOf(findIdentity(ctx, "group", input.GroupName).name);
  const user = findIdentity(ctx, "user", input.UserName);
  if (user.groups.includes(key)) return {};
  if (user.groups.length >= maxGroupsOfUser)
    throw errors.LimitExceeded(`Cannot exceed quota for GroupsPerUser: ${maxGroupsOfUser}`);
  saveIdentity(ctx, "user", { ...user, groups: [...user.groups, key] });
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveUserFromGroup.html */
export const removeUserFromGroup: Handler<Sdk, "removeUserFromGroup"> = (ctx, input) => {
  const key = keyOf(findIdentity(ctx, "group", input.GroupName).name);
  const user = findIdentity(ctx, "user", input.UserName);
  saveIdentity(ctx, "user", { ...user, groups: user.groups.filter((group) => group !== key) });
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupsForUser.html */
export const listGroupsForUser: Handler<Sdk, "listGroupsForUser"> = (ctx, input) => {
  const user = findIdentity(ctx, "user", input.UserName);
  const groups = user.groups.flatMap((key) => identities(ctx, "group").get(key) ?? []);
  const { items, ...rest } = page(groups, input);
  return { Groups: items.map(show), ...rest };
};
