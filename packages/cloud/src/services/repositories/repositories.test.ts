import { afterAll, beforeAll, expect, test } from "vitest";
import { gitClient } from "../../testing/git-client.test-kit.ts";
import type { GitClient } from "../../testing/git-client.test-kit.ts";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";

let cloud: TestCloud;
let work: GitClient;
let commit: string;
beforeAll(async () => {
  cloud = await startTestCloud();
  work = await gitClient();
  await work.write("index.html", "<h1>hello</h1>\n");
  commit = await work.commit("first");
});
afterAll(async () => {
  await work.remove();
  await cloud.stop();
});

async function manage(method: string, name = "", body?: object) {
  const url = `${cloud.endpoint}/_trysail/repositories${name}`;
  const response = await fetch(url, { method, ...(body && { body: JSON.stringify(body) }) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test("a repository that was added is pushed to and cloned with git, with and without .git, in any case, also after a restart", async () => {
  const { status, body } = await manage("POST", "", { name: "acme/site" });
  expect({ status, body }).toMatchObject({
    status: 201,
    body: { name: "acme/site", url: `${cloud.endpoint}/git/acme/site.git` },
  });
  expect((await manage("POST", "", { name: "acme/site" })).body).toEqual(body);
  await work.git("push", "--quiet", String(body["url"]), "main");
  await cloud.restart();
  await work.git("clone", "--quiet", `${cloud.endpoint}/git/Acme/Site`, "clone");
  expect(await work.git("-C", "clone", "rev-parse", "HEAD")).toBe(commit);
  expect((await manage("GET")).body).toMatchObject({ repositories: [{ name: "acme/site", defaultBranch: "main" }] });
});

test("a repository is seeded from a folder, and not over one that is there", async () => {
  const from = work.folder;
  expect(await manage("POST", "", { name: "acme/seeded", from })).toMatchObject({
    status: 201,
    body: { defaultBranch: "main", from },
  });
  expect(await work.git("ls-remote", `${cloud.endpoint}/git/acme/seeded.git`, "refs/heads/main")).toContain(commit);
  expect(await manage("POST", "", { name: "acme/seeded", from })).toMatchObject({
    status: 400,
    body: { error: { code: "repository-exists" } },
  });
});

test("git shows how to add a repository that is not there, and one that was removed is not", async () => {
  const url = () => `${cloud.endpoint}/git/acme/absent.git`;
  await expect(work.git("push", url(), "main")).rejects.toThrow(
    "remote: Trysail has no repository acme/absent. To add it, run: trysail repo add acme/absent",
  );
  await manage("POST", "", { name: "acme/absent" });
  await work.git("push", "--quiet", url(), "main");
  expect(await manage("DELETE", "/acme/absent")).toMatchObject({ status: 200 });
  await expect(work.git("ls-remote", url())).rejects.toThrow("trysail repo add acme/absent");
  expect(await manage("DELETE", "/acme/absent")).toMatchObject({
    status: 404,
    body: { error: { code: "repository-not-found" } },
  });
  // Added again it is empty, not what it was.
  await manage("POST", "", { name: "acme/absent" });
  expect(await work.git("ls-remote", url())).toBe("");
});

test.each([
  [{ name: "site" }, "invalid-repository-name"],
  [{ name: "acme/.." }, "invalid-repository-name"],
  [{ name: "acme/site.git" }, "invalid-repository-name"],
  [{}, "invalid-request"],
  [{ name: "acme/x", from: 1 }, "invalid-request"],
  [{ name: "acme/x", from: "/nowhere/at/all" }, "repository-unreachable"],
  [{ name: "acme/x", from: "git@github.com:acme/x.git" }, "repository-unreachable"],
])("adding %j is refused: %s", async (body, code) => {
  expect(await manage("POST", "", body)).toMatchObject({
    status: 400,
    body: { error: { code, message: expect.any(String) as string } },
  });
  expect((await fetch(`${cloud.endpoint}/git/acme/x.git/info/refs?service=git-upload-pack`)).status).toBe(404);
});

test("where a key is demanded, git and the management of repositories need it too", async () => {
  const strict = await startTestCloud({ credentials: { accessKeyId: "ada", secretAccessKey: "s3cret" } });
  try {
    const url = `${strict.endpoint}/_trysail/repositories`;
    const body = JSON.stringify({ name: "acme/site" });
    const basic = (key: string) => ({ authorization: `Basic ${Buffer.from(key).toString("base64")}` });
    for (const headers of [{}, basic("ada:wrong")] as Record<string, string>[]) {
      const { status } = await fetch(url, { method: "POST", body, headers });
      expect(status).toBe(401);
    }
    expect((await fetch(url, { method: "POST", body, headers: basic("ada:s3cret") })).status).toBe(201);
    const address = `${strict.endpoint}/git/acme/site.git`;
    await expect(work.git("push", "--quiet", address, "main")).rejects.toThrow(
      /could not read Username|Authentication/,
    );
    await work.git("push", "--quiet", address.replace("//", "//ada:s3cret@"), "main");
  } finally {
    await strict.stop();
  }
});
