import type { Context } from "../../../kernel/context.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { cloneUrl, repositoryArn, repositoryPath } from "../model.ts";
import type { Repository } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { checkRepositoryName, findRepository, saveRepository, tables } from "../store.ts";
import { addTags } from "./tags.ts";

const repositoriesPerPage = 1000;

function show(ctx: Context, repository: Repository) {
  return {
    accountId: ctx.account,
    repositoryId: repository.id,
    repositoryName: repository.name,
    repositoryDescription: repository.description,
    defaultBranch: repository.defaultBranch,
    lastModifiedDate: new Date(repository.changedAt),
    creationDate: new Date(repository.createdAt),
    cloneUrlHttp: cloneUrl(ctx, ctx.host.endpoint, repository.name),
    Arn: repositoryArn(ctx, repository.name),
    kmsKeyId: repository.kmsKeyId,
  };
}

function checkDescription(description: string | undefined): void {
  if ((description?.length ?? 0) > 1000) {
    throw errors.InvalidRepositoryDescriptionException("The repository description is longer than 1000 characters.");
  }
}

function checkFree(ctx: Context, name: string): void {
  if (ctx.table(tables.repositories).has(name))
    throw errors.RepositoryNameExistsException(`Repository named ${name} already exists`);
}

/** @see https://docs.aws.amazon.com/codecommit/latest/APIReference/API_CreateRepository.html */
export const createRepository: Handler<Sdk, "createRepository"> = async (ctx, input) => {
  const { repositoryName: name, repositoryDescription: description, kmsKeyId } = input;
  checkRepositoryName(name);
  checkDescription(description);
  checkFree(ctx, name);
  const repository: Repository = {
    id: ctx.ids.uuid(),
    name,
    description,
    kmsKeyId,
    defaultBranch: undefined,
    createdAt: ctx.now,
    changedAt: ctx.now,
    tags: addTags({}, input.tags ?? {}),
  };
  await ctx.host.git.create(repositoryPath(ctx, repository), "main");
  ctx.transaction(() => {
    checkFree(ctx, name);
    saveRepository(ctx, repository);
  });
  return { repositoryMetadata: show(ctx, repository) };
};

/** @see https://docs.aws.amazon.com/codecommit/latest/APIReference/API_DeleteRepository.html */
export const deleteRepository: Handler<Sdk, "deleteRepository"> = async (ctx, input) => {
  checkRepositoryName(input.repositoryName);
  const deleted = ctx.table(tables.repositories).get(input.repositoryName);
  if (deleted === undefined) return {};
  ctx.transaction(() => {
    ctx.table(tables.repositories).delete(deleted.name);
    ctx.table(tables.announced).delete(deleted.id);
  });
  await ctx.host.git.remove(repositoryPath(ctx, deleted));
  return { repositoryId: deleted.id };
};

/** @see https://docs.aws.amazon.com/codecommit/latest/APIReference/API_GetRepository.html */
export const getRepository: Handler<Sdk, "getRepository"> = (ctx, input) => ({
  repositoryMetadata: show(ctx, findRepository(ctx, input.repositoryName)),
});

/** @see https://docs.aws.amazon.com/codecommit/latest/APIReference/API_BatchGetRepositories.html */
export const batchGetRepositories: Handler<Sdk, "batchGetRepositories"> = (ctx, input) => {
  const found = input.repositoryNames.map((name) => ({ name, repository: ctx.table(tables.repositories).get(name) }));
  return {
    repositories: found.flatMap(({ repository }) => (repository === undefined ? [] : [show(ctx, repository)])),
    repositoriesNotFound: found.flatMap(({ name, repository }) => (repository === undefined ? [name] : [])),
  };
};

/** @see https://docs.aws.amazon.com/codecommit/latest/APIReference/API_ListRepositories.html */
export const listRepositories: Handler<Sdk, "listRepositories"> = (ctx, input) => {
  const { sortBy = "repositoryName", order = "ascending" } = input;
  if (sortBy !== "repositoryName" && sortBy !== "lastModifiedDate")
    throw errors.InvalidSortByException(`The sort by value ${String(sortBy)} is not valid.`);
  if (order !== "ascending" && order !== "descending")
    throw errors.InvalidOrderException(`The order ${String(order)} is not valid.`);
  const byName = [...ctx.table(tables.repositories).values()];
  const sorted = sortBy === "repositoryName" ? byName : byName.toSorted((a, b) => a.changedAt - b.changedAt);
  const ordered = order === "ascending" ? sorted : sorted.toReversed();
  const { items, next } = pageOfList(
    ordered,
    input.nextToken,
    repositoriesPerPage,
    errors.InvalidContinuationTokenException,
  );
  return { repositories: items.map(({ name, id }) => ({ repositoryName: name, repositoryId: id })), nextToken: next };
};

/** @see https://docs.aws.amazon.com/codecommit/latest/APIReference/API_UpdateRepositoryName.html */
export const updateRepositoryName: Handler<Sdk, "updateRepositoryName"> = (ctx, input) => {
  const repository = findRepository(ctx, input.oldName);
  checkRepositoryName(input.newName);
  checkFree(ctx, input.newName);
  ctx.table(tables.repositories).delete(repository.name);
  saveRepository(ctx, { ...repository, name: input.newName, changedAt: ctx.now });
  return {};
};

/** @see https://docs.aws.amazon.com/codecommit/latest/APIReference/API_UpdateRepositoryDescription.html */
export const updateRepositoryDescription: Handler<Sdk, "updateRepositoryDescription"> = (ctx, input) => {
  checkDescription(input.repositoryDescription);
  const repository = findRepository(ctx, input.repositoryName);
  saveRepository(ctx, { ...repository, description: input.repositoryDescription || undefined, changedAt: ctx.now });
  return {};
};
