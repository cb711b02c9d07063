import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import {
  maxAccessKeys,
  maxAttachedPolicies,
  maxGroupsOfUser,
  maxInlinePoliciesSize,
  maxManagedPolicySize,
  maxPolicyVersions,
  maxTrustPolicySize,
} from "../model.ts";
import { page } from "../paging.ts";
import type { Sdk } from "../sdk.ts";
import { accessKeysOf, identities, tables } from "../store.ts";

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccountAlias.html */
export const createAccountAlias: Handler<Sdk, "createAccountAlias"> = (ctx, input) => {
  if (
    !/^[a-z0-9](([a-z0-9]|-(?!-))*[a-z0-9])?$/.test(input.AccountAlias) ||
    input.AccountAlias.length < 3 ||
    input.AccountAlias.length > 63
  ) {
    throw errors.ValidationError(
      `1 validation error detected: Value '${input.AccountAlias}' at 'accountAlias' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`,
    );
  }
  ctx.table(tables.aliases).put("", input.AccountAlias);
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccountAlias.html */
export const deleteAccountAlias: Handler<Sdk, "deleteAccountAlias"> = (ctx, input) => {
  if (ctx.table(tables.aliases).get("") !== input.AccountAlias) {
    throw errors.NoSuchEntity(`The account alias with name ${input.AccountAlias} cannot be found.`);
  }
  ctx.table(tables.aliases).delete("");
  return {};
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccountAliases.html */
export const listAccountAliases: Handler<Sdk, "listAccountAliases"> = (ctx, input) => {
  const { items, ...rest } = page([...ctx.table(tables.aliases).values()], input);
  return { AccountAliases: items, ...rest };
};

/** What there is, and the quotas that are kept to. @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html */
export const getAccountSummary: Handler<Sdk, "getAccountSummary"> = (ctx) => {
  const policies = [...ctx.table(tables.policies).values()];
  return {
    SummaryMap: {
      Users: [...identities(ctx, "user").keys()].length,
      Groups: [...identities(ctx, "group").keys()].length,
      Roles: [...identities(ctx, "role").keys()].length,
      Policies: policies.length,
      PolicyVersionsInUse: policies.reduce((sum, { versions }) => sum + versions.length, 0),
      InstanceProfiles: [...ctx.table(tables.instanceProfiles).keys()].length,
      AccountAccessKeysPresent: accessKeysOf(ctx, undefined).length > 0 ? 1 : 0,
      AccountMFAEnabled: 0,
      MFADevices: 0,
      AccessKeysPerUserQuota: maxAccessKeys,
      GroupsPerUserQuota: maxGroupsOfUser,
      AttachedPoliciesPerUserQuota: maxAttachedPolicies,
      AttachedPoliciesPerGroupQuota: maxAttachedPolicies,
      AttachedPoliciesPerRoleQuota: maxAttachedPolicies,
      UserPolicySizeQuota: maxInlinePoliciesSize.user,
      GroupPolicySizeQuota: maxInlinePoliciesSize.group,
      PolicySizeQuota: maxManagedPolicySize,
      AssumeRolePolicySizeQuota: maxTrustPolicySize,
      VersionsPerPolicyQuota: maxPolicyVersions,
    },
  };
};
