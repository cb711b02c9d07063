import { accountOfAccessKeyId } from "../../../kernel/access-key-id.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { issue } from "../store.ts";

/** @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
export const getCallerIdentity: Handler<Sdk, "getCallerIdentity"> = ({ account, principal }) => ({
  Account: account,
  Arn: principal.arn,
  UserId: principal.userId,
});

/** Told by the id itself. @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html */
export const getAccessKeyInfo: Handler<Sdk, "getAccessKeyInfo"> = (_ctx, input) => {
  const account = accountOfAccessKeyId(input.AccessKeyId);
  if (account === undefined) throw errors.ValidationError(`Invalid access key id: ${input.AccessKeyId}`);
  return { Account: account };
};

/** @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html */
export const getSessionToken: Handler<Sdk, "getSessionToken"> = (ctx, input) => {
  const { principal } = ctx;
  if (principal.type === "assumed-role")
    throw errors.AccessDenied("Cannot call GetSessionToken with session credentials");
  if (input.SerialNumber !== undefined || input.TokenCode !== undefined) {
    throw errors.AccessDenied("MultiFactorAuthentication failed with invalid MFA one time pass code. ");
  }
  const longest = principal.type === "root" ? 3600 : 129_600;
  const seconds = input.DurationSeconds ?? Math.min(longest, 43_200);
  if (seconds < 900 || seconds > 129_600) {
    const rule = seconds < 900 ? "greater than or equal to 900" : "less than or equal to 129600";
    throw errors.ValidationError(
      `1 validation error detected: Value '${seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value ${rule}`,
    );
  }
  return { Credentials: issue(ctx, principal, Math.min(seconds, longest)) };
};
