import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { addTags, checkName, listTags, readPath, removeTags, showTags } from "../input.ts";
import { arnOf, keyOf, uniqueId } from "../model.ts";
import type { InstanceProfile } from "../model.ts";
import { page } from "../paging.ts";
import type { Sdk } from "../sdk.ts";
import { findIdentity, findInstanceProfile, identities, saveInstanceProfile, tables } from "../store.ts";
import { showRole } from "./roles.ts";

function show(ctx: Context, profile: InstanceProfile) {
  const role = profile.role === undefined ? undefined : identities(ctx, "role").get(profile.role);
  return {
    Path: profile.path,
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    Arn: profile.arn,
    CreateDate: new Date(profile.createdAt),
    Roles: role === undefined ? [] : [showRole(role)],
    Tags: showTags(profile.tags),
  };
}

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html */
export const createInstanceProfile: Handler<Sdk, "createInstanceProfile"> = (ctx, input) => {
  const name = input.InstanceProfileName;
  checkName("instanceProfileName", name, 128);
  if (ctx.table(tables.instanceProfiles).has(keyOf(name)))
    throw errors.EntityAlreadyExists(`Instance Profile ${name} already exists.`);
  const path = readPath(input.Path);
  const profile: InstanceProfile = {
    name,
    path,
    id: uniqueId(ctx, "instance-profile"),
    arn: arnOf(ctx, "instance-profile", path, name),
    createdAt: ctx.now,
    role: undefined,
    tags: addTags({}, input.Tags),
  };
  saveInstanceProfile(ctx, profile);
  return { InstanceProfile: show(ctx, profile) };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetInstanceProfile.html */
export const getInstanceProfile: Handler<Sdk, "getInstanceProfile"> = (ctx, input) => ({
  InstanceProfile: show(ctx, findInstanceProfile(ctx, input.InstanceProfileName)),
});

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteInstanceProfile.html */
export const deleteInstanceProfile: Handler<Sdk, "deleteInstanceProfile"> = (ctx, input) => {
  const profile = findInstanceProfile(ctx, input.InstanceProfileName);
  if (profile.role !== undefined)
    throw errors.DeleteConflict("Cannot delete entity, must remove roles from instance profile first.");
  ctx.table(tables.instanceProfiles).delete(keyOf(profile.name));
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html */
export const addRoleToInstanceProfile: Handler<Sdk, "addRoleToInstanceProfile"> = (ctx, input) => {
  const profile = findInstanceProfile(ctx, input.InstanceProfileName);
  const role = findIdentity(ctx, "role", input.RoleName);
  if (profile.role !== undefined)
    throw errors.LimitExceeded("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
  saveInstanceProfile(ctx, { ...profile, role: keyOf(role.name) });
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveRoleFromInstanceProfile.html */
export const removeRoleFromInstanceProfile: Handler<Sdk, "removeRoleFromInstanceProfile"> = (ctx, input) => {
  const profile = findInstanceProfile(ctx, input.InstanceProfileName);
  if (profile.role !== keyOf(input.RoleName))
    throw errors.NoSuchEntity(`The role with name ${input.RoleName} cannot be found.`);
  saveInstanceProfile(ctx, { ...profile, role: undefined });
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfiles.html */
export const listInstanceProfiles: Handler<Sdk, "listInstanceProfiles"> = (ctx, input) => {
  const profiles = [...ctx.table(tables.instanceProfiles).values()].filter(({ path }) =>
    path.startsWith(input.PathPrefix ?? "/"),
  );
  const { items, ...rest } = page(profiles, input);
  return { InstanceProfiles: items.map((profile) => show(ctx, profile)), ...rest };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfilesForRole.html */
export const listInstanceProfilesForRole: Handler<Sdk, "listInstanceProfilesForRole"> = (ctx, input) => {
  const role = keyOf(findIdentity(ctx, "role", input.RoleName).name);
  const profiles = [...ctx.table(tables.instanceProfiles).values()].filter((profile) => profile.role === role);
  const { items, ...rest } = page(profiles, input);
  return { InstanceProfiles: items.map((profile) => show(ctx, profile)), ...rest };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagInstanceProfile.html */
export const tagInstanceProfile: Handler<Sdk, "tagInstanceProfile"> = (ctx, input) => {
  const profile = findInstanceProfile(ctx, input.InstanceProfileName);
  saveInstanceProfile(ctx, { ...profile, tags: addTags(profile.tags, input.Tags) });
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagInstanceProfile.html */
export const untagInstanceProfile: Handler<Sdk, "untagInstanceProfile"> = (ctx, input) => {
  const profile = findInstanceProfile(ctx, input.InstanceProfileName);
  saveInstanceProfile(ctx, { ...profile, tags: removeTags(profile.tags, input.TagKeys) });
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfileTags.html */
export const listInstanceProfileTags: Handler<Sdk, "listInstanceProfileTags"> = (ctx, input) => {
  const { items, ...rest } = page(listTags(findInstanceProfile(ctx, input.InstanceProfileName).tags), input);
  return { Tags: items, ...rest };
};
