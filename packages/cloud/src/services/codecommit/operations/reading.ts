import type { Context } from "../../../kernel/context.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import type { Commit, Person } from "../../../runtime/git-repositories.ts";
import { gitDate } from "../../../runtime/git/parse.ts";
import { fileMode, readFilePath } from "../commit-plan.ts";
import { errors } from "../errors.ts";
import { maxBlobSizeBytes, maxFileSizeBytes, repositoryPath } from "../model.ts";
import type { Repository } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { findRepository } from "../store.ts";

const showPerson = ({ name, email, date }: Person) => ({ name, email, date: gitDate(date) });

function showCommit(commit: Commit) {
  return {
    commitId: commit.id,
    treeId: commit.tree,
    parents: [...commit.parents],
    message: commit.message,
    author: showPerson(commit.author),
    committer: showPerson(commit.committer),
    additionalData: "",
  };
}

/** The commit that a branch, tag, full ref or id names; the default branch's where nothing is named. @throws AwsError `CommitDoesNotExistException` */
async function specified(ctx: Context, repository: Repository, specifier: string | undefined): Promise<Commit> {
  const name = specifier ?? repository.defaultBranch;
  const commit = name === undefined ? undefined : await ctx.host.git.commit(repositoryPath(ctx, repository), name);
  if (commit === undefined)
    throw errors.CommitDoesNotExistException(
      `The specified commit does not exist: ${name ?? "the repository is empty"}`,
    );
  return commit;
}

/** @see https://docs.aws.amazon.com/codecommit/latest/APIReference/API_GetCommit.html */
export const getCommit: Handler<Sdk, "getCommit"> = async (ctx, input) => {
  const repository = findRepository(ctx, input.repositoryName);
  if (!/^[0-9a-f]{40}$/.test(input.commitId))
    throw errors.InvalidCommitIdException(`The specified commit ID is not valid: ${input.commitId}`);
  const commit = await ctx.host.git.commit(repositoryPath(ctx, repository), input.commitId);
  if (commit === undefined)
    throw errors.CommitIdDoesNotExistException(`The specified commit ID does not exist: ${input.commitId}`);
  return { commit: showCommit(commit) };
};

/** @see https://docs.aws.amazon.com/codecommit/latest/APIReference/API_BatchGetCommits.html */
export const batchGetCommits: Handler<Sdk, "batchGetCommits"> = async (ctx, input) => {
  const repository = findRepository(ctx, input.repositoryName);
  const found = await Promise.all(
    input.commitIds.map(async (commitId) => ({
      commitId,
      commit: await ctx.host.git.commit(repositoryPath(ctx, repository), commitId),
    })),
  );
  return {
    commits: found.flatMap(({ commit }) => (commit === undefined ? [] : [showCommit(commit)])),
    errors: found.flatMap(({ commitId, commit }) =>
      commit === undefined
        ? [
            {
              commitId,
              errorCode: "CommitDoesNotExistException",
              errorMessage: `The specified commit does not exist: ${commitId}`,
            },
          ]
        : [],
    ),
  };
};

/** @see https://docs.aws.amazon.com/codecommit/latest/APIReference/API_GetDifferences.html */
export const getDifferences: Handler<Sdk, "getDifferences"> = async (ctx, input) => {
  const repository = findRepository(ctx, input.repositoryName);
  const { beforeCommitSpecifier, beforePath = "", afterPath = "" } = input;
  const after = await specified(ctx, repository, input.afterCommitSpecifier);
  const before =
    beforeCommitSpecifier === undefined ? undefined : await specified(ctx, repository, beforeCommitSpecifier);
  const all = await ctx.host.git.differences(repositoryPath(ctx, repository), before?.id, after.id);
  const isIn = (folder: string, path: string) =>
    folder === "" || path === folder || path.startsWith(`${folder.replace(/\/$/, "")}/`);
  const changes = all
    .filter(({ path, ...sides }) => isIn(afterPath, path) && (sides.before === undefined || isIn(beforePath, path)))
    .map((change) => ({
      beforeBlob: change.before && { blobId: change.before.id, path: change.path, mode: change.before.mode },
      afterBlob: change.after && { blobId: change.after.id, path: change.path, mode: change.after.mode },
      changeType:
        change.before === undefined ? ("A" as const) : change.after === undefined ? ("D" as const) : ("M" as const),
    }));
  const { items, next } = pageOfList(
    changes,
    input.NextToken,
    input.MaxResults ?? 100,
    errors.InvalidContinuationTokenException,
  );
  return { differences: items, NextToken: next };
};

/** @see https://docs.aws.amazon.com/codecommit/latest/APIReference/API_GetFile.html */
export const getFile: Handler<Sdk, "getFile"> = async (ctx, input) => {
  const repository = findRepository(ctx, input.repositoryName);
  const path = readFilePath(input.filePath);
  const commit = await specified(ctx, repository, input.commitSpecifier);
  const git = repositoryPath(ctx, repository);
  const entries = await ctx.host.git.folder(
    git,
    commit.id,
    path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "",
  );
  const entry = entries?.find((one) => one.path === path && one.type === "blob");
  if (entry === undefined) throw errors.FileDoesNotExistException(`Could not find path ${path}`);
  if ((entry.sizeBytes ?? 0) > maxFileSizeBytes)
    throw errors.FileTooLargeException(`The file ${path} is larger than ${maxFileSizeBytes} bytes.`);
  const fileContent = (await ctx.host.git.blob(git, entry.id)) ?? Buffer.alloc(0);
  return {
    commitId: commit.id,
    blobId: entry.id,
    filePath: path,
    fileMode: fileMode(entry.mode),
    fileSize: fileContent.length,
    fileContent,
  };
};

/** @see https://docs.aws.amazon.com/codecommit/latest/APIReference/API_GetFolder.html */
export const getFolder: Handler<Sdk, "getFolder"> = async (ctx, input) => {
  const repository = findRepository(ctx, input.repositoryName);
  const folderPath = input.folderPath.replace(/^\/|\/$/g, "");
  if (folderPath !== "") readFilePath(folderPath);
  const commit = await specified(ctx, repository, input.commitSpecifier);
  const entries = await ctx.host.git.folder(repositoryPath(ctx, repository), commit.id, folderPath);
  if (entries === undefined) throw errors.FolderDoesNotExistException(`Could not find path ${folderPath}`);
  const listed = entries.map((entry) => ({
    entry,
    paths: { absolutePath: entry.path, relativePath: entry.path.slice(folderPath === "" ? 0 : folderPath.length + 1) },
  }));
  const blobs = listed.filter(({ entry }) => entry.type === "blob");
  const showFile = ({ entry, paths }: (typeof listed)[number]) => ({
    blobId: entry.id,
    ...paths,
    fileMode: fileMode(entry.mode),
  });
  return {
    commitId: commit.id,
    folderPath,
    subFolders: listed
      .filter(({ entry }) => entry.type === "tree")
      .map(({ entry, paths }) => ({ treeId: entry.id, ...paths })),
    files: blobs.filter(({ entry }) => entry.mode !== "120000").map(showFile),
    symbolicLinks: blobs.filter(({ entry }) => entry.mode === "120000").map(showFile),
    subModules: listed
      .filter(({ entry }) => entry.type === "commit")
      .map(({ entry, paths }) => ({ commitId: entry.id, ...paths })),
  };
};

/** @see https://docs.aws.amazon.com/codecommit/latest/APIReference/API_GetBlob.html */
export const getBlob: Handler<Sdk, "getBlob"> = async (ctx, input) => {
  const repository = findRepository(ctx, input.repositoryName);
  if (!/^[0-9a-f]{40}$/.test(input.blobId))
    throw errors.InvalidBlobIdException(`The specified blob ID is not valid: ${input.blobId}`);
  const content = await ctx.host.git.blob(repositoryPath(ctx, repository), input.blobId);
  if (content === undefined)
    throw errors.BlobIdDoesNotExistException(`The specified blob does not exist: ${input.blobId}`);
  if (content.length > maxBlobSizeBytes)
    throw errors.FileTooLargeException(`The blob is larger than ${maxBlobSizeBytes} bytes.`);
  return { content };
};
