import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openProcesses } from "./local-processes.ts";
import type { Processes } from "./processes.ts";
import { groupAbilities } from "./processes/control-groups.ts";
import { markIn, parsePs, parseStat } from "./processes/process-table.ts";
import { treeOf } from "./processes/tree.ts";

const environment = { PATH: process.env["PATH"] ?? "" };
let folder: string;
let processes: Processes;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "trysail-processes-"));
  processes = await openProcesses({ dataFolder: folder });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs a shell script, and resolves when it has written `ready`. */
async function startScript(treeId: string, script: string) {
  const lines: string[] = [];
  let ready = () => {};
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const running = await processes.start({
    treeId,
    command: "sh",
    args: ["-c", script],
    cwd: folder,
    environment,
    onOutput: (chunk) => {
      lines.push(chunk.toString());
      if (lines.join("").includes("ready")) ready();
    },
  });
  return { ...running, isReady, output: () => lines.join("") };
}

const pidsIn = (text: string) => [...text.matchAll(/pid=(\d+)/g)].map(([, pid]) => Number(pid));

/** A zombie that its new parent has not buried yet is dead. */
async function alive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat !== "" && parseStat(stat) !== undefined;
}

describe("local processes", () => {
  it("tells how a process ended, after all of its output, also where a child of its own lives on", async () => {
    const chunks: Buffer[] = [];
    const { exited } = await processes.start({
      treeId: "t",
      command: "sh",
      args: ["-c", "sleep 300 & head -c 300000 /dev/zero; exit 7"],
      cwd: folder,
      environment,
      onOutput: (chunk) => chunks.push(chunk),
    });
    expect(await exited).toEqual({ code: 7 });
    expect(Buffer.concat(chunks)).toHaveLength(300_000);
    await processes.killTree("t");
  });

  it("hands over input, and nothing of our own environment", async () => {
    process.env["TRYSAIL_TEST_SECRET"] = "hidden";
    let output = "";
    const running = await processes.start({
      treeId: "t",
      command: "sh",
      args: ["-c", 'read line; echo "$line/$TRYSAIL_TEST_SECRET/$GIVEN"'],
      cwd: folder,
      environment: { ...environment, GIVEN: "given" },
      hasInput: true,
      onOutput: (chunk) => void (output += chunk.toString()),
    });
    delete process.env["TRYSAIL_TEST_SECRET"];
    running.write("hello\n");
    await running.exited;
    expect(output).toBe("hello//given\n");
  });

  it("refuses a command that is not there, and names it", async () => {
    const start = processes.start({ treeId: "t", command: "no-such-command", args: [], cwd: folder, environment });
    await expect(start).rejects.toMatchObject({
      code: "command-not-found",
      message: expect.stringContaining("no-such-command") as string,
    });
    const nowhere = processes.start({
      treeId: "t",
      command: "sh",
      args: [],
      cwd: join(folder, "nowhere"),
      environment,
    });
    await expect(nowhere).rejects.toMatchObject({ code: "folder-not-found" });
  });

  it("ends what wants more memory than it may have, and tells so", async (test) => {
    test.skip(!groupAbilities().limitsMemory, "control groups cannot be written here");
    const start = (script: string) =>
      processes.start({
        treeId: "limited",
        command: "sh",
        args: ["-c", script],
        cwd: folder,
        environment,
        limits: { memoryMib: 32 },
      });
    const greedy = await start("head -c 300000000 /dev/zero | tail -c 300000000 >/dev/null; exit 9");
    expect(await greedy.exited).toMatchObject({ outOfMemory: true });
    await processes.killTree("limited");
    const modest = await start("exit 1");
    expect(await modest.exited).toEqual({ code: 1 });
    await processes.killTree("limited");
    await expect(
      processes.start({ treeId: "limited", command: "nope", args: [], cwd: folder, environment, limits: {} }),
    ).rejects.toMatchObject({ code: "command-not-found" });
    await processes.killTree("limited");
  });

  it.runIf(process.platform === "linux")(
    "kills a whole tree, escapees by double fork, new session and cleared environment included",
    async () => {
      const script = `
      echo pid=$$
      sleep 300 & echo pid=$!
      sh -c 'setsid sh -c "sleep 300 & echo pid=\\$!; echo pid=\\$\\$; wait" & wait' &
      env -i sh -c 'echo pid=$$; PATH=/usr/bin:/bin; sleep 300; true' &
      sh -c 'setsid env -i /bin/sh -c "echo pid=\\$\\$; /bin/sleep 300; true" & wait' &
      while [ "$(cat pids 2>/dev/null)" = "" ]; do sleep 0.01; done
      echo ready; wait`;
      const tree = await startScript("doomed", script);
      const other = await startScript("other", "echo pid=$$; echo ready; sleep 300; true");
      await other.isReady;
      while (pidsIn(tree.output()).length < 6) await new Promise(setImmediate);
      await writeFile(join(folder, "pids"), "all");
      await tree.isReady;
      const pids = pidsIn(tree.output());
      await processes.killTree("doomed");
      expect(await Promise.all(pids.map(alive))).toEqual(pids.map(() => false));
      expect(await tree.exited).toEqual({ signal: "SIGKILL" });
      expect(await alive(other.pid)).toBe(true);
      await processes.killTree("other");
      expect(await alive(other.pid)).toBe(false);
    },
  );

  it.runIf(process.platform === "linux")(
    "reaps what an earlier Trysail of the same data folder has left, and nothing of another",
    async () => {
      const tree = await startScript("left", "setsid sh -c 'sleep 300; true' & echo pid=$!; echo ready; wait");
      await tree.isReady;
      process.kill(tree.pid, "SIGKILL");
      await tree.exited;
      const pids = pidsIn(tree.output());
      const elsewhere = await mkdtemp(join(tmpdir(), "trysail-processes-"));
      try {
        expect(await (await openProcesses({ dataFolder: elsewhere })).reapLeftovers()).toEqual([]);
        expect(await Promise.all(pids.map(alive))).toEqual([true]);
        expect(await (await openProcesses({ dataFolder: folder })).reapLeftovers()).toEqual(["left"]);
        expect(await Promise.all(pids.map(alive))).toEqual([false]);
      } finally {
        await rm(elsewhere, { recursive: true, force: true });
      }
    },
  );
});

describe("the process table", () => {
  it("reads a stat line whose name holds brackets, and passes over zombies", () => {
    expect(parseStat("12 (a) b) S 4 12 9 0 -1")).toEqual({ parent: 4, session: 9 });
    expect(parseStat("12 (sh) Z 4 12 9 0 -1")).toBeUndefined();
  });

  it("finds a variable by its whole name only", () => {
    const block = Buffer.from("XMARK=no\0A=MARK=no\0MARK=tree 1\0B=2\0");
    expect(markIn(block, "MARK")).toBe("tree 1");
    expect(markIn(block, "ARK")).toBeUndefined();
  });

  it("reads what ps tells on macOS", () => {
    const output =
      "  10     1    10 Ss   /bin/sh -c x PATH=/bin MARK=t1 HOME=/\n  11    10    10 Z    (sh)\n  12     1    12 S    vim\n";
    expect(parsePs(output, "MARK")).toEqual([
      { pid: 10, parent: 1, session: 10, mark: "t1" },
      { pid: 12, parent: 1, session: 12, mark: undefined },
    ]);
  });

  it("never counts Trysail, what it runs in, or a session that they share", () => {
    const seen = (pid: number, parent: number, session: number, mark?: string) => ({ pid, parent, session, mark });
    const processes = [
      seen(1, 0, 1),
      seen(50, 1, 50, "t"),
      seen(60, 50, 50, "t"),
      seen(70, 60, 70, "t"),
      seen(80, 1, 50),
      seen(90, 70, 90),
    ];
    expect(treeOf(processes, (mark) => mark === "t", 60)).toEqual([70, 90]);
  });
});
