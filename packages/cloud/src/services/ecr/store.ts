import { partitionOf } from "@trysail/core";
import type { Context } from "../../kernel/context.ts";
import { table } from "../../store/table.ts";
import { errors } from "./errors.ts";

export interface Repository {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly tagMutability: string;
  readonly scanOnPush: boolean;
  readonly encryption: { readonly encryptionType: string; readonly kmsKey: string | undefined };
  readonly policy: string | undefined;
  readonly lifecyclePolicy: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

export const tables = { repositories: table<string, Repository>("repositories") };

export const arnOf = (ctx: Context, name: string): string =>
  `arn:${partitionOf(ctx.region)}:ecr:${ctx.region}:${ctx.account}:repository/${name}`;

/** @throws AwsError `RepositoryNotFoundException`, `InvalidParameterException` for another account's registry */
export function findRepository(
  ctx: Context,
  input: { readonly repositoryName: string; readonly registryId?: string | undefined },
): Repository {
  const { repositoryName: name, registryId = ctx.account } = input;
  const repository = registryId === ctx.account ? ctx.table(tables.repositories).get(name) : undefined;
  if (repository === undefined) {
    throw errors.RepositoryNotFoundException(
      `The repository with name '${name}' does not exist in the registry with id '${registryId}'`,
    );
  }
  return repository;
}

export function saveRepository(ctx: Context, repository: Repository): void {
  ctx.table(tables.repositories).put(repository.name, repository);
}
