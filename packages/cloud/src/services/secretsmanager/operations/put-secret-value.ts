import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { current, moveStage } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { saveVersions, tables, usableSecret, versionsOf } from "../store.ts";
import { checkToken, readValue, refuseType, writeVersion } from "../values.ts";

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html */
export const putSecretValue: Handler<Sdk, "putSecretValue"> = (ctx, input) => {
  const secret = usableSecret(ctx, input.SecretId);
  const value = readValue(input);
  if (value === undefined)
    throw errors.InvalidRequestException("You must provide either SecretString or SecretBinary.");
  const id = checkToken(input.ClientRequestToken) ?? ctx.ids.uuid();
  // The very first version is the current one, whatever stages it is given.
  const stages = input.VersionStages ?? [current];
  writeVersion(
    ctx,
    secret,
    id,
    value,
    versionsOf(ctx, secret).length === 0 ? [...new Set([...stages, current])] : stages,
  );
  const written = versionsOf(ctx, secret).find((version) => version.id === id);
  return { ARN: secret.arn, Name: secret.name, VersionId: id, VersionStages: [...(written?.stages ?? [])] };
};

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html */
export const updateSecret: Handler<Sdk, "updateSecret"> = (ctx, input) => {
  const found = usableSecret(ctx, input.SecretId);
  refuseType(input);
  const secret = {
    ...found,
    description: input.Description ?? found.description,
    kmsKeyId: input.KmsKeyId ?? found.kmsKeyId,
    changedAt: ctx.now,
  };
  ctx.table(tables.secrets).put(secret.name, secret);
  const value = readValue(input);
  if (value === undefined) return { ARN: secret.arn, Name: secret.name };
  const id = checkToken(input.ClientRequestToken) ?? ctx.ids.uuid();
  writeVersion(ctx, secret, id, value, [current]);
  return { ARN: secret.arn, Name: secret.name, VersionId: id };
};

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html */
export const updateSecretVersionStage: Handler<Sdk, "updateSecretVersionStage"> = (ctx, input) => {
  const secret = usableSecret(ctx, input.SecretId);
  const { VersionStage: stage, RemoveFromVersionId: from, MoveToVersionId: to } = input;
  const versions = versionsOf(ctx, secret);
  const holder = versions.find(({ stages }) => stages.includes(stage))?.id;
  for (const id of [from, to]) {
    if (id !== undefined && !versions.some((version) => version.id === id)) {
      throw errors.ResourceNotFoundException(
        `Secrets Manager can't find the specified secret version for VersionId: ${id}`,
      );
    }
  }
  if (from !== undefined && from !== holder) {
    throw errors.InvalidParameterException(`The staging label ${stage} is not attached to version ${from}.`);
  }
  if (to !== undefined && holder !== undefined && from === undefined && holder !== to) {
    throw errors.InvalidParameterException(
      `The staging label ${stage} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
  if (to === undefined && from === undefined)
    throw errors.InvalidParameterException("Give MoveToVersionId, RemoveFromVersionId or both.");
  if (to === undefined && stage === current)
    throw errors.InvalidParameterException("You can't remove the staging label AWSCURRENT; you can only move it.");
  saveVersions(ctx, secret, moveStage(versions, stage, to));
  ctx.table(tables.secrets).put(secret.name, { ...secret, changedAt: ctx.now });
  return { ARN: secret.arn, Name: secret.name };
};
