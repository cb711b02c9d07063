import { commonErrors } from "../../../kernel/errors.ts";
import type { Handler } from "../../../kernel/service.ts";
import { awsManagedPolicy } from "../aws-managed-policies.ts";
import { errors } from "../errors.ts";
import { encodeDocument, maxPolicyVersions } from "../model.ts";
import type { Policy, PolicyVersion } from "../model.ts";
import { page } from "../paging.ts";
import type { Sdk } from "../sdk.ts";
import { findPolicy, savePolicy } from "../store.ts";
import { checkManagedPolicy } from "./policies.ts";

function findVersion(policy: Policy, id: string): PolicyVersion {
  const version = policy.versions.find((one) => one.id === id);
  if (version === undefined)
    throw errors.NoSuchEntity(`Policy ${policy.arn} version ${id} does not exist or is not attachable.`);
  return version;
}

function summary(policy: Policy, { id, createdAt }: PolicyVersion) {
  return { VersionId: id, IsDefaultVersion: id === policy.defaultVersion, CreateDate: new Date(createdAt) };
}

/** The documents of AWS's managed policies are AWS's, and not here. */
function refuseAwsManaged(arn: string): void {
  if (awsManagedPolicy(arn) === undefined) return;
  throw commonErrors.NotImplemented(
    `Trysail does not have the document of AWS's policy ${arn}. It can be attached and detached.`,
  );
}

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html */
export const createPolicyVersion: Handler<Sdk, "createPolicyVersion"> = (ctx, input) => {
  const policy = findPolicy(ctx, input.PolicyArn);
  checkManagedPolicy(input.PolicyDocument);
  if (policy.versions.length >= maxPolicyVersions) {
    throw errors.LimitExceeded(
      `A managed policy can have up to ${maxPolicyVersions} versions. Before you create a new version, you must delete an existing version.`,
    );
  }
  const number = policy.lastVersion + 1;
  const version: PolicyVersion = { id: `v${number}`, document: input.PolicyDocument, createdAt: ctx.now };
  const changed: Policy = {
    ...policy,
    updatedAt: ctx.now,
    versions: [...policy.versions, version],
    lastVersion: number,
    defaultVersion: input.SetAsDefault === true ? version.id : policy.defaultVersion,
  };
  savePolicy(ctx, changed);
  return { PolicyVersion: summary(changed, version) };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html */
export const getPolicyVersion: Handler<Sdk, "getPolicyVersion"> = (ctx, input) => {
  refuseAwsManaged(input.PolicyArn);
  const policy = findPolicy(ctx, input.PolicyArn);
  const version = findVersion(policy, input.VersionId);
  return { PolicyVersion: { ...summary(policy, version), Document: encodeDocument(version.document) } };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyVersions.html */
export const listPolicyVersions: Handler<Sdk, "listPolicyVersions"> = (ctx, input) => {
  refuseAwsManaged(input.PolicyArn);
  const policy = findPolicy(ctx, input.PolicyArn);
  const { items, ...rest } = page(policy.versions.toReversed(), input);
  return { Versions: items.map((version) => summary(policy, version)), ...rest };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html */
export const setDefaultPolicyVersion: Handler<Sdk, "setDefaultPolicyVersion"> = (ctx, input) => {
  const policy = findPolicy(ctx, input.PolicyArn);
  savePolicy(ctx, { ...policy, updatedAt: ctx.now, defaultVersion: findVersion(policy, input.VersionId).id });
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicyVersion.html */
export const deletePolicyVersion: Handler<Sdk, "deletePolicyVersion"> = (ctx, input) => {
  const policy = findPolicy(ctx, input.PolicyArn);
  const version = findVersion(policy, input.VersionId);
  if (version.id === policy.defaultVersion)
    throw errors.DeleteConflict("Cannot delete the default version of a policy.");
  savePolicy(ctx, { ...policy, versions: policy.versions.filter(({ id }) => id !== version.id) });
  return {};
};
