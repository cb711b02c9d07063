import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openProcesses } from "../../../runtime/local-processes.ts";
import type { Processes } from "../../../runtime/processes.ts";
import { openShell } from "./shell.ts";
import type { Shell } from "./shell.ts";

let folder: string;
let processes: Processes;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "trysail-shell-"));
  processes = await openProcesses({ dataFolder: folder });
});
afterEach(async () => {
  await processes.killTree("build");
  await rm(folder, { recursive: true, force: true });
});

const shells = (["sh", "bash"] as const).filter((name) => existsSync(`/bin/${name}`) || existsSync(`/usr/bin/${name}`));

describe.each(shells)("a build's shell, with %s", (command) => {
  let output: string;
  let shell: Shell;
  beforeEach(async () => {
    output = "";
    shell = await openShell({
      processes,
      treeId: "build",
      command,
      nonce: "5ec2e7",
      folder,
      cwd: folder,
      environment: { PATH: process.env["PATH"] ?? "", CODEBUILD_BUILD_SUCCEEDING: "1" },
      signal: new AbortController().signal,
      onText: (chunk) => void (output += chunk.toString()),
    });
  });
  const run = async (text: string) => {
    output = "";
    const exit = await shell.run(text, true);
    return { ...exit, output };
  };

  it("keeps folder, variables and functions from command to command", async () => {
    await run("cd /; LOCAL=1; export SHARED=2; greet() { echo hello $1; }");
    expect(await run('greet you; echo "$LOCAL$SHARED"; pwd')).toEqual({ code: 0, output: "hello you\n12\n/\n" });
    expect(await shell.value("LOCAL")).toBe("1");
    expect(await shell.value("NOTHING")).toBe("");
  });

  it("tells exit codes, also of commands that end the shell, and goes on where they left off", async () => {
    await run("cd /; export SHARED=2");
    expect(await run("exit 3")).toMatchObject({ code: 3 });
    expect(await run("false")).toMatchObject({ code: 1 });
    expect(await run("set -e; false; echo never")).toMatchObject({ code: 1, output: "" });
    expect(await run("kill -9 $$")).toMatchObject({ signal: "SIGKILL" });
    expect(await run("echo still here")).toEqual({ code: 0, output: "still here\n" });
  });

  it("goes on after a command that cannot be read, closes its output or takes its trap away", async () => {
    await run("export SHARED=2");
    const broken = await run("if");
    expect(broken).toMatchObject({ code: 2 });
    expect(broken.output).toMatch(/syntax error/i);
    expect(await run("exec 9>/dev/null; set -u; set -x")).toMatchObject({ code: 0 });
    expect((await run("echo $SHARED; { set +x; } 2>/dev/null")).output).toContain("2\n");
    await run("trap 'echo mine' EXIT");
    expect(await run("exit 4")).toEqual({ code: 4, output: "mine\n" });
    await run("exec >/dev/null");
    expect(await run("echo hidden")).toEqual({ code: 0, output: "" });
  });

  it("gives commands an empty input, and a value back whatever it holds", async () => {
    expect(await run("cat; echo end")).toEqual({ code: 0, output: "end\n" });
    await run("VALUE='a  \"b\" $(c)\n\\d ü'");
    expect(await shell.value("VALUE")).toBe('a  "b" $(c)\n\\d ü');
  });

  it("runs an isolated command without traces", async () => {
    expect(await shell.run("cd /; A=1; exit 5", false)).toEqual({ code: 5 });
    expect(await run('pwd; echo "A=$A"')).toEqual({ code: 0, output: `${folder}\nA=\n` });
  });

  it("tells commands when the build is failing, also in a shell that had to be started again", async () => {
    expect((await run("echo $CODEBUILD_BUILD_SUCCEEDING")).output).toBe("1\n");
    shell.failing();
    expect((await run("echo $CODEBUILD_BUILD_SUCCEEDING")).output).toBe("0\n");
    await run("kill -9 $$");
    expect((await run("echo $CODEBUILD_BUILD_SUCCEEDING")).output).toBe("0\n");
  });

  it("does not wait for what a command leaves in the background", async () => {
    expect(await run("sleep 300 & echo started")).toEqual({ code: 0, output: "started\n" });
  });
});
