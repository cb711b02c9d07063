import { pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { describe } from "../describe.ts";
import { errors } from "../errors.ts";
import { matches } from "../filters.ts";
import type { Secret } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { findSecret, tables } from "../store.ts";

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html */
export const listSecrets: Handler<Sdk, "listSecrets"> = (ctx, input) => {
  if (input.SortBy !== undefined && input.SortBy !== "name") {
    throw errors.InvalidParameterException(`Trysail sorts secrets by name only, not by ${input.SortBy}.`);
  }
  const reverse = input.SortOrder === "desc";
  const filters = input.Filters ?? [];
  function* entriesAfter(options: { readonly after?: string }): Generator<[string, Secret]> {
    for (const [name, secret] of ctx.table(tables.secrets).entries({ ...options, reverse })) {
      const hidden = secret.deletion !== undefined && input.IncludePlannedDeletion !== true;
      if (!hidden && filters.every((filter) => matches(secret, filter))) yield [name, secret];
    }
  }
  const { items, next } = pageOf(
    entriesAfter,
    input.NextToken,
    input.MaxResults ?? 100,
    errors.InvalidNextTokenException,
  );
  return {
    SecretList: items.map((secret) => {
      const { VersionIdsToStages: SecretVersionsToStages, ...entry } = describe(ctx, secret);
      return { ...entry, SecretVersionsToStages };
    }),
    NextToken: next,
  };
};

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecretVersionIds.html */
export const listSecretVersionIds: Handler<Sdk, "listSecretVersionIds"> = (ctx, input) => {
  const secret = findSecret(ctx, input.SecretId);
  const { items, next } = pageOf(
    ({ after }: { readonly after?: [string, string] }) =>
      ctx.table(tables.versions).entries({ prefix: [secret.name], ...(after && { after }) }),
    input.NextToken,
    input.MaxResults ?? 100,
    errors.InvalidNextTokenException,
  );
  return {
    ARN: secret.arn,
    Name: secret.name,
    Versions: items
      .filter(({ stages }) => stages.length > 0 || input.IncludeDeprecated === true)
      .map(({ id, stages, createdAt }) => ({
        VersionId: id,
        VersionStages: [...stages],
        CreatedDate: new Date(createdAt),
      })),
    NextToken: next,
  };
};
