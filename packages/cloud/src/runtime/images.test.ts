import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { parseImage, placeImage } from "./images.ts";
import type { HostImages } from "./images.ts";

const withoutEngine = (
  image: string,
  program: { readonly entryPoint?: readonly string[]; readonly command?: readonly string[] } = {},
  hostImages: HostImages = {},
) => placeImage({ image, ...program }, { hasEngine: false, hostImages });

describe("an image's name", () => {
  it.each([
    ["node", undefined, "node", undefined],
    ["node:20-alpine", undefined, "node", "20-alpine"],
    ["library/node:20", undefined, "node", "20"],
    ["docker.io/library/node", undefined, "node", undefined],
    ["public.ecr.aws/docker/library/node:20", "public.ecr.aws", "docker/library/node", "20"],
    ["localhost:5000/shop:1", "localhost:5000", "shop", "1"],
    ["acme/shop", undefined, "acme/shop", undefined],
  ])("%s is read in its parts", (image, registry, repository, tag) => {
    expect(parseImage(image)).toEqual({ registry, repository, tag, digest: undefined });
  });

  it("may end in a digest", () => {
    expect(parseImage("000000000000.dkr.ecr.us-east-1.amazonaws.com/shop@sha256:ab")).toEqual({
      registry: "000000000000.dkr.ecr.us-east-1.amazonaws.com",
      repository: "shop",
      tag: undefined,
      digest: "sha256:ab",
    });
  });
});

describe("where an image's program runs", () => {
  it("is a container wherever an engine answers", () => {
    expect(placeImage({ image: "node:20" }, { hasEngine: true, hostImages: {} })).toEqual({ kind: "container" });
  });

  it.each([
    ["node:20", ["node"]],
    ["public.ecr.aws/docker/library/python:3.12-slim", ["python3"]],
    ["docker.io/library/busybox", ["sh"]],
    ["alpine:3", ["/bin/sh"]],
    ["000000000000.dkr.ecr.eu-west-1.amazonaws.com/docker-hub/library/node:20", ["node"]],
  ])("is this machine for %s without an engine, with the image's own command", (image, [command, ...args]) => {
    expect(withoutEngine(image)).toEqual({ kind: "host", command, args, folder: undefined });
  });

  it("is this machine with the command that was given", () => {
    expect(withoutEngine("node:20", { command: ["node", "server.js"] })).toMatchObject({
      command: "node",
      args: ["server.js"],
    });
    expect(withoutEngine("node:20", { entryPoint: ["sh", "-c"], command: ["exit 3"] })).toMatchObject({
      command: "sh",
      args: ["-c", "exit 3"],
    });
  });

  it("takes an entry point without the image's own command, as Docker does", () => {
    expect(withoutEngine("node:20", { entryPoint: ["true"] })).toMatchObject({ command: "true", args: [] });
  });

  it.each([
    ["node:20", ["--version"], process.version],
    ["node:20", ["-p", "1 + 1"], "2"],
    ["node:20", ["echo", "a b"], "a b"],
    ["busybox", ["echo", "a b"], "a b"],
  ])("runs in %s the arguments %j as the image's entry point does", (image, given, output) => {
    const placement = withoutEngine(image, { command: given });
    if (placement.kind !== "host") throw new Error("it has an engine");
    expect(execFileSync(placement.command, placement.args, { encoding: "utf8" }).trim()).toBe(output);
  });

  it("is this machine for what the configuration names, in whichever registry, in the folder that it gives", () => {
    const hostImages = { shop: "/code/shop", "ghcr.io/acme/base": undefined };
    const command = ["./run"];
    expect(withoutEngine("000000000000.dkr.ecr.us-east-1.amazonaws.com/shop:7", { command }, hostImages)).toEqual({
      kind: "host",
      command: "./run",
      args: [],
      folder: "/code/shop",
    });
    expect(withoutEngine("ghcr.io/acme/base:1", { command }, hostImages)).toMatchObject({ folder: undefined });
    expect(() => withoutEngine("quay.io/acme/base:1", { command }, hostImages)).toThrow(/CannotPullContainerError/);
    expect(() => withoutEngine("shop", {}, hostImages)).toThrow(/Give the container definition a command/);
  });

  it.each(["nginx:1.27", "ghcr.io/someone/node", "acme/node", "toString"])(
    "is nowhere for %s without an engine, in ECS's words and with what to do",
    (image) => {
      expect(() => withoutEngine(image)).toThrow(
        /^CannotPullContainerError: .*Start Docker or Podman.*--image .*=FOLDER/,
      );
    },
  );
});
