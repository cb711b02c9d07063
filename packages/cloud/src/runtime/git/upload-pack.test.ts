import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { finished } from "node:stream/promises";
import { expect, it } from "vitest";
import { openLocalGitRepositories } from "../local-git-repositories.ts";

it("an answer to a fetch is whole, also where it is first read when git has ended", async () => {
  const folder = await mkdtemp(join(tmpdir(), "trysail-upload-pack-"));
  const repositories = await openLocalGitRepositories(folder);
  try {
    await repositories.create("github/ann/app", "main");
    const person = { name: "Ann", email: "ann@example.com", date: "2026-01-01T00:00:00Z" };
    const { id } = await repositories.writeCommit("github/ann/app", {
      parent: undefined,
      changes: [{ kind: "put", path: "a", mode: "100644", content: Buffer.from("a") }],
      author: person,
      committer: person,
      message: "one",
    });
    await repositories.updateRef("github/ann/app", "refs/heads/main", { from: undefined, to: id });
    const request = {
      method: "POST",
      path: "/",
      query: "",
      headers: { "content-type": "application/x-git-upload-pack-request", "git-protocol": "version=2" },
      body: Readable.from([Buffer.from("0014command=ls-refs\n0000")], { objectMode: false }),
    };
    const { body } = await repositories.serve("github/ann/app", "git-upload-pack", request, async () => {});
    await finished(body as Duplex, { readable: false });
    expect(await text(body as Readable)).toBe(`0032${id} HEAD\n003d${id} refs/heads/main\n0000`);
  } finally {
    await repositories.close();
    await rm(folder, { recursive: true, force: true });
  }
});
