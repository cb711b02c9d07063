import type { AccountId } from "@trysail/core";
import { parseAccountId } from "@trysail/core";
import type { Context, Principal } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { assumedRoleArn, parseRoleArn } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { issue } from "../store.ts";

interface FoundRole {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly maxSessionSeconds: number;
}

async function findRole(ctx: Context, account: AccountId, name: string): Promise<FoundRole | undefined> {
  try {
    const { Role: role } = await ctx.as({ account }).call.iam.getRole({ RoleName: name });
    if (role === undefined) return undefined;
    const { RoleId: id = "", Arn: arn = "", RoleName = name, MaxSessionDuration = 3600 } = role;
    return { id, arn, name: RoleName, maxSessionSeconds: MaxSessionDuration };
  } catch (error) {
    if (isAwsError(error, "NoSuchEntity")) return undefined;
    throw error;
  }
}

function checkInput(input: {
  readonly RoleSessionName: string;
  readonly DurationSeconds?: number | undefined;
  readonly Policy?: string | undefined;
}): void {
  const constraint = (value: string, member: string, rule: string) =>
    errors.ValidationError(
      `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must ${rule}`,
    );
  const { RoleSessionName: session, DurationSeconds: seconds = 3600, Policy: policy } = input;
  if (session.length < 2) throw constraint(session, "roleSessionName", "have length greater than or equal to 2");
  if (session.length > 64) throw constraint(session, "roleSessionName", "have length less than or equal to 64");
  if (!/^[\w+=,.@-]+$/.test(session))
    throw constraint(session, "roleSessionName", "satisfy regular expression pattern: [\\w+=,.@-]*");
  if (seconds < 900) throw constraint(String(seconds), "durationSeconds", "have value greater than or equal to 900");
  if (seconds > 43_200) throw constraint(String(seconds), "durationSeconds", "have value less than or equal to 43200");
  if (policy === undefined) return;
  try {
    JSON.parse(policy);
  } catch {
    throw errors.MalformedPolicyDocument("This policy contains invalid Json");
  }
}

/**
 * Issues credentials of a role that exists. Its trust policy, like all policies, is not evaluated.
 *
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export const assumeRole: Handler<Sdk, "assumeRole"> = async (ctx, input) => {
  checkInput(input);
  if (input.SerialNumber !== undefined || input.TokenCode !== undefined) {
    throw errors.AccessDenied("MultiFactorAuthentication failed with invalid MFA one time pass code. ");
  }
  const parsed = parseRoleArn(input.RoleArn);
  const account = parseAccountId(parsed?.account ?? "");
  if (parsed === undefined || account === undefined) throw errors.ValidationError(`${input.RoleArn} is invalid`);
  const role = await findRole(ctx, account, parsed.name);
  if (role === undefined || role.arn !== input.RoleArn) {
    throw errors.AccessDenied(
      `User: ${ctx.principal.arn} is not authorized to perform: sts:AssumeRole on resource: ${input.RoleArn}`,
    );
  }
  const seconds = input.DurationSeconds ?? 3600;
  if (ctx.principal.type === "assumed-role" && seconds > 3600) {
    throw errors.ValidationError(
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    );
  }
  if (seconds > role.maxSessionSeconds) {
    throw errors.ValidationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  }
  const session = input.RoleSessionName;
  const principal: Principal = {
    type: "assumed-role",
    arn: assumedRoleArn(role.arn, role.name, session),
    userId: `${role.id}:${session}`,
  };
  const inAccount = ctx.as({ account });
  return {
    Credentials: ctx.transaction(() => issue(inAccount, principal, seconds)),
    AssumedRoleUser: { AssumedRoleId: principal.userId, Arn: principal.arn },
    SourceIdentity: input.SourceIdentity,
  };
};
