import { describe, expect, it } from "vitest";
import { commitQueue } from "./commit-queue.ts";
import type { Writes } from "./commit-queue.ts";

/** A disk that answers when it is told to. */
function slowDisk() {
  const asked: { readonly writes: Writes; readonly resolve: () => void; readonly reject: (error: Error) => void }[] =
    [];
  const write = (writes: Writes) => new Promise<void>((resolve, reject) => asked.push({ writes, resolve, reject }));
  return { asked, write };
}
const row = (key: string): Writes => new Map([[key, Buffer.from(key)]]);

describe("commit queue", () => {
  it("gathers what is added while a batch is on its way, and shows it until it is on disk", async () => {
    const { asked, write } = slowDisk();
    const queue = commitQueue(write);
    for (const key of ["a", "b", "c"]) queue.add(row(key));
    expect(asked.map(({ writes }) => [...writes.keys()])).toEqual([["a"]]);
    const all = queue.durable();
    asked[0]?.resolve();
    await expect.poll(() => asked.length).toBe(2);
    expect([...(asked[1]?.writes.keys() ?? [])]).toEqual(["b", "c"]);
    expect([...queue.pending.keys()]).toEqual(["b", "c"]);
    asked[1]?.resolve();
    await all;
    expect(queue.pending.size).toBe(0);
  });

  it("keeps showing the newest value of a row that an older batch has written", async () => {
    const { asked, write } = slowDisk();
    const queue = commitQueue(write);
    queue.add(row("a"));
    queue.add(new Map([["a", undefined]]));
    asked[0]?.resolve();
    await expect.poll(() => asked.length).toBe(2);
    expect([...queue.pending]).toEqual([["a", undefined]]);
  });

  it.each([
    [1, [["b"], ["c"]]],
    [2, [["b", "c"]]],
  ])("gives a batch time to gather where several wait (%i waiting)", async (waiting, batches) => {
    const { asked, write } = slowDisk();
    const queue = commitQueue(async (writes) => {
      const written = write(writes);
      if (writes.has("b") || writes.has("c")) asked.at(-1)?.resolve();
      await written;
    });
    queue.add(row("a"));
    const all = Array.from({ length: waiting }, () => queue.durable());
    asked[0]?.resolve();
    await Promise.all(all);
    for (const key of ["b", "c"]) queue.add(row(key));
    await queue.durable();
    expect(asked.slice(1).map(({ writes }) => [...writes.keys()])).toEqual(batches);
  });

  it("writes nothing after a batch that the disk refused, and tells everybody of it from then on", async () => {
    const { asked, write } = slowDisk();
    const queue = commitQueue(write);
    queue.add(row("a"));
    const first = queue.durable();
    queue.add(row("b"));
    const both = queue.durable();
    asked[0]?.reject(new Error("full"));
    for (const promise of [first, both]) await expect(promise).rejects.toThrow("full");
    await expect(queue.durable()).rejects.toThrow("full");
    expect(() => queue.check()).toThrow("full");
    expect(asked.length).toBe(1);
  });
});
