import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog, systemClock } from "@trysail/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openWorkloads } from "./local-workloads.ts";
import type { LocalWorkloads } from "./local-workloads.ts";
import { parseStat } from "./processes/process-table.ts";
import { openTrees } from "./processes/trees.ts";
import type { Workload, WorkloadId, WorkloadSpec } from "./workloads.ts";

let folder: string;
let workloads: LocalWorkloads;

async function open(): Promise<LocalWorkloads> {
  const trees = await openTrees(folder);
  return await openWorkloads({ folder: join(folder, "workloads"), trees, clock: systemClock(), log: silentLog });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "trysail-workloads-"));
  workloads = await open();
});
afterEach(async () => {
  await workloads.stopAll();
  await (await openTrees(folder)).killOthers(() => false);
  await rm(folder, { recursive: true, force: true });
});

const idOf = (name: string): WorkloadId => ({ service: "ec2", account: "1", region: "us-east-1", name });

function shell(name: string, script: string, more: Partial<WorkloadSpec> = {}): WorkloadSpec {
  return {
    id: idOf(name),
    program: { kind: "process", command: "sh", args: ["-c", script], cwd: folder },
    environment: {},
    ...more,
  };
}

/** Resolves when the workload is as asked for. */
async function until<T>(ask: () => T | undefined | false, of = workloads): Promise<T> {
  for (;;) {
    let unsubscribe = () => {};
    const changed = new Promise<void>((resolve) => {
      unsubscribe = of.onChange(() => resolve());
    });
    const answer = ask();
    if (answer !== undefined && answer !== false) {
      unsubscribe();
      return answer;
    }
    await changed;
    unsubscribe();
  }
}

const ended = (name: string, of = workloads) =>
  until(() => {
    const found = of.find(idOf(name));
    return found?.state === "ended" ? found : undefined;
  }, of);

async function outputWith(workload: Workload, text: string): Promise<string> {
  for (;;) {
    const output = await readFile(workload.outputFile, "utf8");
    if (output.includes(text)) return output;
    await new Promise(setImmediate);
  }
}

const pidsIn = (text: string) => [...text.matchAll(/pid=(\d+)/g)].map(([, pid]) => Number(pid));

async function alive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat !== "" && parseStat(stat) !== undefined;
}

describe("workloads", () => {
  it("run, tell of their end, and are forgotten when they are removed", async () => {
    const started = await workloads.start(shell("i-1", "echo hello; echo oops >&2; exit 7"));
    expect(started).toMatchObject({ id: idOf("i-1"), runsAs: "process" });
    expect(await ended("i-1")).toMatchObject({ exit: { code: 7 }, outOfMemory: false });
    expect(await readFile(started.outputFile, "utf8")).toBe("hello\noops\n");
    expect(workloads.list("ec2")).toHaveLength(1);
    expect(workloads.list("ecs")).toHaveLength(0);
    await workloads.remove(idOf("i-1"));
    expect(workloads.find(idOf("i-1"))).toBeUndefined();
    await expect(readFile(started.outputFile)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("are told of as ended however they were killed", async () => {
    const program = await workloads.start(shell("program", "exec sleep 300"));
    if (program.state === "running") process.kill(program.pid ?? 0, "SIGKILL");
    expect(await ended("program")).toMatchObject({ exit: { signal: "SIGKILL" } });

    const shim = await workloads.start(shell("shim", "echo pid=$$; exec sleep 300"));
    const [pid = 0] = pidsIn(await outputWith(shim, "pid="));
    const parent = parseStat(await readFile(`/proc/${pid}/stat`, "utf8"))?.parent ?? 0;
    process.kill(parent, "SIGKILL");
    expect(await ended("shim")).toMatchObject({ exit: {} });
    await workloads.remove(idOf("shim"));
    expect(await alive(pid)).toBe(false);
  });

  it("are adopted after a crash: those that run, those that ended meanwhile, and not those that vanished", async () => {
    const running = await workloads.start(shell("running", "exec sleep 300"));
    const ending = await workloads.start(
      shell("ending", "echo pid=$$; trap 'exit 3' TERM; while :; do sleep 0.01; done"),
    );
    const vanishing = await workloads.start(shell("vanishing", "echo pid=$$; exec sleep 300"));
    const [endingPid = 0] = pidsIn(await outputWith(ending, "pid="));
    const [vanishingPid = 0] = pidsIn(await outputWith(vanishing, "pid="));
    workloads.release();
    process.kill(endingPid, "SIGTERM");
    const shim = parseStat(await readFile(`/proc/${vanishingPid}/stat`, "utf8"))?.parent ?? 0;
    process.kill(-shim, "SIGKILL");
    while ((await alive(endingPid)) || (await alive(shim))) await new Promise(setImmediate);

    workloads = await open();
    expect(workloads.find(idOf("running"))).toEqual(running);
    expect(await ended("ending")).toMatchObject({ exit: { code: 3 } });
    expect(workloads.find(idOf("vanishing"))).toBeUndefined();
    if (running.state === "running") process.kill(running.pid ?? 0, "SIGKILL");
    expect(await ended("running")).toMatchObject({ exit: { signal: "SIGKILL" } });
  });
});
