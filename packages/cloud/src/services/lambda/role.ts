import type { Millis } from "@trysail/core";
import type { Context } from "../../kernel/context.ts";
import { isAwsError } from "../../kernel/errors.ts";
import type { RoleCredentials } from "./execution/environment-variables.ts";
import { errors, invalid } from "./errors.ts";
import type { Version } from "./model.ts";

const form = /^arn:aws[a-zA-Z-]*:iam::\d{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+$/;

const cannotBeAssumed = "The role defined for the function cannot be assumed by Lambda.";

/**
 * Checks that a role is there and lets Lambda assume it.
 *
 * @throws AwsError `InvalidParameterValueException`, `ValidationException`
 */
export async function checkRole(ctx: Context, arn: string): Promise<void> {
  if (!form.test(arn))
    throw invalid(
      arn,
      "role",
      "satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+",
    );
  const refuse = () => errors.InvalidParameterValueException(cannotBeAssumed, { Type: "User" });
  try {
    const { Role: role } = await ctx.call.iam.getRole({ RoleName: arn.slice(arn.lastIndexOf("/") + 1) });
    const trust = JSON.parse(decodeURIComponent(role?.AssumeRolePolicyDocument ?? "{}")) as TrustPolicy;
    if (role?.Arn !== arn || !trusts(trust, "lambda.amazonaws.com")) throw refuse();
  } catch (error) {
    throw isAwsError(error, "NoSuchEntity") ? refuse() : error;
  }
}

interface TrustStatement {
  readonly Effect?: string;
  readonly Action?: string | readonly string[];
  readonly Principal?: string | { readonly Service?: string | readonly string[] };
}

/** A role's trust policy, as far as it is looked at. */
export interface TrustPolicy {
  readonly Statement?: TrustStatement | readonly TrustStatement[];
}

/** Whether a trust policy lets a service assume the role. Conditions are not looked at. */
export function trusts(policy: TrustPolicy, service: string): boolean {
  return listOf(policy.Statement).some(({ Effect, Action, Principal }) => {
    const services = typeof Principal === "string" ? [Principal] : listOf(Principal?.Service);
    const assumes = listOf(Action).some(
      (action) => action === "*" || action === "sts:*" || action.toLowerCase() === "sts:assumerole",
    );
    return Effect === "Allow" && assumes && services.some((one) => one === "*" || one === service);
  });
}

function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

const sessionSeconds = 3600;

/**
 * Credentials of a function's role, for one environment.
 *
 * @throws AwsError `InvalidParameterValueException` if the role is not there any more
 */
export async function sessionOf(
  ctx: Context,
  version: Version,
): Promise<{ readonly credentials: RoleCredentials; readonly expiresAt: Millis }> {
  try {
    const { Credentials: credentials = {} } = await ctx.call.sts.assumeRole({
      RoleArn: version.role,
      // A session has at least two letters.
      RoleSessionName: version.functionName.padEnd(2, "-"),
      DurationSeconds: sessionSeconds,
    });
    return { credentials, expiresAt: ctx.as({}).now + sessionSeconds * 1000 };
  } catch (error) {
    throw isAwsError(error) ? errors.InvalidParameterValueException(cannotBeAssumed) : error;
  }
}
