import { randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TrysailError, codeOf } from "@trysail/core";
import type { HttpResponse } from "../wire/http.ts";
import type { GitRepositories, RefUpdate } from "./git-repositories.ts";
import { gitCommand, lastLine } from "./git/command.ts";
import type { Git } from "./git/command.ts";
import { gitConfiguration } from "./git/config.ts";
import { repositoryContent } from "./git/content.ts";
import { fetchInto } from "./git/fetch.ts";
import { lockByName } from "./git/lock.ts";
import { updatesBetween } from "./git/reference-changes.ts";
import { repositoryFolder } from "./git/repository-path.ts";
import { advertise, plainAnswer, receivePack, smartRequest, uploadPack } from "./git/smart-http.ts";
import { sweepLeftovers } from "./git/sweep-leftovers.ts";
import { writeCommit } from "./git/write-commit.ts";

/** {@link GitRepositories} that are to be closed. */
export interface LocalGitRepositories extends GitRepositories {
  /** Ends all git processes. An interrupted push has moved no ref. */
  close(): Promise<void>;
}

/** With more packs than this, a push is followed by joining them: every push adds one. */
const packsBeforeRepack = 50;

/**
 * Bare repositories in a folder, served by the git command line.
 *
 * @param folder - created if need be; nobody else writes in it
 * @param environment - only PATH and what leads to the network is passed on to git
 * @defaultValue `environment` is Trysail's own
 */
export async function openLocalGitRepositories(
  folder: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<LocalGitRepositories> {
  const repositories = join(folder, "repositories");
  const temporary = join(folder, "temporary");
  const configFile = join(folder, "git-config");
  await mkdir(repositories, { recursive: true });
  // What an interrupted clone or commit has left is of no use to anybody.
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary);
  await writeFile(configFile, gitConfiguration);
  const git = gitCommand({ home: temporary, configFile, environment });
  return localGitRepositories(git, repositories, temporary);
}

function localGitRepositories(git: Git, root: string, temporary: string): LocalGitRepositories {
  const folderOf = (path: string) => repositoryFolder(root, path);
  const inRepository = (path: string) => ["--git-dir", folderOf(path)];
  const temporaryPath = () => join(temporary, randomUUID());
  const content = repositoryContent(git, folderOf, temporaryPath);
  const { refs } = content;
  const locked = lockByName();
  const swept = new Set<string>();

  /** Whoever writes in a repository does so alone, and finds nothing that a killed git has left. */
  const exclusively = <T>(path: string, work: () => Promise<T>): Promise<T> =>
    locked(folderOf(path), async () => {
      if (!swept.has(folderOf(path))) await sweepLeftovers(folderOf(path));
      swept.add(folderOf(path));
      return work();
    });

  const exists = async (path: string) => isThere(join(folderOf(path), "HEAD"));

  /** Built beside and moved into place, so that half a repository is never seen. */
  const build = async (path: string, defaultBranch: string, fill: (folder: string) => Promise<void>) => {
    const building = temporaryPath();
    try {
      await git.output(["init", "--quiet", "--bare", "--template=", `--initial-branch=${defaultBranch}`, building]);
      await fill(building);
      await mkdir(dirname(folderOf(path)), { recursive: true });
      await rename(building, folderOf(path));
    } finally {
      await rm(building, { recursive: true, force: true });
    }
  };

  /** HEAD of a repository that was empty follows the first push: `main`, `master`, or the first branch by name. */
  const followFirstPush = async (path: string, head: string | undefined, updates: readonly RefUpdate[]) => {
    const branches = updates
      .filter(({ ref, after }) => ref.startsWith("refs/heads/") && after !== undefined)
      .map(({ ref }) => ref);
    const first = ["refs/heads/main", "refs/heads/master"].find((ref) => branches.includes(ref)) ?? branches[0];
    if (first !== undefined && (head === undefined || !branches.includes(head))) {
      await git.output([...inRepository(path), "symbolic-ref", "HEAD", first]);
    }
  };

  const push = async (
    path: string,
    receive: () => Promise<HttpResponse>,
    onPush: (updates: readonly RefUpdate[]) => Promise<void>,
  ) => {
    const before = await refs(path);
    const response = await receive();
    const updates = updatesBetween(before.refs, (await refs(path)).refs);
    if (updates.length > 0) {
      const hadBranches = [...before.refs.keys()].some((ref) => ref.startsWith("refs/heads/"));
      if (!hadBranches) await followFirstPush(path, before.head, updates);
      await onPush(updates);
      // Tidying up may fail, on an old git that lacks the option: the repository is as good as before.
      if ((await packCount(folderOf(path))) > packsBeforeRepack) {
        await git.run([...inRepository(path), "repack", "-d", "--quiet", "--geometric=2"]);
      }
    }
    return response;
  };

  return {
    ...content,
    exists,
    close: () => git.close(),

    create: (path, defaultBranch) =>
      exclusively(path, async () => {
        if (!(await exists(path))) await build(path, defaultBranch, async () => {});
      }),

    mirror: (path, from) =>
      exclusively(path, async () => {
        if (await exists(path)) await fetchInto(git, folderOf(path), from);
        else await build(path, "main", (folder) => fetchInto(git, folder, from));
      }),

    remove: (path) =>
      exclusively(path, async () => {
        const removed = temporaryPath();
        try {
          await rename(folderOf(path), removed);
        } catch (error) {
          if (codeOf(error) === "ENOENT") return;
          throw error;
        }
        await rm(removed, { recursive: true, force: true });
      }),

    async writeCommit(path, newCommit) {
      const indexFile = temporaryPath();
      try {
        return await writeCommit(git, folderOf(path), indexFile, newCommit);
      } finally {
        await rm(indexFile, { force: true });
      }
    },

    updateRef: (path, ref, { from, to }) =>
      exclusively(path, async () => {
        const args = to === undefined ? ["-d", ref, from ?? ""] : [ref, to, from ?? "0".repeat(40)];
        const result = await git.run([...inRepository(path), "update-ref", ...args]);
        if (result.code === 0) return true;
        if ((await refs(path)).refs.get(ref) !== from) return false;
        throw new TrysailError(
          "git-failed",
          `git update-ref failed: ${lastLine(result.stderr) ?? "it was ended by a signal"}`,
        );
      }),

    setDefaultBranch: (path, branch) =>
      exclusively(path, async () => {
        await git.output([...inRepository(path), "symbolic-ref", "HEAD", `refs/heads/${branch}`]);
      }),

    async serve(path, subPath, request, onPush) {
      const asked = smartRequest(subPath, request);
      if (asked.kind === "refused") return asked.response;
      if (!(await exists(path))) return plainAnswer(404, "There is no such repository.");
      const folder = folderOf(path);
      if (asked.kind === "advertise") return advertise(git, folder, asked.service, request);
      if (asked.service === "git-upload-pack") return uploadPack(git, folder, request);
      return exclusively(path, () => push(path, () => receivePack(git, folder, request), onPush));
    },
  };
}

async function packCount(folder: string): Promise<number> {
  const files = await readdir(join(folder, "objects", "pack"));
  return files.filter((file) => file.endsWith(".pack")).length;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return false;
    throw error;
  }
}
