import { createWriteStream } from "node:fs";
import { lstat, mkdir, mkdtemp, readFile, readdir, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import yazl from "yazl";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pack, unpack } from "./archive.ts";
import { selectFiles } from "./select-files.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "trysail-files-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, mode = 0o644) {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), name, { mode });
}

const select = async (files: string[], more: Partial<Parameters<typeof selectFiles>[1]> = {}) => {
  const selection = {
    files,
    baseDirectory: undefined,
    excludePaths: [],
    discardPaths: false,
    enableSymlinks: false,
    ...more,
  };
  return (await selectFiles(folder, selection)).map(({ name }) => name).toSorted();
};

describe("the files of an artifact", () => {
  beforeEach(async () => {
    for (const name of [
      "a.txt",
      ".hidden",
      "my-build-1/1.txt",
      "my-build-2/2.txt",
      "my-build-2/sub/3.txt",
      "my-build-2/sub/.dot/4.map",
    ])
      await write(name);
  });

  it.each([
    [
      ["**/*"],
      {},
      [".hidden", "a.txt", "my-build-1/1.txt", "my-build-2/2.txt", "my-build-2/sub/.dot/4.map", "my-build-2/sub/3.txt"],
    ],
    [["a.txt", "./my-build-1/1.txt", "missing"], {}, ["a.txt", "my-build-1/1.txt"]],
    [["*"], {}, [".hidden", "a.txt"]],
    [["*/3.txt"], { baseDirectory: "my-build-2" }, ["sub/3.txt"]],
    [["**/*"], { baseDirectory: "my-build*", discardPaths: true }, ["1.txt", "2.txt", "3.txt", "4.map"]],
    [
      ["**/*"],
      { excludePaths: ["**/.*/**/*", "**/.*", "my-build-1/**/*"] },
      ["a.txt", "my-build-2/2.txt", "my-build-2/sub/3.txt"],
    ],
  ])("%j with %j", async (files, more, expected) => {
    expect(await select(files, more)).toEqual(expected);
  });

  it("must be there", async () => {
    await expect(select(["missing"])).rejects.toMatchObject({
      statusCode: "CLIENT_ERROR",
      message: "no matching artifact paths found",
    });
    await expect(select(["**/*"], { baseDirectory: "dist" })).rejects.toMatchObject({
      message: "no matching base directory path found for dist",
    });
    await expect(select(["**/*"], { baseDirectory: "dist*" })).rejects.toMatchObject({ statusCode: "CLIENT_ERROR" });
  });

  it("are found through links, but not for ever", async () => {
    await symlink("..", join(folder, "my-build-1", "loop"));
    await symlink("2.txt", join(folder, "my-build-2", "link.txt"));
    expect(await select(["**/*.txt"], { baseDirectory: "my-build-1" })).toContain("loop/my-build-2/link.txt");
  });
});

describe("an archive", () => {
  it("comes back with modes and links", async () => {
    await write("in/run.sh", 0o755);
    await symlink("run.sh", join(folder, "in", "link"));
    const selection = {
      files: ["**/*"],
      baseDirectory: "in",
      excludePaths: [],
      discardPaths: false,
      enableSymlinks: true,
    };
    await pack(await selectFiles(folder, selection), join(folder, "x.zip"));
    const out = join(folder, "out");
    await mkdir(out);
    await unpack(join(folder, "x.zip"), out);
    expect(await readFile(join(out, "run.sh"), "utf8")).toBe("in/run.sh");
    expect((await lstat(join(out, "run.sh"))).mode & 0o777).toBe(0o755);
    expect(await readlink(join(out, "link"))).toBe("run.sh");
  });

  const hostile = async (add: (zip: yazl.ZipFile) => void, edit: (bytes: Buffer) => Buffer = (bytes) => bytes) => {
    const zip = new yazl.ZipFile();
    add(zip);
    zip.end();
    const path = join(folder, "hostile.zip");
    await pipeline(zip.outputStream, createWriteStream(path));
    await writeFile(path, edit(await readFile(path)));
    await mkdir(join(folder, "out"), { recursive: true });
    return unpack(path, join(folder, "out"), { totalBytes: 1000, entries: 10 });
  };
  const replaceAll = (from: string, to: string) => (bytes: Buffer) =>
    Buffer.from(bytes.toString("latin1").replaceAll(from, to), "latin1");

  it("that leads out of its folder, by a name or a link, is refused and leaves nothing outside", async () => {
    await expect(
      hostile((zip) => zip.addBuffer(Buffer.from("x"), "aa/evil"), replaceAll("aa/evil", "../evil")),
    ).rejects.toMatchObject({ statusCode: "CLIENT_ERROR" });
    await expect(hostile((zip) => zip.addBuffer(Buffer.from("/etc"), "link", { mode: 0o120777 }))).rejects.toThrow(
      /link leads out of it/,
    );
    await expect(hostile((zip) => zip.addBuffer(Buffer.from("../.."), "link", { mode: 0o120777 }))).rejects.toThrow(
      /link leads out of it/,
    );
    await expect(
      hostile((zip) => {
        zip.addBuffer(Buffer.from("../out"), "link", { mode: 0o120777 });
        zip.addBuffer(Buffer.from("x"), "link/evil");
      }),
    ).rejects.toThrow();
    expect((await readdir(folder)).toSorted()).toEqual(["hostile.zip", "out"]);
  });

  it("that is a bomb, or no archive, is refused", async () => {
    await expect(hostile((zip) => zip.addBuffer(Buffer.alloc(1001), "big"))).rejects.toThrow(/more than 1000 bytes/);
    await expect(
      hostile((zip) => {
        for (let i = 0; i < 11; i += 1) zip.addBuffer(Buffer.from("x"), `f${i}`);
      }),
    ).rejects.toThrow(/11 entries/);
    await expect(
      hostile(
        (zip) => zip.addBuffer(Buffer.from("x"), "a"),
        () => Buffer.from("no zip"),
      ),
    ).rejects.toMatchObject({ statusCode: "CLIENT_ERROR" });
  });
});
