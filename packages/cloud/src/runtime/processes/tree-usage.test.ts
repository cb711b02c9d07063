import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { lookAtUsages, parsePsUsage, parseUsage, sumUp } from "./tree-usage.ts";

it("reads what Linux tells of a process, whatever its name is", () => {
  const line =
    "42 (a) b (c) S 1 40 40 0 -1 4194560 900 0 0 0 150 50 20 5 20 0 1 0 123 1000000 250 18446744073709551615 1 1 0\n";
  expect(parseUsage(line, 4096)).toEqual({ session: 40, usage: { cpuMs: 2250, memoryBytes: 1_024_000 } });
});

it("adds what the processes of a session use, as ps tells it", () => {
  const told = parsePsUsage("  7   0:01.50  1000\n  7   1:00.00   24\n  8 1:00:00.00    1\nnonsense\n");
  expect(told.of("", 7)).toEqual({ cpuMs: 61_500, memoryBytes: 1024 * 1024 });
  expect(told.of("", 8)).toEqual({ cpuMs: 3_600_000, memoryBytes: 1024 });
  expect(told.of("", 9)).toBeUndefined();
});

it("counts for a tree what has left its session, and its parts", () => {
  const usage = { cpuMs: 10, memoryBytes: 1 };
  const told = sumUp([
    { session: 1, mark: "workload/a", usage },
    { session: 2, mark: "workload/a", usage },
    { session: 3, mark: "workload/a/exec", usage },
    { session: 4, mark: "workload/ab", usage },
    { session: 5, mark: undefined, usage },
  ]);
  expect(told.of("workload/a", 1)).toEqual({ cpuMs: 30, memoryBytes: 3 });
  expect(told.of("workload/b", 5)).toEqual(usage);
});

it("finds a process of a tree in a session of its own", async () => {
  const look = lookAtUsages(process.platform, "TREE_OF_THIS_TEST");
  const child = spawn("sleep", ["60"], { detached: true, env: { ...process.env, TREE_OF_THIS_TEST: "tree/part" } });
  const ended = once(child, "exit");
  await once(child, "spawn");
  const pid = child.pid ?? 0;
  expect((await look()).of(process.platform === "linux" ? "tree" : "", pid)?.memoryBytes).toBeGreaterThan(0);
  child.kill();
  await ended;
  expect((await look()).of("tree", pid)).toBeUndefined();
});
