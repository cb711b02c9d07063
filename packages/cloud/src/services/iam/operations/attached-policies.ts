import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Handler } from "../../../kernel/service.ts";
import { awsManagedPolicy } from "../aws-managed-policies.ts";
import { errors } from "../errors.ts";
import { maxAttachedPolicies } from "../model.ts";
import type { IdentityKind } from "../model.ts";
import { page } from "../paging.ts";
import type { Sdk } from "../sdk.ts";
import { findIdentity, findPolicy, identities, saveIdentity } from "../store.ts";

/** The name and path of a managed policy, AWS's or the account's. @throws AwsError `NoSuchEntity` */
export function checkAttachable(ctx: Context, arn: string): { readonly name: string; readonly path: string } {
  const awsManaged = awsManagedPolicy(arn);
  if (awsManaged !== undefined) return awsManaged;
  try {
    return findPolicy(ctx, arn);
  } catch (error) {
    if (!isAwsError(error, "NoSuchEntity")) throw error;
    throw errors.NoSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
  }
}

function attach(ctx: Context, kind: IdentityKind, name: string, arn: string) {
  const identity = findIdentity(ctx, kind, name);
  checkAttachable(ctx, arn);
  if (identity.attached.includes(arn)) return {};
  if (identity.attached.length >= maxAttachedPolicies) {
    const quota = { user: "PoliciesPerUser", group: "PoliciesPerGroup", role: "PoliciesPerRole" }[kind];
    throw errors.LimitExceeded(`Cannot exceed quota for ${quota}: ${maxAttachedPolicies}`);
  }
  saveIdentity(ctx, kind, { ...identity, attached: [...identity.attached, arn] });
  return {};
}

function detach(ctx: Context, kind: IdentityKind, name: string, arn: string) {
  const identity = findIdentity(ctx, kind, name);
  if (!identity.attached.includes(arn)) throw errors.NoSuchEntity(`Policy ${arn} was not found.`);
  saveIdentity(ctx, kind, { ...identity, attached: identity.attached.filter((other) => other !== arn) });
  return {};
}

interface ListInput {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
  readonly PathPrefix?: string | undefined;
}

function list(ctx: Context, kind: IdentityKind, name: string, input: ListInput) {
  const policies = findIdentity(ctx, kind, name).attached.map((arn) => ({ arn, ...checkAttachable(ctx, arn) }));
  const { items, ...rest } = page(
    policies.filter(({ path }) => path.startsWith(input.PathPrefix ?? "/")),
    input,
  );
  return { AttachedPolicies: items.map((policy) => ({ PolicyName: policy.name, PolicyArn: policy.arn })), ...rest };
}

/** Who bears a managed policy, as an attached policy or as a boundary. */
export function bearersOf(ctx: Context, arn: string) {
  const bearers = {
    user: [...identities(ctx, "user").values()],
    group: [...identities(ctx, "group").values()],
    role: [...identities(ctx, "role").values()],
  };
  const attached = {
    user: bearers.user.filter((user) => user.attached.includes(arn)),
    group: bearers.group.filter((group) => group.attached.includes(arn)),
    role: bearers.role.filter((role) => role.attached.includes(arn)),
  };
  const bounded = {
    user: bearers.user.filter((user) => user.boundary === arn),
    group: [],
    role: bearers.role.filter((role) => role.boundary === arn),
  };
  return { attached, bounded };
}

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html */
export const attachUserPolicy: Handler<Sdk, "attachUserPolicy"> = (ctx, input) =>
  attach(ctx, "user", input.UserName, input.PolicyArn);

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachGroupPolicy.html */
export const attachGroupPolicy: Handler<Sdk, "attachGroupPolicy"> = (ctx, input) =>
  attach(ctx, "group", input.GroupName, input.PolicyArn);

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html */
export const attachRolePolicy: Handler<Sdk, "attachRolePolicy"> = (ctx, input) =>
  attach(ctx, "role", input.RoleName, input.PolicyArn);

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachUserPolicy.html */
export const detachUserPolicy: Handler<Sdk, "detachUserPolicy"> = (ctx, input) =>
  detach(ctx, "user", input.UserName, input.PolicyArn);

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachGroupPolicy.html */
export const detachGroupPolicy: Handler<Sdk, "detachGroupPolicy"> = (ctx, input) =>
  detach(ctx, "group", input.GroupName, input.PolicyArn);

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachRolePolicy.html */
export const detachRolePolicy: Handler<Sdk, "detachRolePolicy"> = (ctx, input) =>
  detach(ctx, "role", input.RoleName, input.PolicyArn);

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedUserPolicies.html */
export const listAttachedUserPolicies: Handler<Sdk, "listAttachedUserPolicies"> = (ctx, input) =>
  list(ctx, "user", input.UserName, input);

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedGroupPolicies.html */
export const listAttachedGroupPolicies: Handler<Sdk, "listAttachedGroupPolicies"> = (ctx, input) =>
  list(ctx, "group", input.GroupName, input);

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedRolePolicies.html */
export const listAttachedRolePolicies: Handler<Sdk, "listAttachedRolePolicies"> = (ctx, input) =>
  list(ctx, "role", input.RoleName, input);
