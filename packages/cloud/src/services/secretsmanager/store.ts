import type { Context } from "../../kernel/context.ts";
import { table } from "../../store/table.ts";
import { errors } from "./errors.ts";
import { nameCandidates } from "./model.ts";
import type { Secret, Version } from "./model.ts";

export const tables = {
  secrets: table<string, Secret>("secrets"),
  versions: table<[secret: string, version: string], Version>("versions"),
};

export function versionsOf(ctx: Context, secret: Secret): Version[] {
  return [...ctx.table(tables.versions).values({ prefix: [secret.name] })];
}

/** Makes these the secret's versions. */
export function saveVersions(ctx: Context, secret: Secret, versions: readonly Version[]): void {
  const rows = ctx.table(tables.versions);
  const kept = new Set(versions.map(({ id }) => id));
  for (const { id } of versionsOf(ctx, secret)) if (!kept.has(id)) rows.delete([secret.name, id]);
  for (const version of versions) rows.put([secret.name, version.id], version);
}

/** Finds a secret by its name, its ARN, or its ARN without the suffix; also one that is marked for deletion. */
export function findSecret(ctx: Context, secretId: string): Secret {
  const secrets = ctx.table(tables.secrets);
  for (const name of nameCandidates(secretId)) {
    const secret = secrets.get(name);
    const isArn = secretId.startsWith("arn:");
    if (secret !== undefined && (!isArn || secret.arn === secretId || secret.arn.slice(0, -7) === secretId))
      return secret;
  }
  throw errors.ResourceNotFoundException("Secrets Manager can't find the specified secret.");
}

/** @throws AwsError `InvalidRequestException` if the secret is marked for deletion */
export function usableSecret(ctx: Context, secretId: string): Secret {
  const secret = findSecret(ctx, secretId);
  if (secret.deletion !== undefined) {
    throw errors.InvalidRequestException(
      "You can't perform this operation on the secret because it was marked for deletion.",
    );
  }
  return secret;
}
