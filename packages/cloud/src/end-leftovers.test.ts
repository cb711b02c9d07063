import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog, systemClock } from "@trysail/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { endLeftovers } from "./end-leftovers.ts";
import { openWorkloads } from "./runtime/local-workloads.ts";
import { openTrees } from "./runtime/processes/trees.ts";
import { alive, idOf, outputWith, pidsIn, shell } from "./runtime/workloads/workloads.test-kit.ts";

let dataFolder: string;
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), "trysail-leftovers-"));
});
afterEach(() => rm(dataFolder, { recursive: true, force: true }));

const open = async () =>
  await openWorkloads({
    folder: join(dataFolder, "workloads"),
    trees: await openTrees(dataFolder),
    clock: systemClock(),
    log: silentLog,
  });

it("ends the workloads that a crash has left, with all that they have started, and keeps their addresses", async () => {
  await mkdir(join(dataFolder, "state"));
  const workloads = await open();
  const script = "echo pid=$$; setsid sh -c 'echo pid=$$; sleep 300; true' & exec sleep 300";
  const started = await workloads.start(shell("i-1", script, { cwd: dataFolder }));
  const pids = pidsIn(await outputWith(started, /(pid=\d+\n.*){2}/s));
  workloads.release();
  expect(await Promise.all(pids.map(alive))).toEqual([true, true]);

  expect(await endLeftovers(dataFolder)).toEqual([expect.stringMatching(/^workload\//) as string]);
  expect(await Promise.all(pids.map(alive))).toEqual([false, false]);
  expect(await endLeftovers(dataFolder)).toEqual([]);
  const next = await open();
  expect(next.find(idOf("i-1"))).toBeUndefined();
  expect(next.reserveAddress(idOf("i-1"))).toBe(started.address);
  await next.stopAll();
});

it("does nothing where no Trysail ever ran", async () => {
  expect(await endLeftovers(join(dataFolder, "nowhere"))).toEqual([]);
});
