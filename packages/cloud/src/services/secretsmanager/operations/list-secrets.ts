import type { Context } from "../../../kernel/context.ts";
import { pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import type { Filter } from "@aws-sdk/client-secrets-manager";
import { errors } from "../errors.ts";
import type { Secret } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { findSecret, tables, versionsOf } from "../store.ts";
import { describe } from "./describe-secret.ts";

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Filter.html */
function matches(secret: Secret, { Key: key = "all", Values: values = [] }: Filter): boolean {
  const words: readonly string[] = {
    name: [secret.name],
    description: [secret.description ?? ""],
    "tag-key": Object.keys(secret.tags),
    "tag-value": Object.values(secret.tags),
    "primary-region": [],
    "owning-service": [],
    all: [secret.name, secret.description ?? "", ...Object.keys(secret.tags), ...Object.values(secret.tags)],
  }[key];
  const matchesOne = (value: string) => {
    const negated = value.startsWith("!");
    const wanted = negated ? value.slice(1) : value;
    return words.some((word) => word.startsWith(wanted)) !== negated;
  };
  return values.some(matchesOne);
}

/** The secrets that match every filter, marked ones left out. */
export function* filteredSecrets(ctx: Context, filters: readonly Filter[]): Generator<Secret> {
  for (const secret of ctx.table(tables.secrets).values()) {
    if (secret.deletion === undefined && filters.every((filter) => matches(secret, filter))) yield secret;
  }
}

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
  const { items, next } = pageOf(entriesAfter, input.NextToken, input.MaxResults ?? 100, errors.InvalidNextTokenException);
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
    ({ after }: { readonly after?: [string, string] }) => ctx.table(tables.versions).entries({ prefix: [secret.name], ...(after && { after }) }),
    input.NextToken,
    input.MaxResults ?? 100,
    errors.InvalidNextTokenException,
  );
  return {
    ARN: secret.arn,
    Name: secret.name,
    Versions: items
      .filter(({ stages }) => stages.length > 0 || input.IncludeDeprecated === true)
      .map(({ id, stages, createdAt }) => ({ VersionId: id, VersionStages: [...stages], CreatedDate: new Date(createdAt) })),
    NextToken: next,
  };
};
