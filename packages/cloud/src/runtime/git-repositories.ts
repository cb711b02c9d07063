import type { HttpRequest, HttpResponse } from "../wire/http.ts";

/** A ref that a push has moved. */
export interface RefUpdate {
  /** `refs/heads/main` */
  readonly ref: string;
  /** Undefined if the push created the ref. */
  readonly before?: string;
  /** Undefined if the push deleted the ref. */
  readonly after?: string;
}

export interface Person {
  readonly name: string;
  readonly email: string;
  /** ISO 8601 in the person's own zone: `2026-01-31T12:00:00+02:00`. */
  readonly date: string;
}

export interface Commit {
  readonly id: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Person;
  readonly committer: Person;
  readonly message: string;
}

/** What a folder of a commit holds. */
export interface TreeEntry {
  /** Six octal digits: 100644 file, 100755 executable, 120000 link, 040000 folder, 160000 submodule. */
  readonly mode: string;
  readonly type: "blob" | "tree" | "commit";
  readonly id: string;
  /** From the root of the repository. */
  readonly path: string;
  /** Of a blob. */
  readonly sizeBytes?: number;
}

/** A file that two commits hold differently; the side that lacks it is undefined. */
export interface FileDifference {
  readonly path: string;
  readonly before?: { readonly mode: string; readonly id: string };
  readonly after?: { readonly mode: string; readonly id: string };
}

/** What a commit does to a file of its parent. */
export type FileChange =
  | { readonly kind: "put"; readonly path: string; readonly mode: string; readonly content: Uint8Array }
  /** The content is that of an object which is there already. */
  | { readonly kind: "set"; readonly path: string; readonly mode: string; readonly blobId: string }
  | { readonly kind: "delete"; readonly path: string };

export interface NewCommit {
  /** Undefined for the first commit of a repository. */
  readonly parent: string | undefined;
  readonly changes: readonly FileChange[];
  readonly author: Person;
  readonly committer: Person;
  readonly message: string;
}

/**
 * Bare repositories on disk, by a path of our own such as `github/owner/name`, and git's smart HTTP for them. A path's
 * parts hold letters, digits, `.`, `_` and `-` and do not end in `.git`; any other is refused with a TrysailError
 * `invalid-repository-path` (fault: user). Case does not tell paths apart. Without git on the machine every call fails with `git-missing` (fault: user).
 */
export interface GitRepositories {
  exists(path: string): Promise<boolean>;
  /** An empty repository whose HEAD is `defaultBranch`. Does nothing if it exists. */
  create(path: string, defaultBranch: string): Promise<void>;
  /**
   * Fetches all branches and tags of `from`, a URL or a folder, into the repository; creates it if need be.
   * @param from.token - sent as HTTP credentials, never stored or shown
   * @throws TrysailError `repository-unreachable` (fault: user) with git's own last line
   */
  mirror(path: string, from: { readonly url: string; readonly token?: string }): Promise<void>;
  /** Does nothing if it is gone already. */
  remove(path: string): Promise<void>;
  /** All refs, by name, and what HEAD names: a full ref such as `refs/heads/main`, whether it is there or not. */
  refs(path: string): Promise<{ readonly head?: string; readonly refs: ReadonlyMap<string, string> }>;
  /** The commit that a branch, tag or id names; undefined if there is none. */
  commit(path: string, revision: string): Promise<Commit | undefined>;
  /** What a folder of a commit holds, by path; undefined if it is not a folder there. The root is the empty text. */
  folder(
    path: string,
    revision: string,
    folder: string,
    recursive?: boolean,
  ): Promise<readonly TreeEntry[] | undefined>;
  /** The content of a blob; undefined if there is none of that id. */
  blob(path: string, id: string): Promise<Buffer | undefined>;
  /** What differs between two commits, by path; everything that `after` holds where `before` is undefined. Renames are not looked for. */
  differences(path: string, before: string | undefined, after: string): Promise<readonly FileDifference[]>;
  /** Stores a commit that no ref names yet. @returns the ids of it, of its tree, and of the blobs of its `put` changes in their order */
  writeCommit(
    path: string,
    commit: NewCommit,
  ): Promise<{ readonly id: string; readonly tree: string; readonly blobIds: readonly string[] }>;
  /**
   * Moves, creates (`from` undefined) or deletes (`to` undefined) a ref, if it is still where `from` says.
   * @returns whether it was
   */
  updateRef(
    path: string,
    ref: string,
    change: { readonly from: string | undefined; readonly to: string | undefined },
  ): Promise<boolean>;
  /** Makes HEAD name a branch, there or not. */
  setDefaultBranch(path: string, branch: string): Promise<void>;
  /** Files that differ between two commits; all files of `after` where `before` is undefined. */
  changedFiles(path: string, before: string | undefined, after: string): Promise<readonly string[]>;
  /** Writes the files of a commit into a folder, links and modes kept, without `.git`. */
  checkout(path: string, revision: string, folder: string): Promise<void>;
  /** A folder with a full clone, `.git` included, whose `origin` is `originUrl`. */
  clone(path: string, revision: string, folder: string, originUrl: string): Promise<void>;
  /**
   * Answers one request of git's smart HTTP protocol. `subPath` is what follows the repository: `info/refs`,
   * `git-upload-pack`, `git-receive-pack`; anything else is 404, and so is a repository that does not exist. A push is
   * on disk, and `onPush` has resolved, before the answer to it is given. Pushes to one repository wait for each other.
   * HEAD follows the first push to an empty repository.
   * @param onPush - awaited after the refs have moved and before the client is told
   */
  serve(
    path: string,
    subPath: string,
    request: HttpRequest,
    onPush: (updates: readonly RefUpdate[]) => Promise<void>,
  ): Promise<HttpResponse>;
}
