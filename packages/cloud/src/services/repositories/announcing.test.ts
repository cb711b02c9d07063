import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Context } from "../../kernel/context.ts";
import { openLocalGitRepositories } from "../../runtime/local-git-repositories.ts";
import type { LocalGitRepositories } from "../../runtime/local-git-repositories.ts";
import { startTestKernel } from "../../testing/test-kernel.test-kit.ts";
import type { TestKernel } from "../../testing/test-kernel.test-kit.ts";
import { announcing } from "./announcing.ts";
import { repositories } from "./index.ts";
import { announcePushes, tables } from "./store.ts";

let kernel: TestKernel;
let git: LocalGitRepositories;
let ctx: Context;
const path = "github/acme/site";

beforeEach(async () => {
  kernel = await startTestKernel([repositories], async (folder) => ({
    git: (git = await openLocalGitRepositories(join(folder, "git"))),
  }));
  ctx = kernel.context(repositories);
  await git.create(path, "main");
  ctx.transaction(() =>
    ctx.table(tables.repositories).put("acme/site", { name: "acme/site", createdAt: 0, from: undefined }),
  );
});
afterEach(async () => {
  await git.close();
  await kernel.stop();
});

async function moveBranch(branch: string, from: string | undefined): Promise<string> {
  const person = { name: "Ann", email: "ann@example.com", date: "2026-01-31T12:00:00+00:00" };
  const { id } = await git.writeCommit(path, {
    parent: from,
    changes: [],
    author: person,
    committer: person,
    message: branch,
  });
  expect(await git.updateRef(path, `refs/heads/${branch}`, { from, to: id })).toBe(true);
  return id;
}
const told = () => kernel.events.splice(0).map(({ detail }) => detail);

test("a branch that was created, moved and deleted is told of each time, once", async () => {
  const one = await moveBranch("main", undefined);
  await announcePushes(ctx, "acme/site");
  await announcePushes(ctx, "acme/site");
  const common = {
    fullRepositoryName: "acme/site",
    referenceType: "branch",
    referenceName: "main",
    referenceFullName: "refs/heads/main",
  };
  expect(told()).toEqual([{ ...common, event: "referenceCreated", commitId: one }]);

  const two = await moveBranch("main", one);
  await announcePushes(ctx, "acme/site");
  expect(told()).toEqual([{ ...common, event: "referenceUpdated", commitId: two, oldCommitId: one }]);

  await git.updateRef(path, "refs/heads/main", { from: two, to: undefined });
  await announcePushes(ctx, "acme/site");
  expect(told()).toEqual([{ ...common, event: "referenceDeleted", commitId: two, oldCommitId: two }]);
});

test("refs that moved while nobody could tell of them are told of when the controller runs", async () => {
  const one = await moveBranch("main", undefined);
  await announcing.reconcile(ctx, "acme/site");
  await announcing.reconcile(ctx, "acme/site");
  expect(told()).toMatchObject([{ event: "referenceCreated", commitId: one }]);
});

test("announcing at the same time tells of a move once", async () => {
  await moveBranch("a", undefined);
  await moveBranch("b", undefined);
  await Promise.all([
    announcePushes(ctx, "acme/site"),
    announcing.reconcile(ctx, "acme/site"),
    announcePushes(ctx, "acme/site"),
  ]);
  expect(told().map(({ referenceName }) => referenceName)).toEqual(["a", "b"]);
});
