import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { addTags, checkName, listTags, readPath, removeTags, showBoundary, showTags } from "../input.ts";
import { arnOf, encodeDocument, keyOf, maxTrustPolicySize, uniqueId } from "../model.ts";
import type { Role } from "../model.ts";
import { page } from "../paging.ts";
import { checkPolicyDocument, sizeOf } from "../policy-document.ts";
import type { Sdk } from "../sdk.ts";
import { findIdentity, identities, saveIdentity, tables } from "../store.ts";
import { checkAttachable } from "./attached-policies.ts";

/** A role as listings show it; GetRole and CreateRole tell its tags and boundary too. */
function summary(role: Role) {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: new Date(role.createdAt),
    AssumeRolePolicyDocument: encodeDocument(role.trustPolicy),
    Description: role.description,
    MaxSessionDuration: role.maxSessionSeconds,
  };
}

/** A role with everything that is told of it. */
export function showRole(role: Role) {
  return { ...summary(role), PermissionsBoundary: showBoundary(role.boundary), Tags: showTags(role.tags) };
}

function checkTrustPolicy(document: string): void {
  checkPolicyDocument(document, "trust");
  if (sizeOf(document) > maxTrustPolicySize)
    throw errors.LimitExceeded(`Cannot exceed quota for ACLSizePerRole: ${maxTrustPolicySize}`);
}

function checkSessionDuration(seconds: number): void {
  if (seconds < 3600 || seconds > 43_200) {
    const rule = seconds < 3600 ? "greater than or equal to 3600" : "less than or equal to 43200";
    throw errors.ValidationError(
      `1 validation error detected: Value '${seconds}' at 'maxSessionDuration' failed to satisfy constraint: Member must have value ${rule}`,
    );
  }
}

/** Stores a new role. @throws AwsError `EntityAlreadyExists`, `ValidationError`, `MalformedPolicyDocument` */
export function addRole(
  ctx: Context,
  given: Pick<Role, "name" | "path" | "trustPolicy" | "description" | "maxSessionSeconds" | "boundary" | "tags">,
): Role {
  const { name, path } = given;
  checkName("roleName", name, 64);
  if (identities(ctx, "role").has(keyOf(name)))
    throw errors.EntityAlreadyExists(`Role with name ${name} already exists.`);
  checkTrustPolicy(given.trustPolicy);
  checkSessionDuration(given.maxSessionSeconds);
  if (given.boundary !== undefined) checkAttachable(ctx, given.boundary);
  const role: Role = {
    ...given,
    id: uniqueId(ctx, "role"),
    arn: arnOf(ctx, "role", path, name),
    createdAt: ctx.now,
    inline: {},
    attached: [],
  };
  saveIdentity(ctx, "role", role);
  return role;
}

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
export const createRole: Handler<Sdk, "createRole"> = (ctx, input) => {
  const role = addRole(ctx, {
    name: input.RoleName,
    path: readPath(input.Path),
    trustPolicy: input.AssumeRolePolicyDocument,
    description: input.Description,
    maxSessionSeconds: input.MaxSessionDuration ?? 3600,
    boundary: input.PermissionsBoundary,
    tags: addTags({}, input.Tags),
  });
  return { Role: showRole(role) };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html */
export const getRole: Handler<Sdk, "getRole"> = (ctx, input) => ({
  Role: showRole(findIdentity(ctx, "role", input.RoleName)),
});

/** The role, if it may be changed by anybody but the service that it is linked to. */
export function changeableRole(ctx: Context, name: string): Role {
  const role = findIdentity(ctx, "role", name);
  if (role.path.startsWith("/aws-service-role/")) {
    throw errors.UnmodifiableEntity(
      `Cannot perform the operation on the protected role '${role.name}' - this role is only modifiable by AWS`,
    );
  }
  return role;
}

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html */
export const updateRole: Handler<Sdk, "updateRole"> = (ctx, input) => {
  const role = changeableRole(ctx, input.RoleName);
  const maxSessionSeconds = input.MaxSessionDuration ?? role.maxSessionSeconds;
  checkSessionDuration(maxSessionSeconds);
  saveIdentity(ctx, "role", { ...role, maxSessionSeconds, description: input.Description ?? role.description });
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRoleDescription.html */
export const updateRoleDescription: Handler<Sdk, "updateRoleDescription"> = (ctx, input) => {
  const role = { ...changeableRole(ctx, input.RoleName), description: input.Description };
  saveIdentity(ctx, "role", role);
  return { Role: showRole(role) };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html */
export const updateAssumeRolePolicy: Handler<Sdk, "updateAssumeRolePolicy"> = (ctx, input) => {
  const role = changeableRole(ctx, input.RoleName);
  checkTrustPolicy(input.PolicyDocument);
  saveIdentity(ctx, "role", { ...role, trustPolicy: input.PolicyDocument });
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html */
export const deleteRole: Handler<Sdk, "deleteRole"> = (ctx, input) => {
  const role = changeableRole(ctx, input.RoleName);
  const conflict = (what: string) => errors.DeleteConflict(`Cannot delete entity, must ${what} first.`);
  const isInProfile = [...ctx.table(tables.instanceProfiles).values()].some(
    (profile) => profile.role === keyOf(role.name),
  );
  if (isInProfile) throw conflict("remove roles from instance profile");
  if (role.attached.length > 0) throw conflict("detach all policies");
  if (Object.keys(role.inline).length > 0) throw conflict("delete policies");
  identities(ctx, "role").delete(keyOf(role.name));
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html */
export const listRoles: Handler<Sdk, "listRoles"> = (ctx, input) => {
  const roles = [...identities(ctx, "role").values()].filter(({ path }) => path.startsWith(input.PathPrefix ?? "/"));
  const { items, ...rest } = page(roles, input);
  return { Roles: items.map(summary), ...rest };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagRole.html */
export const tagRole: Handler<Sdk, "tagRole"> = (ctx, input) => {
  const role = findIdentity(ctx, "role", input.RoleName);
  saveIdentity(ctx, "role", { ...role, tags: addTags(role.tags, input.Tags) });
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagRole.html */
export const untagRole: Handler<Sdk, "untagRole"> = (ctx, input) => {
  const role = findIdentity(ctx, "role", input.RoleName);
  saveIdentity(ctx, "role", { ...role, tags: removeTags(role.tags, input.TagKeys) });
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoleTags.html */
export const listRoleTags: Handler<Sdk, "listRoleTags"> = (ctx, input) => {
  const { items, ...rest } = page(listTags(findIdentity(ctx, "role", input.RoleName).tags), input);
  return { Tags: items, ...rest };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePermissionsBoundary.html */
export const putRolePermissionsBoundary: Handler<Sdk, "putRolePermissionsBoundary"> = (ctx, input) => {
  checkAttachable(ctx, input.PermissionsBoundary);
  saveIdentity(ctx, "role", { ...changeableRole(ctx, input.RoleName), boundary: input.PermissionsBoundary });
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePermissionsBoundary.html */
export const deleteRolePermissionsBoundary: Handler<Sdk, "deleteRolePermissionsBoundary"> = (ctx, input) => {
  saveIdentity(ctx, "role", { ...changeableRole(ctx, input.RoleName), boundary: undefined });
  return {};
};
