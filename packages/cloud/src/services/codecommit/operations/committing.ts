import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Handler } from "../../../kernel/service.ts";
import type { Person, TreeEntry } from "../../../runtime/git-repositories.ts";
import { fileMode, planCommit, readFilePath } from "../commit-plan.ts";
import type { CommitRequest, FileMode } from "../commit-plan.ts";
import { errors } from "../errors.ts";
import { repositoryPath } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { announceChanges, findRepository } from "../store.ts";
import { checkBranchName } from "./branches.ts";

interface Target {
  readonly repositoryName: string;
  readonly branchName: string;
  readonly parentCommitId?: string | undefined;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
}

interface Committed {
  readonly commitId: string;
  readonly treeId: string;
  /** What the tree holds now, by path. */
  readonly files: ReadonlyMap<string, TreeEntry>;
  /** What it held before. */
  readonly before: ReadonlyMap<string, TreeEntry>;
  readonly added: readonly string[];
  readonly updated: readonly string[];
  readonly deleted: readonly string[];
}

/** The commit that a new one goes on from: the branch's own, which the caller must know of. */
async function parentOf(ctx: Context, path: string, target: Target): Promise<string | undefined> {
  const { refs } = await ctx.host.git.refs(path);
  const current = refs.get(`refs/heads/${target.branchName}`);
  const given = target.parentCommitId;
  if (current === undefined) {
    const isEmpty = ![...refs.keys()].some((ref) => ref.startsWith("refs/heads/"));
    if (!isEmpty) throw errors.BranchDoesNotExistException(`The branch ${target.branchName} does not exist`);
    if (given !== undefined)
      throw errors.ParentCommitDoesNotExistException(
        `The parent commit ${given} does not exist: the repository is empty.`,
      );
    return undefined;
  }
  if (given === undefined)
    throw errors.ParentCommitIdRequiredException(
      "A parent commit ID is required. To view the full commit ID of a branch in a repository, use GetBranch.",
    );
  if (!/^[0-9a-f]{40}$/.test(given))
    throw errors.InvalidCommitIdException(`The specified commit ID is not valid: ${given}`);
  if (given !== current) {
    if ((await ctx.host.git.commit(path, given)) === undefined)
      throw errors.ParentCommitDoesNotExistException(`The parent commit ${given} does not exist.`);
    throw errors.ParentCommitIdOutdatedException(
      `The specified parent commit ${given} is not the latest one of ${target.branchName}.`,
    );
  }
  return current;
}

async function filesOf(ctx: Context, path: string, commit: string | undefined): Promise<Map<string, TreeEntry>> {
  const entries = commit === undefined ? [] : ((await ctx.host.git.folder(path, commit, "", true)) ?? []);
  return new Map(entries.map((entry) => [entry.path, entry]));
}

/** Makes the commit, moves the branch to it, and tells of it. */
async function commit(
  ctx: Context,
  target: Target,
  request: CommitRequest,
  message: string | undefined,
): Promise<Committed> {
  const repository = findRepository(ctx, target.repositoryName);
  checkBranchName(target.branchName);
  const { git } = ctx.host;
  const path = repositoryPath(ctx, repository);
  const parent = await parentOf(ctx, path, target);
  const before = await filesOf(ctx, path, parent);
  const plan = planCommit(before, request);
  const author = personOf(ctx, target);
  const written = await git.writeCommit(path, {
    parent,
    changes: plan.changes,
    author,
    committer: author,
    message: message ?? defaultMessage(plan),
  });
  const parentTree = parent === undefined ? undefined : (await git.commit(path, parent))?.tree;
  if (written.tree === parentTree)
    throw errors.NoChangeException(
      "The commit cannot be created because no changes will be made to the repository as a result of this commit.",
    );
  if (parent === undefined) await git.setDefaultBranch(path, target.branchName);
  const moved = await git.updateRef(path, `refs/heads/${target.branchName}`, { from: parent, to: written.id });
  if (!moved)
    throw errors.ConcurrentReferenceUpdateException(
      `The branch ${target.branchName} has been moved at the same time. Try again.`,
    );
  await announceChanges(ctx, repository.id);
  return { commitId: written.id, treeId: written.tree, files: await filesOf(ctx, path, written.id), before, ...plan };
}

/** Git takes no empty name. */
function personOf(ctx: Context, { name, email }: Target): Person {
  const caller = ctx.principal.arn.slice(ctx.principal.arn.lastIndexOf("/") + 1);
  return { name: name || caller || "unknown", email: email ?? "", date: new Date(ctx.now).toISOString() };
}

function defaultMessage({ added, updated, deleted }: Pick<Committed, "added" | "updated" | "deleted">): string {
  const [path] = [...added, ...updated, ...deleted];
  return `${added.length > 0 ? "Added" : updated.length > 0 ? "Edited" : "Deleted"} ${path}`;
}

/** @see https://docs.aws.amazon.com/codecommit/latest/APIReference/API_CreateCommit.html */
export const createCommit: Handler<Sdk, "createCommit"> = async (ctx, input) => {
  const request: CommitRequest = {
    put: (input.putFiles ?? []).map(({ filePath = "", fileMode: mode, fileContent, sourceFile }) => ({
      path: readFilePath(filePath),
      mode,
      content: fileContent,
      source: sourceFile && { path: readFilePath(sourceFile.filePath ?? ""), isMove: sourceFile.isMove ?? false },
    })),
    delete: (input.deleteFiles ?? []).map(({ filePath = "" }) => readFilePath(filePath)),
    modes: (input.setFileModes ?? []).map(({ filePath = "", fileMode: mode = "NORMAL" }) => ({
      path: readFilePath(filePath),
      mode,
    })),
    keepEmptyFolders: input.keepEmptyFolders ?? false,
  };
  const { repositoryName, branchName, parentCommitId, authorName: name, email } = input;
  const done = await commit(
    ctx,
    { repositoryName, branchName, parentCommitId, name, email },
    request,
    input.commitMessage,
  );
  const show = (files: ReadonlyMap<string, TreeEntry>) => (path: string) => {
    const entry = files.get(path);
    return { absolutePath: path, blobId: entry?.id, fileMode: entry && fileMode(entry.mode) };
  };
  return {
    commitId: done.commitId,
    treeId: done.treeId,
    filesAdded: done.added.map(show(done.files)),
    filesUpdated: done.updated.map(show(done.files)),
    filesDeleted: done.deleted.map(show(done.before)),
  };
};

/** @see https://docs.aws.amazon.com/codecommit/latest/APIReference/API_PutFile.html */
export const putFile: Handler<Sdk, "putFile"> = async (ctx, input) => {
  const path = readFilePath(input.filePath);
  const mode: FileMode | undefined = input.fileMode;
  const request: CommitRequest = {
    put: [{ path, mode, content: input.fileContent, source: undefined }],
    delete: [],
    modes: [],
    keepEmptyFolders: false,
  };
  try {
    const { commitId, treeId, files } = await commit(ctx, input, request, input.commitMessage);
    return { commitId, treeId, blobId: files.get(path)?.id ?? "" };
  } catch (error) {
    if (!isAwsError(error, "NoChangeException")) throw error;
    throw errors.SameFileContentException(
      `The file ${path} was not added or updated because its content is exactly the same as in the branch.`,
    );
  }
};

/** @see https://docs.aws.amazon.com/codecommit/latest/APIReference/API_DeleteFile.html */
export const deleteFile: Handler<Sdk, "deleteFile"> = async (ctx, input) => {
  const path = readFilePath(input.filePath);
  const request: CommitRequest = {
    put: [],
    delete: [path],
    modes: [],
    keepEmptyFolders: input.keepEmptyFolders ?? false,
  };
  const { commitId, treeId, before } = await commit(ctx, input, request, input.commitMessage);
  return { commitId, treeId, blobId: before.get(path)?.id ?? "", filePath: path };
};
