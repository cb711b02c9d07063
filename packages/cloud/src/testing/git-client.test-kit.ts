import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The real git, as a developer calls it, in a folder of the test's own. */
export interface GitClient {
  readonly folder: string;
  /** Runs git in the folder. @returns what it wrote, both streams @throws with what it wrote */
  git(...args: readonly string[]): Promise<string>;
  write(path: string, content: string): Promise<void>;
  /** Commits everything. @returns the commit's id */
  commit(message: string): Promise<string>;
  remove(): Promise<void>;
}

/** An empty repository whose branch is `main`, with none of the user's configuration. */
export async function gitClient(): Promise<GitClient> {
  const folder = await mkdtemp(join(tmpdir(), "trysail-git-client-"));
  const identity = {
    GIT_AUTHOR_NAME: "Ann",
    GIT_AUTHOR_EMAIL: "ann@example.com",
    GIT_COMMITTER_NAME: "Ann",
    GIT_COMMITTER_EMAIL: "ann@example.com",
  };
  const env = {
    PATH: process.env["PATH"],
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    LC_ALL: "C",
    ...identity,
  };
  const git: GitClient["git"] = async (...args) => {
    const { stdout, stderr } = await run("git", args, { cwd: folder, env });
    return `${stdout}${stderr}`.trim();
  };
  await git("init", "--quiet", "--initial-branch=main");
  return {
    folder,
    git,
    async write(path, content) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    },
    async commit(message) {
      await git("add", "--all");
      await git("commit", "--quiet", "--allow-empty", "--message", message);
      return git("rev-parse", "HEAD");
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
