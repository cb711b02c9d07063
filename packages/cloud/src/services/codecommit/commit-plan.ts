import type { FileChange, TreeEntry } from "../../runtime/git-repositories.ts";
import { errors } from "./errors.ts";
import { maxFileEntries, maxFileSizeBytes } from "./model.ts";

export type FileMode = "EXECUTABLE" | "NORMAL" | "SYMLINK";

const gitModes: Readonly<Record<FileMode, string>> = { EXECUTABLE: "100755", NORMAL: "100644", SYMLINK: "120000" };

/** Git's mode. @throws AwsError `InvalidFileModeException` */
export function gitMode(mode: FileMode): string {
  if (!Object.hasOwn(gitModes, mode))
    throw errors.InvalidFileModeException(
      `The file mode ${mode} is not valid. It must be one of EXECUTABLE, NORMAL, SYMLINK.`,
    );
  return gitModes[mode];
}

export function fileMode(mode: string): FileMode {
  return mode === "120000" ? "SYMLINK" : mode === "100755" ? "EXECUTABLE" : "NORMAL";
}

/** The path of a file, without a slash in front. @throws AwsError `InvalidPathException` */
export function readFilePath(path: string): string {
  const given = path.replace(/^\//, "");
  const parts = given.split("/");
  const isStrange = (part: string) =>
    part === "" || part === "." || part === ".." || part.toLowerCase() === ".git" || part.includes("\0");
  if (given === "" || parts.some(isStrange))
    throw errors.InvalidPathException(`The specified path is not valid: ${path}`);
  return given;
}

export interface PutFile {
  readonly path: string;
  /** Undefined leaves a file's mode as it is; NORMAL for a new one. */
  readonly mode: FileMode | undefined;
  readonly content: Uint8Array | undefined;
  readonly source: { readonly path: string; readonly isMove: boolean } | undefined;
}

export interface CommitRequest {
  readonly put: readonly PutFile[];
  readonly delete: readonly string[];
  readonly modes: readonly { readonly path: string; readonly mode: FileMode }[];
  /** Puts `.gitkeep` into folders that the deletions leave empty. */
  readonly keepEmptyFolders: boolean;
}

export interface PlannedCommit {
  readonly changes: readonly FileChange[];
  readonly added: readonly string[];
  readonly updated: readonly string[];
  readonly deleted: readonly string[];
}

/**
 * Works out what a commit changes.
 *
 * @param files - every file of the parent, by path
 * @throws AwsError for entries that contradict each other or the parent, with CodeCommit's codes
 * @see https://docs.aws.amazon.com/codecommit/latest/APIReference/API_CreateCommit.html
 */
export function planCommit(
  files: ReadonlyMap<string, Pick<TreeEntry, "mode" | "id">>,
  request: CommitRequest,
): PlannedCommit {
  checkEntries(request);
  const existing = (path: string) => {
    const found = files.get(path);
    if (found === undefined) throw errors.FileDoesNotExistException(`${path} does not exist in the repository.`);
    return found;
  };
  const moved = request.put.flatMap(({ source }) => (source?.isMove === true ? [source.path] : []));
  const deleted = [...request.delete, ...moved];
  for (const path of deleted) existing(path);

  const after = new Set(files.keys());
  for (const path of deleted) after.delete(path);

  const puts = request.put.map((put): FileChange => {
    checkPlace(after, put.path);
    after.add(put.path);
    const { path, content, source } = put;
    const from = source === undefined ? undefined : existing(source.path);
    const mode =
      put.mode === undefined ? (from?.mode ?? files.get(path)?.mode ?? gitMode("NORMAL")) : gitMode(put.mode);
    return from === undefined
      ? { kind: "put", path, mode, content: content ?? new Uint8Array() }
      : { kind: "set", path, mode, blobId: from.id };
  });
  const modes = request.modes.map(({ path, mode }): FileChange => ({
    kind: "set",
    path,
    mode: gitMode(mode),
    blobId: existing(path).id,
  }));
  const removals = deleted.map((path): FileChange => ({ kind: "delete", path }));
  const keepers = request.keepEmptyFolders ? emptied(deleted, after) : [];
  const kept = keepers.map((folder): FileChange => ({
    kind: "put",
    path: `${folder}/.gitkeep`,
    mode: gitMode("NORMAL"),
    content: new Uint8Array(),
  }));

  const written = [...puts, ...modes, ...kept].map(({ path }) => path);
  return {
    changes: [...removals, ...puts, ...modes, ...kept],
    added: written.filter((path) => !files.has(path)),
    updated: written.filter((path) => files.has(path)),
    deleted,
  };
}

function checkEntries(request: CommitRequest): void {
  const paths = [...request.put.map(({ path }) => path), ...request.delete, ...request.modes.map(({ path }) => path)];
  if (paths.length === 0)
    throw errors.FileEntryRequiredException(
      "The commit cannot be created because no files have been specified as added, updated, or changed.",
    );
  if (paths.length > maxFileEntries) {
    throw errors.MaximumFileEntriesExceededException(
      `The number of specified files to change as part of this commit exceeds the maximum of ${maxFileEntries}.`,
    );
  }
  const repeated = paths.find((path, index) => paths.indexOf(path) !== index);
  if (repeated !== undefined)
    throw errors.SamePathRequestException(`The path ${repeated} is specified more than once in this commit.`);
  for (const { path, content, source } of request.put) {
    if (content !== undefined && source !== undefined) {
      throw errors.FileContentAndSourceFileSpecifiedException(
        `Both the content and a source file are specified for ${path}.`,
      );
    }
    if (content === undefined && source === undefined)
      throw errors.FileContentRequiredException(`Neither the content nor a source file is specified for ${path}.`);
    if ((content?.length ?? 0) > maxFileSizeBytes) {
      throw errors.FileContentSizeLimitExceededException(
        `The file ${path} is larger than ${maxFileSizeBytes} bytes. Use git to push it.`,
      );
    }
  }
}

/** A file cannot be where a folder is, nor below a file. */
function checkPlace(files: ReadonlySet<string>, path: string): void {
  const parts = path.split("/");
  for (let depth = 1; depth < parts.length; depth += 1) {
    const ancestor = parts.slice(0, depth).join("/");
    if (files.has(ancestor)) {
      throw errors.DirectoryNameConflictsWithFileNameException(
        `${path} cannot be added: ${ancestor} is a file in this repository.`,
      );
    }
  }
  if ([...files].some((file) => file.startsWith(`${path}/`))) {
    throw errors.FileNameConflictsWithDirectoryNameException(
      `${path} cannot be added: it is a folder in this repository.`,
    );
  }
}

/** The innermost folders that lose their last file. */
function emptied(deleted: readonly string[], after: ReadonlySet<string>): string[] {
  const folders = new Set(
    deleted.filter((path) => path.includes("/")).map((path) => path.slice(0, path.lastIndexOf("/"))),
  );
  return [...folders].filter((folder) => ![...after].some((file) => file.startsWith(`${folder}/`)));
}
