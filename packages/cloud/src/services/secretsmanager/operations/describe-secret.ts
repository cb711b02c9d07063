import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import type { Secret } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { findSecret, versionsOf } from "../store.ts";

/** What is told of a secret, but for its values. */
export function describe(ctx: Context, secret: Secret) {
  const staged = versionsOf(ctx, secret).filter(({ stages }) => stages.length > 0);
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description,
    KmsKeyId: secret.kmsKeyId,
    CreatedDate: new Date(secret.createdAt),
    LastChangedDate: new Date(secret.changedAt),
    DeletedDate: secret.deletion && new Date(secret.deletion.markedAt),
    Tags: Object.entries(secret.tags).map(([Key, Value]) => ({ Key, Value })),
    VersionIdsToStages: Object.fromEntries(staged.map(({ id, stages }) => [id, [...stages]])),
  };
}

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html */
export const describeSecret: Handler<Sdk, "describeSecret"> = (ctx, input) => describe(ctx, findSecret(ctx, input.SecretId));
