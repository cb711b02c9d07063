import { mkdtemp, readdir, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openBlobs } from "./file-blobs.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "trysail-blobs-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function* pieces(...bytes: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* bytes;
}
const files = async () =>
  (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
async function read(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe("blobs", () => {
  it("give back what was written, whole and in part", async () => {
    const blobs = await openBlobs(folder);
    const body = Buffer.alloc(3_000_000, "0123456789");
    const { id, sizeBytes } = await blobs.write(
      pieces(body.subarray(0, 7), body.subarray(7, 2_000_000), body.subarray(2_000_000)),
    );
    expect(sizeBytes).toBe(body.length);
    expect((await blobs.readAll(id)).equals(body)).toBe(true);
    expect((await read(blobs.read(id, { start: 5, end: 1_999_999 }))).equals(body.subarray(5, 2_000_000))).toBe(true);
    await blobs.delete(id);
    await blobs.delete(id);
    expect(await files()).toEqual([]);
  });

  it("take a body in thousands of small pieces, some of them empty, and one that is empty as a whole", async () => {
    const blobs = await openBlobs(folder);
    const small = Array.from({ length: 5000 }, (_, index) => Buffer.alloc(index % 3, String(index % 10)));
    const { id } = await blobs.write(pieces(...small));
    expect((await blobs.readAll(id)).equals(Buffer.concat(small))).toBe(true);
    const empty = await blobs.write(pieces());
    expect(empty.sizeBytes).toBe(0);
    expect(await blobs.readAll(empty.id)).toEqual(Buffer.alloc(0));
  });

  it("leave nothing of a body that breaks off", async () => {
    const blobs = await openBlobs(folder);
    const broken = async function* () {
      yield Buffer.from("begun");
      throw new Error("gone");
    };
    await expect(blobs.write(broken())).rejects.toThrow("gone");
    expect(await files()).toEqual([]);
  });

  it("are swept if no record names them, but not those that are being written", async () => {
    const before = await openBlobs(folder);
    const [kept, orphan] = [
      await before.write(pieces(Buffer.from("kept"))),
      await before.write(pieces(Buffer.from("orphan"))),
    ];
    for (const file of await files()) await utimes(join(file.parentPath, file.name), 1, 1);
    const blobs = await openBlobs(folder);
    const young = await blobs.write(pieces(Buffer.from("young")));
    expect(await blobs.sweep((id) => id === kept.id)).toBe(1);
    expect((await files()).map(({ name }) => name).toSorted()).toEqual([kept.id, young.id].toSorted());
    await expect(blobs.readAll(orphan.id)).rejects.toThrow("ENOENT");
  });

  it("refuse an id that leads elsewhere", async () => {
    const blobs = await openBlobs(folder);
    expect(() => blobs.read("../../etc/passwd")).toThrow("is no id of a blob");
  });
});
