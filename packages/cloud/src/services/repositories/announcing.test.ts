import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualClock, silentLog } from "@trysail/core";
import type { AccountId, Region } from "@trysail/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Context, DeliveredEvent } from "../../kernel/context.ts";
import type { Host } from "../../kernel/host.ts";
import { randomIds } from "../../kernel/ids.ts";
import { createKernel } from "../../kernel/kernel.ts";
import type { Service } from "../../kernel/service.ts";
import { openLocalGitRepositories } from "../../runtime/local-git-repositories.ts";
import type { LocalGitRepositories } from "../../runtime/local-git-repositories.ts";
import { openStore } from "../../store/lmdb-store.ts";
import type { Store } from "../../store/table.ts";
import { announcing } from "./announcing.ts";
import { repositories } from "./index.ts";
import { announcePushes, tables } from "./store.ts";

let folder: string;
let git: LocalGitRepositories;
let store: Store;
let ctx: Context;
let events: DeliveredEvent[];
const path = "github/acme/site";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "trysail-announcing-"));
  git = await openLocalGitRepositories(join(folder, "git"));
  store = await openStore(join(folder, "state"));
  events = [];
  const service: Service = repositories;
  const kernel = createKernel({
    services: [service],
    store,
    clock: manualClock(),
    ids: randomIds(),
    log: silentLog,
    host: { git } as Host,
    outbox: {
      put: (event) => void events.push(event),
      rows: store.table("none", tables.repositories, { account: "", region: "" }) as never,
    },
  });
  const principal = { type: "service", arn: "", userId: "" } as const;
  const account = "000000000000" as AccountId;
  ctx = kernel.context(service, {
    account,
    region: "us-east-1" as Region,
    principal,
    requestId: "",
    signal: new AbortController().signal,
  });
  await git.create(path, "main");
  ctx.transaction(() =>
    ctx.table(tables.repositories).put("acme/site", { name: "acme/site", createdAt: 0, from: undefined }),
  );
});
afterEach(async () => {
  await git.close();
  await store.close();
  await rm(folder, { recursive: true, force: true });
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
const told = () => events.splice(0).map(({ detail }) => detail);

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
