import { describe, expect, it } from "vitest";
import { versionOf, type VersionSources } from "./version.ts";

const commit = "8f3a2c1d00000000000000000000000000000000";
const sources: VersionSources = {
  etagOf: async (_, key) => ({ "there.zip": '"d41d8cd98f00b204"', "hidden.zip": null })[key],
  commitOf: async (name) => (name === "HEAD" ? { id: commit, committedAt: 1_700_000_000_000 } : undefined),
};

const idOf = async (artifact: string, more: { versionId?: string; commit?: string } = {}) =>
  (await versionOf({ artifact, ...more }, sources)).id;

describe("a version", () => {
  it("is called as it is told, else after its commit, else after its object", async () => {
    expect(await idOf("s3://builds/there.zip", { versionId: "42", commit: "HEAD" })).toBe("42");
    expect(await idOf("s3://builds/there.zip", { commit: "HEAD" })).toBe("8f3a2c1");
    expect(await idOf("s3://builds/there.zip")).toBe("d41d8cd");
  });

  it("has the whole commit and its time, where git knows it", async () => {
    expect(await versionOf({ artifact: "s3://builds/there.zip", commit: "HEAD" }, sources)).toEqual({
      id: "8f3a2c1",
      artifact: "s3://builds/there.zip",
      commit,
      committedAt: 1_700_000_000_000,
    });
    // Another repository's: its id is enough.
    const elsewhere = { artifact: "s3://builds/there.zip", commit: "aaaaaaabbb" };
    expect(await versionOf(elsewhere, sources)).toMatchObject({
      id: "aaaaaaa",
      commit: "aaaaaaabbb",
      committedAt: undefined,
    });
    await expect(idOf("s3://builds/there.zip", { commit: "my-branch" })).rejects.toThrow(
      `git knows no commit "my-branch" here.`,
    );
  });

  it("must be there; where it may not be looked at, its name must be told", async () => {
    await expect(idOf("s3://builds/gone.zip", { versionId: "42" })).rejects.toMatchObject({
      code: "artifact-not-found",
    });
    await expect(idOf("s3://builds/hidden.zip")).rejects.toMatchObject({ code: "usage" });
    expect(await idOf("s3://builds/hidden.zip", { versionId: "42" })).toBe("42");
    await expect(idOf("s3://builds")).rejects.toThrow(`"s3://builds" names no object.`);
  });

  it.each([
    ["shop:v42", "v42"],
    ["000000000000.dkr.ecr.us-east-1.amazonaws.com/shop:1.2.3", "1.2.3"],
    ["shop@sha256:0a1b2c3d4e5f", "0a1b2c3"],
  ])("of the image %s is called %s", async (image, id) => {
    expect(await idOf(image)).toBe(id);
  });

  it.each(["shop", "shop:latest", "localhost:5000/shop", "./build.zip", "/tmp/build", "build.zip", ""])(
    "is not told by %j alone",
    async (artifact) => {
      await expect(idOf(artifact)).rejects.toMatchObject({ code: "usage" });
    },
  );
});
