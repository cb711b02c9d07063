import { randomUUID } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TrysailError, codeOf } from "@trysail/core";
import type { HttpResponse } from "../wire/http.ts";
import type { Commit, GitRepositories, RefUpdate } from "./git-repositories.ts";
import { gitCommand, lastLine } from "./git/command.ts";
import type { Git } from "./git/command.ts";
import { gitConfiguration } from "./git/config.ts";
import { parseCommit, parseRawDiff, parseTree } from "./git/parse.ts";
import { updatesBetween } from "./git/reference-changes.ts";
import { isRevision, repositoryFolder } from "./git/repository-path.ts";
import { advertise, plainAnswer, receivePack, smartRequest, uploadPack } from "./git/smart-http.ts";
import { fetchSource, unreachable, withoutCredentials } from "./git/source.ts";
import { writeCommit } from "./git/write-commit.ts";

/** {@link GitRepositories} that are to be closed. */
export interface LocalGitRepositories extends GitRepositories {
  /** Ends all git processes. An interrupted push has moved no ref. */
  close(): Promise<void>;
}

/** The tree without files, which every git knows. */
const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

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
  const exclusively = lockByName();

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

  const refs = async (path: string) => {
    const [listing, head] = await Promise.all([
      git.output([...inRepository(path), "for-each-ref", "--format=%(objectname) %(refname)"]),
      readFile(join(folderOf(path), "HEAD"), "utf8"),
    ]);
    const lines = listing
      .toString("utf8")
      .split("\n")
      .filter((line) => line !== "");
    const named = /^ref: (?<ref>.+)$/m.exec(head)?.groups?.ref;
    return {
      ...(named === undefined ? {} : { head: named }),
      refs: new Map(
        lines.map((line): [string, string] => [line.slice(line.indexOf(" ") + 1), line.slice(0, line.indexOf(" "))]),
      ),
    };
  };

  /** The first object of the wanted type that one of the names leads to. */
  const object = async (path: string, names: readonly string[], type: "commit" | "blob") => {
    const input = names.map((name) => `${name}^{${type}}\n`).join("");
    const output = await git.output([...inRepository(path), "cat-file", "--batch"], { input });
    for (let offset = 0; offset < output.length;) {
      const end = output.indexOf("\n", offset);
      const [id = "", found, size] = output.toString("utf8", offset, end).split(" ");
      if (found === type) return { id, content: output.subarray(end + 1, end + 1 + Number(size)) };
      offset = end + 1;
    }
    return undefined;
  };

  const commit = async (path: string, revision: string): Promise<Commit | undefined> => {
    if (!isRevision(revision)) return undefined;
    const names = /^[0-9a-f]{40}$/.test(revision)
      ? [revision]
      : [`refs/heads/${revision}`, `refs/tags/${revision}`, revision];
    const found = await object(path, names, "commit");
    return found && parseCommit(found.id, found.content.toString("utf8"));
  };

  /** @throws TrysailError `revision-not-found` (fault: user) */
  const commitId = async (path: string, revision: string) => {
    const found = await commit(path, revision);
    if (found !== undefined) return found.id;
    throw new TrysailError("revision-not-found", `There is no commit "${revision}" in the repository ${path}.`, {
      fault: "user",
    });
  };

  const differences: GitRepositories["differences"] = async (path, before, after) => {
    const args = ["diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames"];
    const output = await git.output([...inRepository(path), ...args, before ?? emptyTree, after]);
    return parseRawDiff(output.toString("utf8"));
  };

  const fetch = async (folder: string, from: { readonly url: string; readonly token?: string }) => {
    const source = fetchSource(from);
    const { environment } = source;
    const fetching = ["fetch", "--quiet", "--prune", "--force", "--no-tags", "--no-write-fetch-head", source.location];
    const refspecs = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];
    const [fetched, head] = await Promise.all([
      git.run([...source.options, "--git-dir", folder, ...fetching, ...refspecs], { environment }),
      git.run([...source.options, "ls-remote", "--symref", source.location, "HEAD"], { environment }),
    ]);
    if (fetched.code !== 0) {
      throw unreachable(source.location, withoutCredentials(lastLine(fetched.stderr) ?? "git was ended by a signal"));
    }
    const named = /^ref: (?<ref>refs\/heads\/\S+)\tHEAD$/m.exec(head.stdout.toString("utf8"))?.groups?.ref;
    if (named !== undefined) await git.output(["--git-dir", folder, "symbolic-ref", "HEAD", named]);
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
    exists,
    refs,
    commit,
    differences,
    close: () => git.close(),

    create: (path, defaultBranch) =>
      exclusively(path, async () => {
        if (!(await exists(path))) await build(path, defaultBranch, async () => {});
      }),

    mirror: (path, from) =>
      exclusively(path, async () => {
        if (await exists(path)) await fetch(folderOf(path), from);
        else await build(path, "main", (folder) => fetch(folder, from));
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

    async folder(path, revision, folder, recursive = false) {
      const id = await commitId(path, revision);
      const args = ["ls-tree", "-z", "-l", ...(recursive ? ["-r"] : []), `${id}:${folder}`];
      const result = await git.run([...inRepository(path), ...args]);
      if (result.code !== 0) return undefined;
      const prefix = folder === "" ? "" : `${folder}/`;
      return parseTree(result.stdout.toString("utf8")).map((entry) => ({ ...entry, path: `${prefix}${entry.path}` }));
    },

    async blob(path, id) {
      if (!/^[0-9a-f]{40}$/.test(id)) return undefined;
      return (await object(path, [id], "blob"))?.content;
    },

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

    async setDefaultBranch(path, branch) {
      await git.output([...inRepository(path), "symbolic-ref", "HEAD", `refs/heads/${branch}`]);
    },

    async changedFiles(path, before, after) {
      const known = before === undefined ? undefined : await commit(path, before);
      return (await differences(path, known?.id, await commitId(path, after))).map((difference) => difference.path);
    },

    async checkout(path, revision, folder) {
      const id = await commitId(path, revision);
      await mkdir(folder, { recursive: true });
      const indexFile = temporaryPath();
      try {
        await git.output([...inRepository(path), "--work-tree", folder, "read-tree", "--reset", "-u", id], {
          environment: { GIT_INDEX_FILE: indexFile },
        });
      } finally {
        await rm(indexFile, { force: true });
      }
    },

    async clone(path, revision, folder, originUrl) {
      const id = await commitId(path, revision);
      const isBranch = (await refs(path)).refs.has(`refs/heads/${revision}`);
      await mkdir(folder, { recursive: true });
      // Not as a local clone, whose hard links would let a build change the objects of this repository.
      await git.output(["clone", "--quiet", "--no-local", "--no-checkout", "--template=", folderOf(path), folder], {
        environment: { GIT_ALLOW_PROTOCOL: "file" },
      });
      await git.output(["-C", folder, "remote", "set-url", "origin", originUrl]);
      const target = isBranch ? ["-B", revision, "--track", `origin/${revision}`] : ["--detach", id];
      await git.output(["-C", folder, "checkout", "--quiet", "--force", ...target]);
    },

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

/** Runs what is asked for under one name one after another. */
function lockByName(): <T>(name: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return async (name, work) => {
    const before = last.get(name) ?? Promise.resolve();
    const mine = before.then(work, work);
    last.set(name, mine);
    try {
      return await mine;
    } finally {
      if (last.get(name) === mine) last.delete(name);
    }
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
