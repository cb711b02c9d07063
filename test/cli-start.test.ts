import { spawn } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { project } from "./support/command-line.ts";

/** The CDK CLI alone takes several seconds on a busy machine. */
const patienceMs = 120_000;

let folder: string;
let data: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "trysail-start-"));
  data = join(folder, "data");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What `npm start` runs once everything is built. */
function start(args: readonly string[], onOutput: (all: string, kill: () => void) => void = () => {}) {
  const child = spawn(
    process.execPath,
    [join(project, "packages", "trysail", "dist", "demo", "main.js"), "--port", "0", ...args],
    {
      env: { PATH: process.env["PATH"], HOME: folder, TRYSAIL_DATA: data },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
      onOutput(output, () => child.kill("SIGINT"));
    });
  }
  return new Promise<{ readonly code: number | null; readonly output: string }>((resolve) => {
    child.once("close", (code) => resolve({ code, output }));
  });
}

describe("npm start", () => {
  it(
    "deploys the example with the CDK CLI, pushes its service, shows it reach three regions, and leaves nothing",
    { timeout: patienceMs },
    async () => {
      const { code, output } = await start(["--exit"]);
      expect(output).toMatch(
        /✓ Deployed examples\/streaming to three regions with the CDK CLI[^]*✓ Build \/ Build {2}Succeeded[^]*✓ Each region serves the commit/,
      );
      expect(code).toBe(0);
      await expect(stat(data)).rejects.toMatchObject({ code: "ENOENT" });
    },
  );

  it("ends in order on Ctrl-C, also in the middle of a deployment", { timeout: patienceMs }, async () => {
    const { code, output } = await start([], (all, kill) => {
      if (all.includes("Added the repository")) kill();
    });
    expect(output).not.toContain("It serves in three regions");
    expect(code).toBe(0);
    await expect(stat(data)).rejects.toMatchObject({ code: "ENOENT" });
  });
});
