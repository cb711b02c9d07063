import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { baseEnvironment, makeWorkspace } from "./workspace.ts";

it("a build sees the host's toolchain and proxies, and nothing else of its user", async () => {
  const folder = await mkdtemp(join(tmpdir(), "trysail-workspace-"));
  try {
    const workspace = await makeWorkspace(join(folder, "build"));
    const host = {
      PATH: "/opt/bin",
      HOME: "/home/me",
      HTTPS_PROXY: "http://proxy",
      NO_PROXY: "internal",
      AWS_PROFILE: "production",
      AWS_SECRET_ACCESS_KEY: "mine",
      GIT_CONFIG_GLOBAL: "/home/me/.gitconfig",
      npm_config_userconfig: "/home/me/.npmrc",
      GITHUB_TOKEN: "mine",
    };
    const environment = baseEnvironment(workspace, join(folder, "caches"), host, "http://127.0.0.1:4566");
    expect(environment).toMatchObject({
      HTTPS_PROXY: "http://proxy",
      NO_PROXY: "internal,127.0.0.1,localhost",
      HOME: workspace.home,
    });
    expect(environment["PATH"]).toMatch(/npm\/bin:.*:\/opt\/bin$/);
    const managed = { ...host, PATH: "/home/me/.volta/bin:/home/me/.cargo/bin:/usr/bin" };
    expect(baseEnvironment(workspace, join(folder, "caches"), managed, "http://127.0.0.1:4566")).toMatchObject({
      VOLTA_HOME: "/home/me/.volta",
      RUSTUP_HOME: "/home/me/.rustup",
    });
    expect(JSON.stringify(environment)).not.toMatch(/\/home\/me|production|mine/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
