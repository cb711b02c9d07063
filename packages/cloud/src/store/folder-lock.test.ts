import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockFolder } from "./folder-lock.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "trysail-lock-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** How many of many that try at once get it; those that do keep it. */
async function takers(): Promise<number> {
  const tries = await Promise.allSettled(Array.from({ length: 12 }, () => lockFolder(folder)));
  for (const one of tries) if (one.status === "rejected") expect(one.reason).toMatchObject({ code: "data-in-use" });
  return tries.filter(({ status }) => status === "fulfilled").length;
}

describe("a folder's lock", () => {
  it("is taken by one of many that try at once", async () => {
    for (let round = 0; round < 10; round++) {
      expect(await takers()).toBe(1);
      for (const name of await readdir(folder)) await rm(join(folder, name));
    }
  });

  it.each([
    [
      "whose pid another process has now",
      JSON.stringify({ pid: process.pid, startedAt: "an earlier boot/1", token: "t" }),
    ],
    ["whose process is gone", JSON.stringify({ pid: 2 ** 22 + 1, startedAt: "this boot/1", token: "t" })],
    ["whose content a power cut has torn", ""],
  ])("is taken over, by one, from a holder %s", async (_, content) => {
    await writeFile(join(folder, "lock.3"), content);
    expect(await takers()).toBe(1);
    expect(await readdir(folder)).toEqual(["lock.4"]);
  });

  it("is free again when it is given back", async () => {
    const unlock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toMatchObject({ code: "data-in-use", fault: "user" });
    await unlock();
    await (
      await lockFolder(folder)
    )();
    expect(await readdir(folder)).toEqual([]);
  });
});
