import { expect, it } from "vitest";
import type { Version } from "../plan/model.ts";
import { readTags, tagsOf } from "./tags.ts";

const version: Version = {
  id: "4f2a1c9",
  artifact: "s3://builds/playback/4f2a1c9.zip",
  commit: "4f2a1c9d0e",
  committedAt: Date.UTC(2026, 10, 27, 8, 30),
  execution: "1b2c3d",
};

it("a group's tags tell its version again", () => {
  expect(readTags(tagsOf("playback", "canary", version))).toEqual({ role: "canary", version, isPromoted: false });
  const short = { id: "7", artifact: "image:7", commit: undefined, committedAt: undefined, execution: undefined };
  expect(readTags(tagsOf("playback", "server", short))).toEqual({ role: "server", version: short, isPromoted: false });
});

it("a group that no rollout made serves, and its version is not known", () => {
  expect(readTags({ "trysail:cluster": "playback" })).toEqual({
    role: "server",
    version: undefined,
    isPromoted: false,
  });
});

it("a version that does not fit into a tag is refused, and not cut", () => {
  const artifact = `s3://builds/${"a".repeat(244)}`;
  expect(tagsOf("playback", "server", { ...version, artifact })["trysail:artifact"]).toHaveLength(256);
  expect(() => tagsOf("playback", "server", { ...version, artifact: `${artifact}b` })).toThrow(
    "The tag trysail:artifact would have 257 characters, and AWS allows 256",
  );
});
