import { appendFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLogSegments as openIn } from "./file-log-segments.ts";
import type { FileLogSegments } from "./file-log-segments.ts";
import type { LogSegments } from "./log-segments.ts";

let folder: string;
const opened: FileLogSegments[] = [];
const openLogSegments = async (path: string) => {
  const logs = await openIn(path);
  opened.push(logs);
  return logs;
};
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "trysail-logs-"));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((logs) => logs.close()));
  await rm(folder, { recursive: true, force: true });
});

const line = (message: string, timestamp = 0) => ({ message, timestamp, ingestionTime: timestamp });
async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of source) found.push(one);
  return found;
}
const messages = async (logs: LogSegments, stream: string, options = {}) =>
  (await all(logs.read(stream, options))).map(({ message }) => message);

describe("log segments", () => {
  it("give back any text in order, also from the middle and backwards, also after a restart", async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: "binary" }), { minLength: 1, maxLength: 20 }),
        fc.nat(19),
        async (texts, from) => {
          const stream = `group/${run++}`;
          const logs = await openLogSegments(folder);
          await Promise.all(texts.map((text) => logs.append(stream, [line(text)])));
          for (const reader of [logs, await openLogSegments(folder)]) {
            expect(await messages(reader, stream)).toEqual(texts.map((text) => Buffer.from(text).toString()));
            expect(await messages(reader, stream, { from })).toEqual(
              texts.slice(from).map((text) => Buffer.from(text).toString()),
            );
            expect(await messages(reader, stream, { from, reverse: true })).toEqual(
              texts
                .slice(0, from + 1)
                .toReversed()
                .map((text) => Buffer.from(text).toString()),
            );
            expect((await reader.stat(stream)).nextSequence).toBe(texts.length);
          }
        },
      ),
      { numRuns: 10 },
    );
  });

  it("cut off a line that a crash has torn, and go on behind it", async () => {
    const before = await openLogSegments(folder);
    await before.append("s", [line("one"), line("two")]);
    const [file] = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    await appendFile(join(file?.parentPath ?? "", file?.name ?? ""), '[0,0,"thr');
    const logs = await openLogSegments(folder);
    await logs.append("s", [line("three")]);
    expect(await all(logs.read("s"))).toMatchObject([
      { message: "one", sequence: 0 },
      { message: "two", sequence: 1 },
      { message: "three", sequence: 2 },
    ]);
  });

  it("find their place in many segments after a restart", async () => {
    const large = "x".repeat(3_000_000);
    const before = await openLogSegments(folder);
    for (const time of [1, 2, 3, 4, 5]) await before.append("s", [line(large, time), line("small", time)]);
    const logs = await openLogSegments(folder);
    expect(await logs.stat("s")).toEqual(await before.stat("s"));
    const smalls = (await all(logs.read("s", { from: 4, reverse: true }))).map(({ sequence, timestamp }) => [
      sequence,
      timestamp,
    ]);
    expect(smalls).toEqual([
      [4, 3],
      [3, 2],
      [2, 2],
      [1, 1],
      [0, 1],
    ]);
    await logs.dropBefore("s", 3);
    expect((await all(logs.read("s"))).map(({ sequence }) => sequence)).toEqual([4, 5, 6, 7, 8, 9]);
  });

  it("take as many short lines as a segment holds", async () => {
    const count = 200_000;
    const before = await openLogSegments(folder);
    await before.append(
      "s",
      Array.from({ length: count }, (_, index) => line("a short line", index)),
    );
    const logs = await openLogSegments(folder);
    await logs.append("s", [line("last", count)]);
    await logs.dropBefore("s", count);
    expect(await all(logs.read("s"))).toEqual([{ ...line("last", count), sequence: count }]);
  });

  it("write to more streams than they keep files open for", async () => {
    const logs = await openLogSegments(folder);
    const names = Array.from({ length: 150 }, (_, index) => `s${index}`);
    for (const message of ["one", "two"]) await Promise.all(names.map((name) => logs.append(name, [line(message)])));
    for (const name of names) expect(await messages(logs, name)).toEqual(["one", "two"]);
  });

  it("keep what is appended while a stream is deleted either before or after the deletion", async () => {
    const logs = await openLogSegments(folder);
    await Promise.all([
      logs.append("s", [line("before")]),
      logs.delete("s"),
      logs.append("s", [line("after")]),
      logs.append("s", [line("later")]),
    ]);
    expect(await messages(logs, "s")).toEqual(["after", "later"]);
    expect(await messages(await openLogSegments(folder), "s")).toEqual(["after", "later"]);
  });

  it("drop old segments, keep counting, and forget a deleted stream", async () => {
    const logs = await openLogSegments(folder);
    const large = "x".repeat(3_000_000);
    for (const time of [1, 2, 3, 4]) await logs.append("s", [line(large, time)]);
    await logs.dropBefore("s", 3);
    expect((await all(logs.read("s"))).map(({ timestamp }) => timestamp)).toEqual([3, 4]);
    expect((await logs.stat("s")).nextSequence).toBe(4);
    await logs.delete("s");
    expect(await messages(logs, "s")).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });
});
