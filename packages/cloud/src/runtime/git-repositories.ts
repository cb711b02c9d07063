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

export interface Commit {
  readonly id: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: { readonly name: string; readonly email: string; readonly date: string };
  readonly committer: { readonly name: string; readonly email: string; readonly date: string };
  readonly message: string;
}

/** Bare repositories on disk, by a path of our own such as `github/owner/name`, and git's smart HTTP for them. */
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
  remove(path: string): Promise<void>;
  /** All refs, by name, and what HEAD names. */
  refs(path: string): Promise<{ readonly head?: string; readonly refs: ReadonlyMap<string, string> }>;
  /** The commit that a branch, tag or id names; undefined if there is none. */
  commit(path: string, revision: string): Promise<Commit | undefined>;
  /** Files that differ between two commits; all files of `after` where `before` is undefined. */
  changedFiles(path: string, before: string | undefined, after: string): Promise<readonly string[]>;
  /** Writes the files of a commit into a folder, links and modes kept, without `.git`. */
  checkout(path: string, revision: string, folder: string): Promise<void>;
  /** A folder with a full clone, `.git` included, whose `origin` is `originUrl`. */
  clone(path: string, revision: string, folder: string, originUrl: string): Promise<void>;
  /**
   * Answers one request of git's smart HTTP protocol. `subPath` is what follows the repository: `info/refs`,
   * `git-upload-pack`, `git-receive-pack`.
   * @param onPush - awaited after the refs have moved and before the client is told
   */
  serve(path: string, subPath: string, request: HttpRequest, onPush: (updates: readonly RefUpdate[]) => Promise<void>): Promise<HttpResponse>;
}
