import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { awsManagedPolicies, awsManagedPolicy } from "../aws-managed-policies.ts";
import type { AwsManagedPolicy } from "../aws-managed-policies.ts";
import { errors } from "../errors.ts";
import { addTags, checkName, listTags, readPath, removeTags, showTags } from "../input.ts";
import { arnOf, keyOf, maxManagedPolicySize, uniqueId } from "../model.ts";
import type { Policy } from "../model.ts";
import { page } from "../paging.ts";
import { checkPolicyDocument, sizeOf } from "../policy-document.ts";
import type { Sdk } from "../sdk.ts";
import { findPolicy, savePolicy, tables } from "../store.ts";
import { bearersOf, checkAttachable } from "./attached-policies.ts";

/** @throws AwsError `MalformedPolicyDocument`, `LimitExceeded` */
export function checkManagedPolicy(document: string): void {
  checkPolicyDocument(document, "identity");
  if (sizeOf(document) > maxManagedPolicySize)
    throw errors.LimitExceeded(`Cannot exceed quota for PolicySize: ${maxManagedPolicySize}`);
}

function counts(ctx: Context, arn: string) {
  const { attached, bounded } = bearersOf(ctx, arn);
  return {
    AttachmentCount: attached.user.length + attached.group.length + attached.role.length,
    PermissionsBoundaryUsageCount: bounded.user.length + bounded.role.length,
  };
}

/** A policy as listings show it; GetPolicy tells its description and tags too. */
function summary(ctx: Context, policy: Policy) {
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: policy.defaultVersion,
    ...counts(ctx, policy.arn),
    IsAttachable: true,
    CreateDate: new Date(policy.createdAt),
    UpdateDate: new Date(policy.updatedAt),
  };
}

function summaryOfAws(ctx: Context, { name, path, arn }: AwsManagedPolicy) {
  return { PolicyName: name, Arn: arn, Path: path, ...counts(ctx, arn), IsAttachable: true };
}

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html */
export const createPolicy: Handler<Sdk, "createPolicy"> = (ctx, input) => {
  const name = input.PolicyName;
  checkName("policyName", name, 128);
  if (ctx.table(tables.policies).has(keyOf(name))) {
    throw errors.EntityAlreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`);
  }
  checkManagedPolicy(input.PolicyDocument);
  const path = readPath(input.Path);
  const policy: Policy = {
    name,
    path,
    id: uniqueId(ctx, "policy"),
    arn: arnOf(ctx, "policy", path, name),
    description: input.Description,
    createdAt: ctx.now,
    updatedAt: ctx.now,
    versions: [{ id: "v1", document: input.PolicyDocument, createdAt: ctx.now }],
    defaultVersion: "v1",
    lastVersion: 1,
    tags: addTags({}, input.Tags),
  };
  savePolicy(ctx, policy);
  return { Policy: { ...summary(ctx, policy), Tags: showTags(policy.tags) } };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html */
export const getPolicy: Handler<Sdk, "getPolicy"> = (ctx, input) => {
  const awsManaged = awsManagedPolicy(input.PolicyArn);
  if (awsManaged !== undefined) return { Policy: summaryOfAws(ctx, awsManaged) };
  const policy = findPolicy(ctx, input.PolicyArn);
  return { Policy: { ...summary(ctx, policy), Description: policy.description, Tags: listTags(policy.tags) } };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html */
export const deletePolicy: Handler<Sdk, "deletePolicy"> = (ctx, input) => {
  const policy = findPolicy(ctx, input.PolicyArn);
  const { AttachmentCount, PermissionsBoundaryUsageCount } = counts(ctx, policy.arn);
  if (AttachmentCount + PermissionsBoundaryUsageCount > 0)
    throw errors.DeleteConflict("Cannot delete a policy attached to entities.");
  if (policy.versions.length > 1) {
    throw errors.DeleteConflict(
      "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
    );
  }
  ctx.table(tables.policies).delete(keyOf(policy.name));
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html */
export const listPolicies: Handler<Sdk, "listPolicies"> = (ctx, input) => {
  const { Scope: scope = "All", OnlyAttached: onlyAttached = false, PolicyUsageFilter: usage } = input;
  const own = scope === "AWS" ? [] : [...ctx.table(tables.policies).values()].map((policy) => summary(ctx, policy));
  const aws = scope === "Local" ? [] : awsManagedPolicies(ctx.region).map((policy) => summaryOfAws(ctx, policy));
  const matching = [...own, ...aws].filter((policy) => {
    const { Path, AttachmentCount, PermissionsBoundaryUsageCount } = policy;
    if (!Path.startsWith(input.PathPrefix ?? "/")) return false;
    if (usage === "PermissionsPolicy" && AttachmentCount === 0) return false;
    if (usage === "PermissionsBoundary" && PermissionsBoundaryUsageCount === 0) return false;
    return !onlyAttached || AttachmentCount > 0;
  });
  const { items, ...rest } = page(matching, input);
  return { Policies: items, ...rest };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html */
export const listEntitiesForPolicy: Handler<Sdk, "listEntitiesForPolicy"> = (ctx, input) => {
  checkAttachable(ctx, input.PolicyArn);
  const { attached, bounded } = bearersOf(ctx, input.PolicyArn);
  const { EntityFilter: filter, PolicyUsageFilter: usage, PathPrefix: prefix = "/" } = input;
  const bearers =
    usage === "PermissionsBoundary" ? [bounded] : usage === "PermissionsPolicy" ? [attached] : [attached, bounded];
  const wanted = {
    user: filter === undefined || filter === "User",
    group: filter === undefined || filter === "Group",
    role: filter === undefined || filter === "Role",
  };
  const found = (["group", "user", "role"] as const).flatMap((kind) =>
    wanted[kind] ? bearers.flatMap((by) => by[kind].map(({ name, id, path }) => ({ kind, name, id, path }))) : [],
  );
  const { items, ...rest } = page(
    found.filter(({ path }) => path.startsWith(prefix)),
    input,
  );
  const of = (kind: string) => items.filter((item) => item.kind === kind);
  return {
    PolicyGroups: of("group").map(({ name, id }) => ({ GroupName: name, GroupId: id })),
    PolicyUsers: of("user").map(({ name, id }) => ({ UserName: name, UserId: id })),
    PolicyRoles: of("role").map(({ name, id }) => ({ RoleName: name, RoleId: id })),
    ...rest,
  };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagPolicy.html */
export const tagPolicy: Handler<Sdk, "tagPolicy"> = (ctx, input) => {
  const policy = findPolicy(ctx, input.PolicyArn);
  savePolicy(ctx, { ...policy, tags: addTags(policy.tags, input.Tags) });
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagPolicy.html */
export const untagPolicy: Handler<Sdk, "untagPolicy"> = (ctx, input) => {
  const policy = findPolicy(ctx, input.PolicyArn);
  savePolicy(ctx, { ...policy, tags: removeTags(policy.tags, input.TagKeys) });
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyTags.html */
export const listPolicyTags: Handler<Sdk, "listPolicyTags"> = (ctx, input) => {
  const { items, ...rest } = page(listTags(findPolicy(ctx, input.PolicyArn).tags), input);
  return { Tags: items, ...rest };
};
