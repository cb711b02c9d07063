import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { IdentityKind } from "../model.ts";
import { documentText, listChanges } from "./properties.ts";
import type { InlinePolicyProperty } from "./properties.ts";

/** The calls that give policies to one user, group or role, and take them away. Taking away what is gone does nothing. */
interface PolicyCalls {
  put(policyName: string, document: string): Promise<unknown>;
  drop(policyName: string): Promise<unknown>;
  attach(arn: string): Promise<unknown>;
  detach(arn: string): Promise<unknown>;
}

/** Resolves also if what the call is about is gone already. */
export async function unlessGone(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isAwsError(error, "NoSuchEntity")) throw error;
  }
}

export function policyCalls(ctx: Context, kind: IdentityKind, name: string): PolicyCalls {
  const { iam } = ctx.call;
  switch (kind) {
    case "user":
      return {
        put: (PolicyName, PolicyDocument) => iam.putUserPolicy({ UserName: name, PolicyName, PolicyDocument }),
        drop: (PolicyName) => unlessGone(iam.deleteUserPolicy({ UserName: name, PolicyName })),
        attach: (PolicyArn) => iam.attachUserPolicy({ UserName: name, PolicyArn }),
        detach: (PolicyArn) => unlessGone(iam.detachUserPolicy({ UserName: name, PolicyArn })),
      };
    case "group":
      return {
        put: (PolicyName, PolicyDocument) => iam.putGroupPolicy({ GroupName: name, PolicyName, PolicyDocument }),
        drop: (PolicyName) => unlessGone(iam.deleteGroupPolicy({ GroupName: name, PolicyName })),
        attach: (PolicyArn) => iam.attachGroupPolicy({ GroupName: name, PolicyArn }),
        detach: (PolicyArn) => unlessGone(iam.detachGroupPolicy({ GroupName: name, PolicyArn })),
      };
    case "role":
      return {
        put: (PolicyName, PolicyDocument) => iam.putRolePolicy({ RoleName: name, PolicyName, PolicyDocument }),
        drop: (PolicyName) => unlessGone(iam.deleteRolePolicy({ RoleName: name, PolicyName })),
        attach: (PolicyArn) => iam.attachRolePolicy({ RoleName: name, PolicyArn }),
        detach: (PolicyArn) => unlessGone(iam.detachRolePolicy({ RoleName: name, PolicyArn })),
      };
    default:
      return kind satisfies never;
  }
}

interface PolicyProperties {
  readonly ManagedPolicyArns?: readonly string[];
  readonly Policies?: readonly InlinePolicyProperty[];
}

/** Makes the policies of a user, group or role those that its properties name; leaves those that others gave it. */
export async function applyPolicies(
  ctx: Context,
  kind: IdentityKind,
  name: string,
  properties: PolicyProperties,
  previous: PolicyProperties = {},
): Promise<void> {
  const calls = policyCalls(ctx, kind, name);
  const managed = listChanges(previous.ManagedPolicyArns ?? [], properties.ManagedPolicyArns ?? []);
  const inlineNames = (given: PolicyProperties) => (given.Policies ?? []).map(({ PolicyName }) => PolicyName);
  // What goes makes room, in the quotas, for what comes.
  for (const arn of managed.removed) await calls.detach(arn);
  for (const policyName of listChanges(inlineNames(previous), inlineNames(properties)).removed)
    await calls.drop(policyName);
  for (const arn of managed.added) await calls.attach(arn);
  for (const { PolicyName, PolicyDocument } of properties.Policies ?? [])
    await calls.put(PolicyName, documentText(PolicyDocument));
}

/** Takes away what the properties name. What others gave stands in the way of deleting, as on AWS. */
export async function dropPolicies(
  ctx: Context,
  kind: IdentityKind,
  name: string,
  properties: PolicyProperties,
): Promise<void> {
  await applyPolicies(ctx, kind, name, {}, properties);
}
