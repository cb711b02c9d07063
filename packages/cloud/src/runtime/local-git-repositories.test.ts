import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, readdir, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer, request as httpRequest } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RefUpdate } from "./git-repositories.ts";
import { openLocalGitRepositories } from "./local-git-repositories.ts";
import type { LocalGitRepositories } from "./local-git-repositories.ts";
import { openProcesses } from "./local-processes.ts";
import { treeVariable } from "./processes/trees.ts";

const run = promisify(execFile);

let folder: string;
let repositories: LocalGitRepositories;
let server: Server;
let url: string;
let pushes: (readonly RefUpdate[])[];
let onPush: (updates: readonly RefUpdate[]) => Promise<void>;

/** The real git, as a developer would call it. */
async function git(cwd: string, ...args: string[]): Promise<string> {
  const identity = {
    GIT_AUTHOR_NAME: "Ann",
    GIT_AUTHOR_EMAIL: "ann@x.io",
    GIT_COMMITTER_NAME: "Ann",
    GIT_COMMITTER_EMAIL: "ann@x.io",
  };
  const env = {
    PATH: process.env["PATH"],
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    LC_ALL: "C",
    ...identity,
  };
  const { stdout, stderr } = await run("git", args, { cwd, env });
  return `${stdout}${stderr}`.trim();
}

/** A working copy with one commit, which holds an executable, a link and a folder. */
async function workingCopy(branch = "main"): Promise<string> {
  const work = await mkdtemp(join(folder, "work-"));
  await git(work, "init", "-q", "-b", branch);
  await writeFile(join(work, "index.html"), "<h1>one</h1>\n");
  await mkdir(join(work, "bin"));
  await writeFile(join(work, "bin", "build"), "#!/bin/sh\n");
  await chmod(join(work, "bin", "build"), 0o755);
  await symlink("index.html", join(work, "home"));
  await git(work, "add", ".");
  await git(work, "commit", "-q", "-m", "one");
  await git(work, "remote", "add", "origin", `${url}/github/ann/site`);
  return work;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "trysail-git-"));
  repositories = await openLocalGitRepositories(join(folder, "data"));
  pushes = [];
  onPush = async (updates) => void pushes.push(updates);
  server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? "/", "http://x");
    const [, path = "", subPath = ""] = /^\/(\w+\/\w+\/\w+)\/(.*)$/.exec(pathname) ?? [];
    const head = {
      method: request.method ?? "GET",
      path: pathname,
      query: search.slice(1),
      headers: request.headers as Record<string, string>,
    };
    const reply = async () => {
      const answer = await repositories.serve(path, subPath, { ...head, body: request }, (updates) => onPush(updates));
      response.writeHead(answer.status, answer.headers);
      await pipeline(answer.body instanceof Readable ? answer.body : [answer.body], response);
    };
    reply().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await repositories.close();
  await rm(folder, { recursive: true, force: true });
});

const path = "github/ann/site";

describe("a push with the real git", () => {
  test("tells of each ref it moved before the client hears of it, and can be cloned", async () => {
    await repositories.create(path, "main");
    const work = await workingCopy();
    await git(work, "tag", "v1");
    await git(work, "push", "-q", "origin", "main", "v1");
    const one = await git(work, "rev-parse", "main");
    expect(pushes).toEqual([
      [
        { ref: "refs/heads/main", after: one },
        { ref: "refs/tags/v1", after: one },
      ],
    ]);

    await git(work, "commit", "-q", "--allow-empty", "-m", "two");
    await git(work, "push", "-q", "origin", "main", ":v1");
    const two = await git(work, "rev-parse", "main");
    expect(pushes[1]).toEqual([
      { ref: "refs/heads/main", before: one, after: two },
      { ref: "refs/tags/v1", before: one },
    ]);

    await git(folder, "clone", "-q", `${url}/${path}`, "clone");
    expect(await git(join(folder, "clone"), "log", "--format=%s")).toBe("two\none");
    await git(folder, "clone", "-q", "--depth=1", "-c", "protocol.version=0", `${url}/${path}`, "old-protocol");
    expect(await git(join(folder, "old-protocol"), "log", "--format=%s")).toBe("two");
  });

  test("fails for the client if the push cannot be told of", async () => {
    await repositories.create(path, "main");
    onPush = () => Promise.reject(new Error("the disk is full"));
    const work = await workingCopy();
    await expect(git(work, "push", "origin", "main")).rejects.toThrow(/push/);
  });

  test("to another branch than the default makes that branch the default, once", async () => {
    await repositories.create(path, "main");
    const work = await workingCopy("trunk");
    await git(work, "push", "-q", "origin", "trunk");
    expect((await repositories.refs(path)).head).toBe("refs/heads/trunk");
    await git(work, "push", "-q", "origin", "trunk:refs/heads/main");
    expect((await repositories.refs(path)).head).toBe("refs/heads/trunk");
  });

  test("of a large file in small pieces arrives whole, and reopened repositories still have it", async () => {
    await repositories.create(path, "main");
    const work = await workingCopy();
    await writeFile(
      join(work, "large"),
      Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7919) % 251)),
    );
    await git(work, "add", ".");
    await git(work, "commit", "-q", "-m", "large");
    await git(work, "-c", "http.postBuffer=65536", "push", "-q", "origin", "main");
    await repositories.close();
    repositories = await openLocalGitRepositories(join(folder, "data"));
    await git(folder, "clone", "-q", `${url}/${path}`, "clone");
    expect((await readFile(join(folder, "clone", "large"))).equals(await readFile(join(work, "large")))).toBe(true);
  });

  test("at the same time as another one to the same repository loses neither", async () => {
    await repositories.create(path, "main");
    const work = await workingCopy();
    const branches = ["a", "b", "c", "d"];
    for (const branch of branches) await git(work, "branch", branch);
    await Promise.all(branches.map((branch) => git(work, "push", "-q", "origin", branch)));
    expect([...(await repositories.refs(path)).refs.keys()]).toEqual(branches.map((branch) => `refs/heads/${branch}`));
    expect(pushes.map((updates) => updates.map(({ ref }) => ref).join()).toSorted()).toEqual(
      branches.map((branch) => `refs/heads/${branch}`),
    );
  });

  test("to a repository that does not exist shows why", async () => {
    const work = await workingCopy();
    await expect(git(work, "push", "origin", "main")).rejects.toThrow(/remote: There is no such repository/);
  });

  test("takes no hook that somebody has put into the repository", async () => {
    await repositories.create(path, "main");
    const hooks = join(folder, "data", "repositories", `${path}.git`, "hooks");
    await mkdir(hooks, { recursive: true });
    await writeFile(join(hooks, "pre-receive"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    await git(await workingCopy(), "push", "-q", "origin", "main");
    expect(pushes).toHaveLength(1);
  });
});

test("what a killed git has left stands in the way of nobody", async () => {
  await repositories.create(path, "main");
  const work = await workingCopy();
  await git(work, "push", "-q", "origin", "main");
  const repository = join(folder, "data", "repositories", `${path}.git`);
  for (const left of ["HEAD.lock", "packed-refs.lock", "refs/heads/main.lock"])
    await writeFile(join(repository, left), "");
  await mkdir(join(repository, "objects", "tmp_objdir-incoming-abc"));
  await repositories.close();
  repositories = await openLocalGitRepositories(join(folder, "data"));
  await git(work, "commit", "-q", "--allow-empty", "-m", "two");
  await git(work, "push", "-q", "origin", "main");
  expect(pushes).toHaveLength(2);
  expect(await readdir(join(repository, "objects"))).not.toContain("tmp_objdir-incoming-abc");
});

describe("the protocol", () => {
  const answerTo = async (
    subPath: string,
    query = "",
    headers: Record<string, string> = {},
    method = "GET",
    body: Buffer = Buffer.alloc(0),
  ) => {
    const request = { method, path: "/", query, headers, body: Readable.from([body], { objectMode: false }) };
    const { status, headers: given, body: stream } = await repositories.serve(path, subPath, request, onPush);
    const chunks: Buffer[] = [];
    for await (const chunk of stream instanceof Readable ? stream : [stream])
      chunks.push(Buffer.from(chunk as Uint8Array));
    return {
      status,
      type: given["content-type"],
      cache: given["cache-control"],
      text: Buffer.concat(chunks).toString("latin1"),
    };
  };

  test("answers with git's content types, uncached, in the version that the client asks for", async () => {
    await repositories.create(path, "main");
    const old = await answerTo("info/refs", "service=git-upload-pack");
    expect(old).toMatchObject({
      status: 200,
      type: "application/x-git-upload-pack-advertisement",
      cache: "no-cache, max-age=0, must-revalidate",
    });
    expect(old.text).toMatch(/^001e# service=git-upload-pack\n0000/);
    expect((await answerTo("info/refs", "service=git-upload-pack", { "git-protocol": "version=2" })).text).toMatch(
      /^000eversion 2\n/,
    );
    expect((await answerTo("info/refs", "service=git-receive-pack", { "git-protocol": "version=2" })).text).toMatch(
      /^001f# service=git-receive-pack\n/,
    );
  });

  test("reads a gzipped body", async () => {
    await repositories.create(path, "main");
    const lsRefs = gzipSync("0014command=ls-refs\n0000");
    const headers = {
      "content-type": "application/x-git-upload-pack-request",
      "git-protocol": "version=2",
      "content-encoding": "gzip",
    };
    expect(await answerTo("git-upload-pack", "", headers, "POST", lsRefs)).toMatchObject({
      status: 200,
      text: "0000",
      type: "application/x-git-upload-pack-result",
    });
  });

  test.each([
    ["info/refs", "", {}, "GET", 403],
    ["info/refs", "service=git-upload-archive", {}, "GET", 403],
    ["info/refs", "service=git-upload-pack", {}, "POST", 405],
    ["git-upload-pack", "", {}, "POST", 415],
    ["git-receive-pack", "", {}, "GET", 405],
    ["objects/info/packs", "", {}, "GET", 404],
    ["HEAD", "", {}, "GET", 404],
  ])("refuses %s?%s", async (subPath, query, headers, method, status) => {
    await repositories.create(path, "main");
    expect(await answerTo(subPath, query, headers, method)).toMatchObject({
      status,
      type: "text/plain; charset=utf-8",
    });
  });

  test("ends git when a client goes away in the middle of a push, and moves nothing", async () => {
    await repositories.create(path, "main");
    const request = httpRequest(`${url}/${path}/git-receive-pack`, {
      method: "POST",
      headers: { "content-type": "application/x-git-receive-pack-request" },
    });
    request.on("error", () => {});
    const arrived = new Promise<void>((resolve) => server.once("request", () => resolve()));
    request.write(`0076${"0".repeat(40)} ${"1".repeat(40)} refs/heads/main\0report-status`);
    await arrived;
    request.destroy();
    // The next push to the repository waits for the one before: that it gets through shows that git has ended.
    await git(await workingCopy(), "push", "-q", "origin", "main");
    expect(pushes).toHaveLength(1);
  });
});

describe("a repository's content", () => {
  test("is read as commits, folders, blobs and differences, and checked out with modes and links, without .git", async () => {
    await repositories.create(path, "main");
    const work = await workingCopy();
    await git(work, "push", "-q", "origin", "main");
    const one = await repositories.commit(path, "main");
    expect(one).toMatchObject({ message: "one\n", parents: [], author: { name: "Ann", email: "ann@x.io" } });
    expect(await repositories.commit(path, one?.id.slice(0, 10) ?? "")).toEqual(one);
    expect(await repositories.commit(path, "absent")).toBeUndefined();
    expect(await repositories.commit(path, "--help")).toBeUndefined();

    expect((await repositories.folder(path, "main", ""))?.map(({ path: name, mode }) => `${mode} ${name}`)).toEqual([
      "040000 bin",
      "120000 home",
      "100644 index.html",
    ]);
    const [build] = (await repositories.folder(path, "main", "bin")) ?? [];
    expect(build).toMatchObject({ path: "bin/build", mode: "100755", type: "blob", sizeBytes: 10 });
    expect((await repositories.blob(path, build?.id ?? ""))?.toString()).toBe("#!/bin/sh\n");
    expect(await repositories.folder(path, "main", "index.html")).toBeUndefined();
    expect(await repositories.changedFiles(path, undefined, "main")).toEqual(["bin/build", "home", "index.html"]);

    const out = join(folder, "out");
    await repositories.checkout(path, "main", out);
    expect((await readdir(out)).toSorted()).toEqual(["bin", "home", "index.html"]);
    expect((await stat(join(out, "bin", "build"))).mode & 0o111).not.toBe(0);
    expect(await readlink(join(out, "home"))).toBe("index.html");
    await expect(repositories.checkout(path, "absent", out)).rejects.toMatchObject({
      code: "revision-not-found",
      fault: "user",
    });
  });

  test("is cloned in full, on its branch, with the origin that was given", async () => {
    await repositories.create(path, "main");
    const work = await workingCopy();
    await git(work, "push", "-q", "origin", "main", "main:refs/heads/dev");
    const clone = join(folder, "clone");
    await repositories.clone(path, "dev", clone, "https://example.com/ann/site.git");
    expect(await git(clone, "remote", "get-url", "origin")).toBe("https://example.com/ann/site.git");
    expect(await git(clone, "status", "--short", "--branch")).toBe("## dev...origin/dev");

    const left = await git(work, "rev-parse", "main");
    await git(work, "commit", "-q", "--amend", "-m", "amended");
    await git(work, "push", "-q", "--force", "origin", "main", "main:dev");
    await repositories.clone(path, left, join(folder, "left"), "https://example.com/ann/site.git");
    expect(await git(join(folder, "left"), "log", "--format=%H %s")).toBe(`${left} one`);
  });

  test("is changed by commits and refs that move only from where they are said to be", async () => {
    await repositories.create(path, "main");
    const person = { name: "Bo", email: "bo@x.io", date: "2026-01-31T12:00:00+02:00" };
    const put = (name: string, text: string) => ({
      kind: "put" as const,
      path: name,
      mode: "100644",
      content: Buffer.from(text),
    });
    const first = await repositories.writeCommit(path, {
      parent: undefined,
      changes: [put("a.txt", "a"), put("dir/b.txt", "b")],
      author: person,
      committer: person,
      message: "first",
    });
    expect(await repositories.updateRef(path, "refs/heads/main", { from: undefined, to: first.id })).toBe(true);
    expect(await repositories.updateRef(path, "refs/heads/main", { from: undefined, to: first.id })).toBe(false);
    const second = await repositories.writeCommit(path, {
      parent: first.id,
      changes: [
        { kind: "delete", path: "a.txt" },
        { kind: "set", path: "dir/c.sh", mode: "100755", blobId: first.blobIds[1] ?? "" },
      ],
      author: person,
      committer: person,
      message: "second",
    });
    expect(await repositories.updateRef(path, "refs/heads/main", { from: first.id, to: second.id })).toBe(true);
    expect(await repositories.differences(path, first.id, second.id)).toEqual([
      { path: "a.txt", before: { mode: "100644", id: first.blobIds[0] } },
      { path: "dir/c.sh", after: { mode: "100755", id: first.blobIds[1] } },
    ]);
    expect((await repositories.commit(path, "main"))?.author).toEqual(person);
    expect(await repositories.updateRef(path, "refs/heads/main", { from: first.id, to: undefined })).toBe(false);
    expect(await repositories.updateRef(path, "refs/heads/main", { from: second.id, to: undefined })).toBe(true);
  });
});

describe("a mirror", () => {
  test("of a local folder has its branches, tags and HEAD, and follows it when it is made again", async () => {
    const work = await workingCopy("trunk");
    await git(work, "tag", "v1");
    await repositories.mirror(path, { url: work });
    const mirrored = await repositories.refs(path);
    expect(mirrored.head).toBe("refs/heads/trunk");
    expect([...mirrored.refs.keys()]).toEqual(["refs/heads/trunk", "refs/tags/v1"]);
    await git(work, "commit", "-q", "--allow-empty", "-m", "two");
    await repositories.mirror(path, { url: work });
    expect((await repositories.commit(path, "trunk"))?.message).toBe("two\n");
  });

  test("over HTTP follows what is served", async () => {
    await repositories.create(path, "main");
    await git(await workingCopy(), "push", "-q", "origin", "main");
    await repositories.mirror("github/ann/copy", { url: `${url}/${path}` });
    expect((await repositories.refs("github/ann/copy")).refs).toEqual((await repositories.refs(path)).refs);
  });

  test("of nothing fails in one line and leaves nothing", async () => {
    await expect(repositories.mirror(path, { url: join(folder, "absent") })).rejects.toMatchObject({
      code: "repository-unreachable",
      fault: "user",
    });
    await expect(repositories.mirror(path, { url: `${url}/github/no/repo`, token: "s3cret" })).rejects.toMatchObject({
      message: expect.not.stringContaining("s3cret"),
    });
    expect(await repositories.exists(path)).toBe(false);
  });

  test("is gone when it is removed, and removing it again does nothing", async () => {
    await repositories.create(path, "main");
    await repositories.remove(path);
    await repositories.remove(path);
    expect(await repositories.exists(path)).toBe(false);
  });
});

test("a fetch that a killed Trysail has left is ended at the next start", async () => {
  const silent = createServer(() => {});
  const asked = new Promise<void>((resolve) => silent.once("request", () => resolve()));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const marked = await openLocalGitRepositories(join(folder, "marked"), {
    ...process.env,
    [await treeVariable(folder)]: "git",
  });
  const fetching = marked.mirror(path, { url: `http://127.0.0.1:${(silent.address() as AddressInfo).port}/x` });
  const failure = expect(fetching).rejects.toMatchObject({ code: "repository-unreachable" });
  await asked;
  const processes = await openProcesses({ dataFolder: folder });
  expect(await processes.reapLeftovers()).toEqual(["git"]);
  await failure;
  silent.closeAllConnections();
  await new Promise((resolve) => silent.close(resolve));
});

test("without git every call says what to install", async () => {
  await mkdir(join(folder, "no-git"));
  const bare = await openLocalGitRepositories(join(folder, "other"), { PATH: join(folder, "no-git") });
  await expect(bare.create(path, "main")).rejects.toMatchObject({
    code: "git-missing",
    fault: "user",
    next: expect.stringContaining("apt install git"),
  });
});
