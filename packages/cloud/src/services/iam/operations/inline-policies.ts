import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { checkName } from "../input.ts";
import { encodeDocument, maxInlinePoliciesSize } from "../model.ts";
import type { IdentityKind } from "../model.ts";
import { page } from "../paging.ts";
import { checkPolicyDocument, sizeOf } from "../policy-document.ts";
import type { Sdk } from "../sdk.ts";
import { findIdentity, saveIdentity } from "../store.ts";
import { changeableRole } from "./roles.ts";

function put(ctx: Context, kind: IdentityKind, name: string, policyName: string, document: string) {
  checkName("policyName", policyName, 128);
  const identity = kind === "role" ? changeableRole(ctx, name) : findIdentity(ctx, kind, name);
  checkPolicyDocument(document, "identity");
  const inline = { ...identity.inline, [policyName]: document };
  const size = Object.values(inline).reduce((sum, one) => sum + sizeOf(one), 0);
  const limit = maxInlinePoliciesSize[kind];
  if (size > limit)
    throw errors.LimitExceeded(`Maximum policy size of ${limit} bytes exceeded for ${kind} ${identity.name}`);
  saveIdentity(ctx, kind, { ...findIdentity(ctx, kind, name), inline });
  return {};
}

function find(ctx: Context, kind: IdentityKind, name: string, policyName: string) {
  const identity = findIdentity(ctx, kind, name);
  const document = Object.hasOwn(identity.inline, policyName) ? identity.inline[policyName] : undefined;
  if (document === undefined) throw errors.NoSuchEntity(`The ${kind} policy with name ${policyName} cannot be found.`);
  return { name: identity.name, document: encodeDocument(document) };
}

function remove(ctx: Context, kind: IdentityKind, name: string, policyName: string) {
  find(ctx, kind, name, policyName);
  const identity = findIdentity(ctx, kind, name);
  const kept = Object.entries(identity.inline).filter(([other]) => other !== policyName);
  saveIdentity(ctx, kind, { ...identity, inline: Object.fromEntries(kept) });
  return {};
}

function list(
  ctx: Context,
  kind: IdentityKind,
  name: string,
  input: { readonly Marker?: string | undefined; readonly MaxItems?: number | undefined },
) {
  const { items, ...rest } = page(Object.keys(findIdentity(ctx, kind, name).inline).toSorted(), input);
  return { PolicyNames: items, ...rest };
}

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html */
export const putUserPolicy: Handler<Sdk, "putUserPolicy"> = (ctx, input) =>
  put(ctx, "user", input.UserName, input.PolicyName, input.PolicyDocument);

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutGroupPolicy.html */
export const putGroupPolicy: Handler<Sdk, "putGroupPolicy"> = (ctx, input) =>
  put(ctx, "group", input.GroupName, input.PolicyName, input.PolicyDocument);

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html */
export const putRolePolicy: Handler<Sdk, "putRolePolicy"> = (ctx, input) =>
  put(ctx, "role", input.RoleName, input.PolicyName, input.PolicyDocument);

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUserPolicy.html */
export const getUserPolicy: Handler<Sdk, "getUserPolicy"> = (ctx, input) => {
  const { name, document } = find(ctx, "user", input.UserName, input.PolicyName);
  return { UserName: name, PolicyName: input.PolicyName, PolicyDocument: document };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroupPolicy.html */
export const getGroupPolicy: Handler<Sdk, "getGroupPolicy"> = (ctx, input) => {
  const { name, document } = find(ctx, "group", input.GroupName, input.PolicyName);
  return { GroupName: name, PolicyName: input.PolicyName, PolicyDocument: document };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html */
export const getRolePolicy: Handler<Sdk, "getRolePolicy"> = (ctx, input) => {
  const { name, document } = find(ctx, "role", input.RoleName, input.PolicyName);
  return { RoleName: name, PolicyName: input.PolicyName, PolicyDocument: document };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPolicy.html */
export const deleteUserPolicy: Handler<Sdk, "deleteUserPolicy"> = (ctx, input) =>
  remove(ctx, "user", input.UserName, input.PolicyName);

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroupPolicy.html */
export const deleteGroupPolicy: Handler<Sdk, "deleteGroupPolicy"> = (ctx, input) =>
  remove(ctx, "group", input.GroupName, input.PolicyName);

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePolicy.html */
export const deleteRolePolicy: Handler<Sdk, "deleteRolePolicy"> = (ctx, input) =>
  remove(ctx, "role", input.RoleName, input.PolicyName);

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserPolicies.html */
export const listUserPolicies: Handler<Sdk, "listUserPolicies"> = (ctx, input) =>
  list(ctx, "user", input.UserName, input);

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupPolicies.html */
export const listGroupPolicies: Handler<Sdk, "listGroupPolicies"> = (ctx, input) =>
  list(ctx, "group", input.GroupName, input);

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html */
export const listRolePolicies: Handler<Sdk, "listRolePolicies"> = (ctx, input) =>
  list(ctx, "role", input.RoleName, input);
