import { mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog, systemClock } from "@trysail/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openWorkloads } from "./local-workloads.ts";
import type { LocalWorkloads } from "./local-workloads.ts";
import { openTrees } from "./processes/trees.ts";
import type { WorkloadId, WorkloadSpec } from "./workloads.ts";
import {
  alive,
  endOf,
  idOf,
  outputWith,
  parentOf,
  pidsIn,
  shell,
  treesWithoutGroups,
} from "./workloads/workloads.test-kit.ts";

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

const start = (name: string, script: string, more: Partial<WorkloadSpec> = {}) =>
  workloads.start(shell(name, script, { cwd: folder, ...more }));

describe("workloads", () => {
  it("run, tell of their end, and are forgotten when they are removed", async () => {
    const started = await start("i-1", "echo hello; echo oops >&2; exit 7");
    expect(started).toMatchObject({ id: idOf("i-1"), runsAs: "process" });
    expect(await endOf(workloads, "i-1")).toMatchObject({ exit: { code: 7 }, outOfMemory: false });
    expect(await readFile(started.outputFile, "utf8")).toBe("hello\noops\n");
    expect(workloads.list("ec2")).toHaveLength(1);
    expect(workloads.list("ecs")).toHaveLength(0);
    await workloads.remove(idOf("i-1"));
    expect(workloads.find(idOf("i-1"))).toBeUndefined();
    await expect(readFile(started.outputFile)).rejects.toMatchObject({ code: "ENOENT" });
    await workloads.remove(idOf("i-1"));
  });

  it("are told of as ended however they were killed, and leave nothing", async () => {
    const program = await start("program", "exec sleep 300");
    if (program.state === "running") process.kill(program.pid ?? 0, "SIGKILL");
    expect(await endOf(workloads, "program")).toMatchObject({ exit: { signal: "SIGKILL" } });

    const orphan = await start("shim", "echo pid=$$; exec sleep 300");
    const [pid = 0] = pidsIn(await outputWith(orphan, "pid="));
    process.kill(await parentOf(pid), "SIGKILL");
    expect(await endOf(workloads, "shim")).toMatchObject({ exit: {} });
    await workloads.remove(idOf("shim"));
    expect(await alive(pid)).toBe(false);
  });

  it("leave nothing of what they started when they end by themselves", async () => {
    const script = `sleep 300 & echo pid=$!; setsid sh -c 'echo pid=$$; sleep 300; true' & read line <wait; exit 0`;
    const started = await start("parent", `mkfifo wait; ${script}`);
    const pids = pidsIn(await outputWith(started, /pid=\d+\n.*pid=\d+\n/s));
    await writeFile(join(folder, "wait"), "go\n");
    expect(await endOf(workloads, "parent")).toMatchObject({ exit: { code: 0 } });
    await workloads.remove(idOf("parent"));
    expect(await Promise.all(pids.map(alive))).toEqual([false, false]);
  });

  it("are asked to end, and are ended when they do not", async () => {
    await start("willing", "trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.01; done");
    const stubborn = await start("stubborn", "trap '' TERM; echo up; while :; do sleep 0.01; done");
    for (const name of ["willing", "stubborn"]) {
      const found = workloads.find(idOf(name));
      if (found !== undefined) await outputWith(found, "up");
    }
    await workloads.stop(idOf("willing"), { graceMs: 60_000 });
    expect(workloads.find(idOf("willing"))).toMatchObject({ state: "ended", exit: { code: 3 } });
    await workloads.stop(idOf("stubborn"), { graceMs: 1 });
    expect(workloads.find(idOf("stubborn"))).toMatchObject({ state: "ended", exit: { signal: "SIGKILL" } });
    expect(await readFile(stubborn.outputFile, "utf8")).toBe("up\n");
    await workloads.stop(idOf("unknown"), { graceMs: 1 });
  });

  it("are started once however often that is asked for, and anew when they have ended", async () => {
    const [one, other] = await Promise.all([start("i-1", "echo run; exec sleep 300"), start("i-1", "echo other")]);
    expect(other).toEqual(one);
    await workloads.stop(idOf("i-1"), { graceMs: 0 });
    const again = await start("i-1", "echo again; exec sleep 300");
    expect(again).toMatchObject({ state: "running", address: one.address, outputFile: one.outputFile });
    expect(await outputWith(again, "again")).toContain("again\n");
  });

  it("that cannot be started say why, and are not there", async () => {
    const id = idOf("i-1");
    const spec = shell("i-1", "", { cwd: join(folder, "nowhere") });
    await expect(workloads.start(spec)).rejects.toMatchObject({ code: "folder-not-found" });
    const program = { kind: "process" as const, command: "no-such-command", args: [], cwd: folder };
    await expect(workloads.start({ id, program, environment: {} })).rejects.toMatchObject({
      code: "command-not-found",
      message: 'There is no command "no-such-command" on this machine\'s PATH.',
    });
    expect(workloads.find(id)).toBeUndefined();
  });

  it("are given arguments and variables as they are, HOST and PORT, and nothing of our own environment", async () => {
    const environment = { "server.port": "1", A: "x y'\"\n", B: "", "with-dash": "2", NODE_OPTIONS: "--no-warnings" };
    process.env["TRYSAIL_TEST_SECRET"] = "hidden";
    const argument = "$A `id` ' \" \\ *";
    const started = await workloads.start({
      id: idOf("i-1"),
      program: {
        kind: "process",
        command: process.execPath,
        args: ["-e", "console.log(JSON.stringify([process.env, process.argv[1]]))", argument],
        cwd: folder,
      },
      environment,
    });
    delete process.env["TRYSAIL_TEST_SECRET"];
    await endOf(workloads, "i-1");
    const output = await readFile(started.outputFile, "utf8");
    const [seen, seenArgument] = JSON.parse(output) as [Record<string, string>, string];
    expect(seenArgument).toBe(argument);
    const { port } = workloads.reach(idOf("i-1"), 8080);
    expect(seen).toMatchObject({
      ...environment,
      NODE_OPTIONS: expect.stringMatching(/^--no-warnings --require /) as string,
      HOST: started.address,
      PORT: String(port),
      PATH: process.env["PATH"],
    });
    expect(seen).not.toHaveProperty("TRYSAIL_TEST_SECRET");
    expect(seen).not.toHaveProperty("HOME");
  });

  it("have an address that is theirs until they are removed, or that of another one", async () => {
    const task: WorkloadId = { ...idOf("task"), service: "ecs" };
    const address = workloads.reserveAddress(task);
    expect(workloads.reserveAddress(task)).toBe(address);
    const container = await start("container", "exec sleep 300", { addressOf: task });
    expect(container.address).toBe(address);
    await workloads.remove(container.id);
    expect(workloads.reserveAddress(task)).toBe(address);
    expect(workloads.reach(task, 8080).host).toBe(address);
    await workloads.remove(task);
    expect(() => workloads.reach(task, 8080)).toThrow("no address");
  });

  it("survive the death of the process that starts them, which is replaced", async () => {
    const first = await start("first", "exec sleep 300");
    const pid = first.state === "running" ? (first.pid ?? 0) : 0;
    const spawner = await parentOf(await parentOf(pid));
    process.kill(spawner, "SIGKILL");
    while (await alive(spawner)) await new Promise(setImmediate);
    const second = await start("second", "exec sleep 300");
    expect(second.state).toBe("running");
    expect(workloads.find(idOf("first"))).toEqual(first);
    expect(await alive(pid)).toBe(true);
  });

  it("tell when they have written something, and give back what is needed no longer", async () => {
    const grown = new Set<string>();
    const seen = new Promise<void>((resolve) => {
      workloads.onOutput(({ name }) => {
        grown.add(name);
        if (grown.size === 2) resolve();
      });
    });
    const large = await start("large", "head -c 70000000 /dev/zero; echo end; read x <go");
    await start("small", "echo hello");
    await seen;
    await endOf(workloads, "large");
    const before = await stat(large.outputFile);
    workloads.releaseOutput(idOf("large"), 69_000_000);
    if (process.platform !== "linux") return;
    for (let now = before; now.blocks >= before.blocks / 2; now = await stat(large.outputFile))
      await new Promise(setImmediate);
    expect((await readFile(large.outputFile)).toString("latin1", 70_000_000)).toContain("end\n");
  });
});

describe("a command beside a workload", () => {
  it("has its surroundings, and its output and exit are told", async () => {
    await start("i-1", "exec sleep 300", { environment: { GIVEN: "given" } });
    const run = (script: string, timeoutMs = 60_000) =>
      workloads.execute(idOf("i-1"), ["sh", "-c", script], { timeoutMs });
    expect(await run('echo "$GIVEN $PORT"; pwd >&2; exit 4')).toEqual({
      exit: { code: 4 },
      output: `given ${workloads.reach(idOf("i-1"), 8080).port}\n${folder}\n`,
    });
    const late = await run("setsid sleep 300 & echo pid=$!; exec sleep 300", 100);
    expect(late.exit).toEqual({ signal: "SIGKILL" });
    for (const pid of pidsIn(late.output)) expect(await alive(pid)).toBe(false);
    await expect(workloads.execute(idOf("i-1"), ["nope"], { timeoutMs: 1 })).rejects.toMatchObject({
      code: "command-not-found",
    });
    expect(await readdir(join(folder, "workloads", "output"))).toHaveLength(1);
  });

  it("is refused where nothing runs, and ends with the workload", async () => {
    await expect(workloads.execute(idOf("i-1"), ["true"], { timeoutMs: 1 })).rejects.toThrow("does not run");
    await start("i-1", "exec sleep 300");
    const running = workloads.execute(idOf("i-1"), ["sh", "-c", "echo >up; exec sleep 300"], { timeoutMs: 600_000 });
    while ((await stat(join(folder, "up")).catch(() => undefined)) === undefined) await new Promise(setImmediate);
    await workloads.remove(idOf("i-1"));
    expect((await running).exit).toEqual({ signal: "SIGKILL" });
  });
});

describe("after a crash, workloads", () => {
  it("are adopted: those that run, those that ended meanwhile, and not those that vanished", async () => {
    const running = await start("running", "exec sleep 300");
    const ending = await start("ending", "echo pid=$$; trap 'exit 3' TERM; while :; do sleep 0.01; done");
    const vanishing = await start("vanishing", "echo pid=$$; exec sleep 300");
    const [endingPid = 0] = pidsIn(await outputWith(ending, "pid="));
    const [vanishingPid = 0] = pidsIn(await outputWith(vanishing, "pid="));
    workloads.release();
    process.kill(endingPid, "SIGTERM");
    const shim = await parentOf(vanishingPid);
    process.kill(-shim, "SIGKILL");
    while ((await alive(endingPid)) || (await alive(shim))) await new Promise(setImmediate);

    workloads = await open();
    expect(workloads.find(idOf("running"))).toEqual(running);
    expect(await endOf(workloads, "ending")).toMatchObject({ exit: { code: 3 } });
    expect(workloads.find(idOf("vanishing"))).toBeUndefined();
    const { exit } = await workloads.execute(idOf("running"), ["true"], { timeoutMs: 60_000 });
    expect(exit).toEqual({ code: 0 });
    if (running.state === "running") process.kill(running.pid ?? 0, "SIGKILL");
    expect(await endOf(workloads, "running")).toMatchObject({ exit: { signal: "SIGKILL" } });
  });

  it("that had ended are so still, at the same address", async () => {
    await start("i-1", "exit 5");
    const before = await endOf(workloads, "i-1");
    workloads.release();
    workloads = await open();
    expect(workloads.find(idOf("i-1"))).toEqual(before);
  });

  it("whose record was cut off are not known, and are started anew", async () => {
    const started = await start("i-1", "exec sleep 300");
    workloads.release();
    const [key = ""] = await readdir(join(folder, "workloads", "by-id"));
    await writeFile(join(folder, "workloads", "by-id", key, "record.json"), '{"id":');
    const trees = await openTrees(folder);
    workloads = await open();
    expect(workloads.find(idOf("i-1"))).toBeUndefined();
    expect(await trees.killOthers((treeId) => workloads.isWorkload(treeId))).toEqual([`workload/${key}`]);
    if (started.state === "running") expect(await alive(started.pid ?? 0)).toBe(false);
    expect(await start("i-1", "exec sleep 300")).toMatchObject({ state: "running", address: started.address });
  });
});

describe("stopping in order", () => {
  it("ends all workloads and forgets that they ran, but not their addresses", async () => {
    const started = await start("i-1", "echo pid=$$; exec sleep 300");
    const pids = pidsIn(await outputWith(started, "pid="));
    await workloads.stopAll();
    expect(await Promise.all(pids.map(alive))).toEqual([false]);
    await expect(start("i-2", "true")).rejects.toThrow("being stopped");
    workloads = await open();
    expect(workloads.find(idOf("i-1"))).toBeUndefined();
    expect(workloads.reserveAddress(idOf("i-1"))).toBe(started.address);
  });
});

describe.runIf(process.platform === "linux")("removing a workload ends all of its tree", () => {
  const escapees = `
    echo pid=$$
    sleep 300 & echo pid=$!
    sh -c 'setsid sh -c "sleep 300 & echo pid=\\$!; echo pid=\\$\\$; wait" & wait' &
    env -i sh -c 'echo pid=$$; PATH=/usr/bin:/bin; sleep 300; true' &
    sh -c 'setsid env -i /bin/sh -c "echo pid=\\$\\$; /bin/sleep 300; true" & wait' &
    wait`;

  it.each(["as well as this system allows", "without control groups"])("%s", async (how) => {
    if (how === "without control groups") {
      await workloads.stopAll();
      const trees = treesWithoutGroups(await openTrees(folder));
      workloads = await openWorkloads({
        folder: join(folder, "workloads"),
        trees,
        clock: systemClock(),
        log: silentLog,
      });
    }
    const doomed = await start("doomed", escapees);
    const other = await start("other", "echo pid=$$; exec sleep 300");
    const pids = pidsIn(await outputWith(doomed, /(pid=\d+\n.*){6}/s));
    const [otherPid = 0] = pidsIn(await outputWith(other, "pid="));
    await workloads.remove(idOf("doomed"));
    expect(await Promise.all(pids.map(alive))).toEqual(pids.map(() => false));
    expect(await alive(otherPid)).toBe(true);
    await workloads.remove(idOf("other"));
    expect(await alive(otherPid)).toBe(false);
  });
});

describe("limits", () => {
  it("are applied where the system allows it, and what breaks them is told of", async (test) => {
    const { abilities } = await openTrees(folder);
    test.skip(!abilities.limitsMemory || !abilities.limitsCpu, "control groups cannot be written here");
    // Needs more than it may have.
    const greedy = "exec head -c 300000000 /dev/zero | tail -c 300000000 >/dev/null";
    await start("greedy", `sh -c '${greedy}'; exit 9`, { limits: { memoryMib: 32, cpus: 0.5 } });
    expect(await endOf(workloads, "greedy")).toMatchObject({ state: "ended", outOfMemory: true });
    await start("modest", "exit 1", { limits: { memoryMib: 32 } });
    expect(await endOf(workloads, "modest")).toMatchObject({ exit: { code: 1 }, outOfMemory: false });
    await Promise.all(["greedy", "modest"].map((name) => workloads.remove(idOf(name))));
    expect(await readdir(join(folder, "groups"))).toEqual([]);
  });
});
