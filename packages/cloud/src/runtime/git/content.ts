import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { TrysailError } from "@trysail/core";
import type { Commit, GitRepositories } from "../git-repositories.ts";
import type { Git } from "./command.ts";
import { parseCommit, parseRawDiff, parseTree } from "./parse.ts";
import { isRevision } from "./repository-path.ts";

/** The tree without files, which every git knows. */
const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/** The part of {@link GitRepositories} that reads what repositories hold. */
export type RepositoryContent = Pick<
  GitRepositories,
  "refs" | "commit" | "folder" | "blob" | "differences" | "changedFiles" | "checkout" | "clone"
>;

/**
 * @param folderOf - where the repository of a path lies
 * @param temporaryPath - a new path for a file that is removed again
 */
export function repositoryContent(
  git: Git,
  folderOf: (path: string) => string,
  temporaryPath: () => string,
): RepositoryContent {
  const inRepository = (path: string) => ["--git-dir", folderOf(path)];

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

  return {
    refs,
    commit,
    differences,

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
      // A branch may have been moved away from the commit since.
      const isReached = (await git.run(["-C", folder, "cat-file", "-e", `${id}^{commit}`])).code === 0;
      if (!isReached) {
        await git.output(["-C", folder, "fetch", "--quiet", "origin", id], {
          environment: { GIT_ALLOW_PROTOCOL: "file" },
        });
      }
      await git.output(["-C", folder, "remote", "set-url", "origin", originUrl]);
      const target = isBranch ? ["-B", revision, "--track", `origin/${revision}`] : ["--detach", id];
      await git.output(["-C", folder, "checkout", "--quiet", "--force", ...target]);
    },
  };
}
