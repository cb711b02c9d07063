import type { NewCommit, Person } from "../git-repositories.ts";
import type { Git } from "./command.ts";
import { gitDate } from "./parse.ts";

/**
 * Stores a commit: its blobs, the tree that the changes make of the parent's, and the commit object.
 *
 * @param indexFile - a path that does not exist yet; the caller removes it
 */
export async function writeCommit(
  git: Git,
  folder: string,
  indexFile: string,
  commit: NewCommit,
): Promise<{ readonly id: string; readonly tree: string; readonly blobIds: readonly string[] }> {
  const environment = { GIT_INDEX_FILE: indexFile };
  const call = async (args: readonly string[], input: Uint8Array | string = "", more: Record<string, string> = {}) =>
    (await git.output(["--git-dir", folder, ...args], { input, environment: { ...environment, ...more } }))
      .toString("utf8")
      .trim();

  const blobIds: string[] = [];
  const lines: string[] = [];
  for (const change of commit.changes) {
    switch (change.kind) {
      case "put": {
        const id = await call(["hash-object", "-w", "--stdin"], change.content);
        blobIds.push(id);
        lines.push(`${change.mode} ${id}\t${change.path}\0`);
        break;
      }
      case "set":
        lines.push(`${change.mode} ${change.blobId}\t${change.path}\0`);
        break;
      case "delete":
        lines.push(`0 ${"0".repeat(40)}\t${change.path}\0`);
        break;
      default:
        change satisfies never;
    }
  }
  if (commit.parent !== undefined) await call(["read-tree", commit.parent]);
  await call(["update-index", "-z", "--index-info"], lines.join(""));
  const tree = await call(["write-tree"]);
  const parents = commit.parent === undefined ? [] : ["-p", commit.parent];
  const id = await call(["commit-tree", tree, ...parents], commit.message, {
    ...personVariables("AUTHOR", commit.author),
    ...personVariables("COMMITTER", commit.committer),
  });
  return { id, tree, blobIds };
}

function personVariables(role: "AUTHOR" | "COMMITTER", person: Person): Record<string, string> {
  return {
    [`GIT_${role}_NAME`]: person.name,
    [`GIT_${role}_EMAIL`]: person.email,
    [`GIT_${role}_DATE`]: `@${gitDate(person.date)}`,
  };
}
