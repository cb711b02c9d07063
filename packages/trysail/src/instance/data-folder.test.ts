import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findDataFolder, isDataFolder, prepareDataFolder } from "./data-folder.ts";
import type { Surroundings } from "./data-folder.ts";

let folder: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "trysail-data-folder-")));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const find = (given: Partial<Surroundings>) =>
  findDataFolder({ environment: {}, currentFolder: folder, home: "/home/ann", platform: "linux", ...given });

describe("the data folder that a command means", () => {
  it("is the one that --data names, then the one in TRYSAIL_DATA", async () => {
    const environment = { TRYSAIL_DATA: "/from/environment" };
    expect(await find({ option: "here", environment })).toBe(join(folder, "here"));
    expect(await find({ environment })).toBe("/from/environment");
  });

  it("is else the nearest .trysail upwards that is a data folder", async () => {
    const inner = join(folder, "a", "b");
    await prepareDataFolder(join(folder, ".trysail"));
    await mkdir(join(inner, ".trysail"), { recursive: true });
    expect(await find({ currentFolder: inner })).toBe(join(folder, ".trysail"));
  });

  it("is else the user's own, where the system keeps such things", async () => {
    expect(await find({})).toBe("/home/ann/.local/share/trysail");
    expect(await find({ environment: { XDG_DATA_HOME: "/data" } })).toBe("/data/trysail");
    expect(await find({ platform: "darwin" })).toBe("/home/ann/Library/Application Support/trysail");
  });
});

describe("a data folder", () => {
  it("is made where there is nothing, and taken again", async () => {
    const data = join(folder, "new", "data");
    await prepareDataFolder(data);
    await prepareDataFolder(data);
    expect(await isDataFolder(data)).toBe(true);
  });

  it("is never made of a folder that holds something else", async () => {
    await writeFile(join(folder, "thesis.txt"), "");
    await expect(prepareDataFolder(folder)).rejects.toMatchObject({ code: "not-our-folder", exitCode: 5 });
    expect(await isDataFolder(folder)).toBe(false);
  });
});
