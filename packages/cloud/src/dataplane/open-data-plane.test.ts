import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog, systemClock } from "@trysail/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openTrees } from "../runtime/processes/trees.ts";
import { openWorkloads } from "../runtime/local-workloads.ts";
import type { LocalWorkloads } from "../runtime/local-workloads.ts";
import { balancerProgram } from "../testing/balancer-program.test-kit.ts";
import type { PlaneScope, TargetHealth } from "./data-plane.ts";
import { dataPlaneService, openDataPlane } from "./open-data-plane.ts";
import type { OpenDataPlane } from "./open-data-plane.ts";
import { addressTarget, freePort, groupConfig, listenerConfig, planeConfig, Stage } from "./plane.test-kit.ts";

const scope: PlaneScope = { account: "000000000000", region: "eu-west-1" };
const workerId = { service: dataPlaneService, ...scope, name: "balancers" };

let stage: Stage;
let folder: string;
let workloads: LocalWorkloads;
let dataPlane: OpenDataPlane;

async function open(): Promise<void> {
  const trees = await openTrees(folder);
  workloads = await openWorkloads({ folder: join(folder, "workloads"), trees, clock: systemClock(), log: silentLog });
  dataPlane = openDataPlane({
    workloads,
    folder: (name) => join(folder, name),
    workerFile: balancerProgram,
    log: silentLog,
    invokeFunction: async () => undefined,
  });
}

beforeEach(async () => {
  stage = new Stage();
  folder = await mkdtemp(join(tmpdir(), "trysail-dataplane-"));
  await open();
});
afterEach(async () => {
  dataPlane.close();
  await workloads.stopAll();
  await stage.clear();
  await rm(folder, { recursive: true, force: true });
});

/** Resolves when the region's targets are as asked for. */
async function whenHealth(isSo: (targets: readonly TargetHealth[]) => boolean): Promise<void> {
  await new Promise<void>((resolve) => {
    const unsubscribe = dataPlane.onChange(() => check());
    const check = () => {
      if (!isSo(dataPlane.health(scope))) return;
      unsubscribe();
      resolve();
    };
    check();
  });
}

const allAre = (state: string) => (targets: readonly TargetHealth[]) =>
  targets.length > 0 && targets.every((target) => target.state === state);

async function balancedTarget() {
  const { port: targetPort } = await stage.target((_, response) => response.end("hello"));
  const port = await freePort();
  const config = planeConfig(listenerConfig(port), groupConfig([addressTarget(targetPort)]));
  expect(await dataPlane.apply(scope, config)).toEqual({ failures: {} });
  await whenHealth(allAre("healthy"));
  const get = async () => (await fetch(`http://127.0.0.1:${port}/`)).text();
  return { port, get, config };
}

const workerPid = () => {
  const found = workloads.find(workerId);
  return found?.state === "running" ? found.pid : undefined;
};

/** Resolves when the worker is another one. */
const workerReplaced = (pid: number | undefined) =>
  new Promise<void>((resolve) => {
    const unsubscribe = workloads.onChange(() => {
      if (workerPid() === undefined || workerPid() === pid) return;
      unsubscribe();
      resolve();
    });
  });

test("a region's balancers serve from a process of their own", async () => {
  const { get } = await balancedTarget();
  expect(await get()).toBe("hello");
  expect(workerPid()).not.toBe(process.pid);
});

test("a worker that is killed is replaced, and serves what the one before served", async () => {
  const { get, config } = await balancedTarget();
  const pid = workerPid();
  const replaced = workerReplaced(pid);
  process.kill(pid ?? 0, "SIGKILL");
  await replaced;
  // It listens when it takes orders again.
  expect(await dataPlane.apply(scope, config)).toEqual({ failures: {} });
  await whenHealth(allAre("healthy"));
  expect(await get()).toBe("hello");
});

test("balancers serve while Trysail is away, and the next one takes them over", async () => {
  const { get, config } = await balancedTarget();
  const pid = workerPid();
  dataPlane.close();
  workloads.release();
  expect(await get()).toBe("hello");
  await open();
  expect(await dataPlane.apply(scope, config)).toEqual({ failures: {} });
  expect(workerPid()).toBe(pid);
  await whenHealth(allAre("healthy"));
  expect(await get()).toBe("hello");
});

test("a region without balancers has no process", async () => {
  await dataPlane.apply(scope, { listeners: [], targetGroups: {} });
  expect(workloads.find(workerId)).toBeUndefined();
  const { get } = await balancedTarget();
  expect(await get()).toBe("hello");
  await dataPlane.apply(scope, { listeners: [], targetGroups: {} });
  expect(workloads.find(workerId)).toBeUndefined();
  expect(dataPlane.health(scope)).toEqual([]);
  await expect(get()).rejects.toThrow("fetch failed");
});

test("a port that is taken is told as the listener's failure", async () => {
  const { port } = await stage.target((_, response) => response.end("mine"));
  const { failures } = await dataPlane.apply(scope, planeConfig(listenerConfig(port), groupConfig([])));
  expect(failures).toEqual({ listener: expect.stringContaining("EADDRINUSE") });
});

test("an instance that has ended is taken out before a health check has found out", async () => {
  const one = await stage.target((_, response) => response.end("one"));
  const two = await stage.target((_, response) => response.end("two"));
  const port = await freePort();
  const there = { ...addressTarget(two.port), host: "127.0.0.2" };
  await dataPlane.apply(scope, planeConfig(listenerConfig(port), groupConfig([addressTarget(one.port), there])));
  await whenHealth((targets) => targets.some(({ state }) => state === "healthy"));
  dataPlane.targetExited(scope, "127.0.0.1");
  await whenHealth((targets) => targets.some(({ reason }) => reason === "Target.FailedHealthChecks"));
});
