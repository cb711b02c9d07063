import { fork, spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openBlobs } from "./file-blobs.ts";
import { openLogSegments } from "./file-log-segments.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "trysail-files-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const writer = join(import.meta.dirname, "files-writer.test-kit.mjs");

/** The numbers that a stream's lines are, as another process finds them. */
async function numbersIn(stream: string): Promise<number[]> {
  const logs = await openLogSegments(join(folder, "logs"));
  const numbers: number[] = [];
  for await (const { message } of logs.read(stream)) numbers.push(Number(message));
  await logs.close();
  return numbers;
}

it("bodies and lines that were acknowledged are there, whole, when their process was killed", async () => {
  for (let round = 0; round < 10; round++) {
    const child = fork(writer, [folder, String(round)], {
      execArgv: [],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const bodies = new Map<string, number>();
    const lines = new Map<string, number>();
    const killAfter = 5 + ((round * 37) % 60);
    await new Promise<void>((resolve) => {
      child.on("message", (told: { id: string; sizeBytes: number } | { stream: string; n: number }) => {
        if ("id" in told) bodies.set(told.id, told.sizeBytes);
        else lines.set(told.stream, told.n);
        if (bodies.size > 2 && lines.size === 2 && Math.max(...lines.values()) >= killAfter) child.kill("SIGKILL");
      });
      child.on("exit", () => resolve());
    });
    const blobs = await openBlobs(join(folder, "blobs"));
    for (const [id, sizeBytes] of bodies)
      expect((await blobs.readAll(id)).equals(Buffer.alloc(sizeBytes, 1))).toBe(true);
    expect(lines.size).toBe(2);
    for (const [stream, acknowledged] of lines) {
      const found = await numbersIn(stream);
      expect(found).toEqual(Array.from(found.keys()));
      expect(found.length).toBeGreaterThan(acknowledged);
    }
  }
});

it("a disk that is full takes a body or a line whole or not at all, and what fits afterwards goes on", async () => {
  // A limit on the size of files stands for the size of the disk. Shells count it in 512 or 1024 bytes.
  const sizesBytes = [20_000, 400_000, 10_000].map(String);
  const child = spawn(
    "sh",
    ["-c", 'ulimit -f 100; exec "$0" "$@"', process.execPath, writer, folder, "s", ...sizesBytes],
    {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    },
  );
  const told: unknown[] = [];
  child.on("message", (message) => told.push(message));
  expect(await new Promise((resolve) => child.on("exit", resolve))).toBe(0);
  const [taken, refused] = [
    { line: "taken", body: "taken" },
    { line: "EFBIG", body: "EFBIG" },
  ];
  expect(told).toEqual([taken, refused, taken]);
  expect(await numbersIn("s")).toEqual([0, 2]);
  const bodies = await readdir(join(folder, "blobs"), { recursive: true, withFileTypes: true });
  expect(bodies.filter((entry) => entry.isFile()).length).toBe(2);
});
