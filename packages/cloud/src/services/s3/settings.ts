import type { Context } from "../../kernel/context.ts";
import { openBucket } from "./access.ts";
import type { OpenBucket } from "./access.ts";
import { configurationOf, tables } from "./store.ts";
import type { ConfigurationKind, Configurations } from "./store.ts";

interface Named {
  readonly Bucket: string;
  readonly ExpectedBucketOwner?: string | undefined;
}

/** The bucket, if the caller may read or change this setting of it. */
export function openSetting(ctx: Context, action: string, input: Named): OpenBucket {
  return openBucket(ctx, { action, bucket: input.Bucket, expectedOwner: input.ExpectedBucketOwner });
}

/** A bucket's configuration of a kind; undefined if it has none. */
export function loadConfiguration<K extends ConfigurationKind>(
  ctx: Context,
  action: string,
  input: Named,
  kind: K,
  id = "",
): Configurations[K] | undefined {
  const { bucket, home } = openSetting(ctx, action, input);
  return configurationOf(home, bucket.name, kind, id);
}

export function saveConfiguration<K extends ConfigurationKind>(
  ctx: Context,
  action: string,
  input: Named,
  kind: K,
  value: Configurations[K],
  id = "",
): void {
  const { bucket, home } = openSetting(ctx, action, input);
  home.table(tables.configurations).put([bucket.name, kind, id], value);
}

/** @returns whether there was one */
export function removeConfiguration(
  ctx: Context,
  action: string,
  input: Named,
  kind: ConfigurationKind,
  id = "",
): boolean {
  const { bucket, home } = openSetting(ctx, action, input);
  return home.table(tables.configurations).delete([bucket.name, kind, id]);
}

/** All configurations of a kind that a bucket can have many of, in the order of their ids. */
export function listConfigurations<K extends ConfigurationKind>(
  ctx: Context,
  action: string,
  input: Named,
  kind: K,
): Configurations[K][] {
  const { bucket, home } = openSetting(ctx, action, input);
  return [...home.table(tables.configurations).values({ prefix: [bucket.name, kind] })] as Configurations[K][];
}
