import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { filteredSecrets } from "../filters.ts";
import { current } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { usableSecret, versionsOf } from "../store.ts";

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html */
export const getSecretValue: Handler<Sdk, "getSecretValue"> = (ctx, input) =>
  read(ctx, input.SecretId, input.VersionId, input.VersionStage);

function read(
  ctx: Context,
  secretId: string,
  versionId: string | undefined,
  stage = versionId === undefined ? current : undefined,
) {
  const secret = usableSecret(ctx, secretId);
  const version = versionsOf(ctx, secret).find(
    ({ id, stages }) =>
      (versionId === undefined || id === versionId) && (stage === undefined || stages.includes(stage)),
  );
  if (version === undefined) {
    const what = versionId === undefined ? `value for staging label: ${stage}` : `version for VersionId: ${versionId}`;
    throw errors.ResourceNotFoundException(`Secrets Manager can't find the specified secret ${what}`);
  }
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    SecretString: version.text,
    SecretBinary: version.binary,
    VersionStages: [...version.stages],
    CreatedDate: new Date(version.createdAt),
  };
}

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html */
export const batchGetSecretValue: Handler<Sdk, "batchGetSecretValue"> = (ctx, input) => {
  if ((input.SecretIdList === undefined) === (input.Filters === undefined)) {
    throw errors.InvalidParameterException("Give either SecretIdList or Filters.");
  }
  const ids = input.SecretIdList ?? [...filteredSecrets(ctx, input.Filters ?? [])].map(({ arn }) => arn);
  const { items, next } = pageOfList(ids, input.NextToken, input.MaxResults ?? 20, errors.InvalidNextTokenException);
  const results = items.map((id) => {
    try {
      return { value: read(ctx, id, undefined) };
    } catch (error) {
      if (!isAwsError(error)) throw error;
      return { error: { SecretId: id, ErrorCode: error.code, Message: error.message } };
    }
  });
  return {
    SecretValues: results.flatMap(({ value }) => (value === undefined ? [] : [value])),
    Errors: results.flatMap(({ error }) => (error === undefined ? [] : [error])),
    NextToken: next,
  };
};
