import type { Context } from "../../kernel/context.ts";
import { tagList } from "../../kernel/tags.ts";
import type { Secret } from "./model.ts";
import { versionsOf } from "./store.ts";

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
    Tags: tagList(secret.tags),
    VersionIdsToStages: Object.fromEntries(staged.map(({ id, stages }) => [id, [...stages]])),
  };
}
