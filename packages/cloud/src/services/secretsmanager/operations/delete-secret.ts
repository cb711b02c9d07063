import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { findSecret, saveVersions, tables, usableSecret } from "../store.ts";

const dayMs = 86_400_000;

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html */
export const deleteSecret: Handler<Sdk, "deleteSecret"> = (ctx, input) => {
  const { RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: force = false } = input;
  if (force && days !== undefined) {
    throw errors.InvalidParameterException(
      "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
    );
  }
  if (days !== undefined && (days < 7 || days > 30)) {
    throw errors.InvalidParameterException("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
  }
  if (force) {
    const secret = findSecret(ctx, input.SecretId);
    saveVersions(ctx, secret, []);
    ctx.table(tables.secrets).delete(secret.name);
    return { ARN: secret.arn, Name: secret.name, DeletionDate: new Date(ctx.now) };
  }
  const secret = usableSecret(ctx, input.SecretId);
  const dueAt = ctx.now + (days ?? 30) * dayMs;
  ctx.table(tables.secrets).put(secret.name, { ...secret, deletion: { markedAt: ctx.now, dueAt } });
  return { ARN: secret.arn, Name: secret.name, DeletionDate: new Date(dueAt) };
};

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RestoreSecret.html */
export const restoreSecret: Handler<Sdk, "restoreSecret"> = (ctx, input) => {
  const secret = findSecret(ctx, input.SecretId);
  ctx.table(tables.secrets).put(secret.name, { ...secret, deletion: undefined });
  return { ARN: secret.arn, Name: secret.name };
};
