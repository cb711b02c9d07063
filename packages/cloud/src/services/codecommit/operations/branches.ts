import { isRevision } from "../../../runtime/git/repository-path.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { repositoryPath } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { announceChanges, findRepository, saveRepository } from "../store.ts";

const branchesPerPage = 1000;

/** @throws AwsError `InvalidBranchNameException` */
export function checkBranchName(name: string): void {
  const isStrange =
    !isRevision(name) ||
    name.length > 256 ||
    /^[0-9a-f]{40}$/.test(name) ||
    /^\/|\/$|\/\/|\.lock$|\.$|^refs\//.test(name);
  if (isStrange) throw errors.InvalidBranchNameException(`The specified reference name is not valid: ${name}`);
}

/** @see https://docs.aws.amazon.com/codecommit/latest/APIReference/API_CreateBranch.html */
export const createBranch: Handler<Sdk, "createBranch"> = async (ctx, input) => {
  const repository = findRepository(ctx, input.repositoryName);
  checkBranchName(input.branchName);
  const path = repositoryPath(ctx, repository);
  if (!/^[0-9a-f]{40}$/.test(input.commitId))
    throw errors.InvalidCommitIdException(`The specified commit ID is not valid: ${input.commitId}`);
  const commit = await ctx.host.git.commit(path, input.commitId);
  if (commit === undefined)
    throw errors.CommitDoesNotExistException(`The specified commit does not exist: ${input.commitId}`);
  const isNew = await ctx.host.git.updateRef(path, `refs/heads/${input.branchName}`, {
    from: undefined,
    to: commit.id,
  });
  if (!isNew) throw errors.BranchNameExistsException(`Branch named ${input.branchName} already exists`);
  await announceChanges(ctx, repository.id);
  return {};
};

/** @see https://docs.aws.amazon.com/codecommit/latest/APIReference/API_DeleteBranch.html */
export const deleteBranch: Handler<Sdk, "deleteBranch"> = async (ctx, input) => {
  const repository = findRepository(ctx, input.repositoryName);
  const { branchName: name } = input;
  checkBranchName(name);
  if (name === repository.defaultBranch) {
    throw errors.DefaultBranchCannotBeDeletedException(
      `The default branch ${name} cannot be deleted. Make another branch the default first.`,
    );
  }
  const path = repositoryPath(ctx, repository);
  const from = (await ctx.host.git.refs(path)).refs.get(`refs/heads/${name}`);
  if (from === undefined) return {};
  const wasThere = await ctx.host.git.updateRef(path, `refs/heads/${name}`, { from, to: undefined });
  if (!wasThere)
    throw errors.ConcurrentReferenceUpdateException(`The branch ${name} has been moved at the same time. Try again.`);
  await announceChanges(ctx, repository.id);
  return { deletedBranch: { branchName: name, commitId: from } };
};

/** @see https://docs.aws.amazon.com/codecommit/latest/APIReference/API_GetBranch.html */
export const getBranch: Handler<Sdk, "getBranch"> = async (ctx, input) => {
  const repository = findRepository(ctx, input.repositoryName ?? "");
  const name = input.branchName ?? "";
  checkBranchName(name);
  const commitId = (await ctx.host.git.refs(repositoryPath(ctx, repository))).refs.get(`refs/heads/${name}`);
  if (commitId === undefined) throw errors.BranchDoesNotExistException(`The branch ${name} does not exist`);
  return { branch: { branchName: name, commitId } };
};

/** @see https://docs.aws.amazon.com/codecommit/latest/APIReference/API_ListBranches.html */
export const listBranches: Handler<Sdk, "listBranches"> = async (ctx, input) => {
  const repository = findRepository(ctx, input.repositoryName);
  const { refs } = await ctx.host.git.refs(repositoryPath(ctx, repository));
  const names = [...refs.keys()]
    .filter((ref) => ref.startsWith("refs/heads/"))
    .map((ref) => ref.slice("refs/heads/".length));
  const { items, next } = pageOfList(names, input.nextToken, branchesPerPage, errors.InvalidContinuationTokenException);
  return { branches: items, nextToken: next };
};

/** @see https://docs.aws.amazon.com/codecommit/latest/APIReference/API_UpdateDefaultBranch.html */
export const updateDefaultBranch: Handler<Sdk, "updateDefaultBranch"> = async (ctx, input) => {
  const repository = findRepository(ctx, input.repositoryName);
  const { defaultBranchName: name } = input;
  checkBranchName(name);
  const path = repositoryPath(ctx, repository);
  const isThere = (await ctx.host.git.refs(path)).refs.has(`refs/heads/${name}`);
  if (!isThere) throw errors.BranchDoesNotExistException(`The branch ${name} does not exist`);
  await ctx.host.git.setDefaultBranch(path, name);
  ctx.transaction(() =>
    saveRepository(ctx, { ...findRepository(ctx, repository.name), defaultBranch: name, changedAt: ctx.now }),
  );
  return {};
};
