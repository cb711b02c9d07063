import type { Filter } from "@aws-sdk/client-secrets-manager";
import type { Context } from "../../kernel/context.ts";
import type { Secret } from "./model.ts";
import { tables } from "./store.ts";

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Filter.html */
export function matches(secret: Secret, { Key: key = "all", Values: values = [] }: Filter): boolean {
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
