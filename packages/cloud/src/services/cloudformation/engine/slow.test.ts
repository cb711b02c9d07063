import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualClock, silentLog } from "@trysail/core";
import type { AccountId, ManualClock, Region } from "@trysail/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createControlLoops } from "../../../control/control-loops.ts";
import type { ControlLoops } from "../../../control/control-loops.ts";
import { createOutbox } from "../../../control/outbox.ts";
import { rootOf } from "../../../gateway/authenticate.ts";
import type { Context } from "../../../kernel/context.ts";
import type { Host } from "../../../kernel/host.ts";
import { randomIds } from "../../../kernel/ids.ts";
import { createKernel } from "../../../kernel/kernel.ts";
import type { ResourceType } from "../../../kernel/resource.ts";
import { defineService } from "../../../kernel/service.ts";
import type { Service } from "../../../kernel/service.ts";
import { openStore } from "../../../store/lmdb-store.ts";
import { cloudformation } from "../index.ts";
import { lookUpStack, tables } from "../store.ts";

const minuteMs = 60_000;
const home = { account: "000000000000" as AccountId, region: "us-east-1" as Region };

let folder: string;
let clock: ManualClock;
let calls: string[];
/** Resources that are ready, or broken, by logical id; others let wait for ever. */
let fate: Map<string, "ready" | "broken" | "throws">;

/** A type whose steps take as long as the test wants. */
const slow: ResourceType = {
  properties: ["Size", "Needs"],
  policies: ["CreationPolicy", "UpdatePolicy"],
  replacedByPolicy: ({ UpdatePolicy }, changed) => UpdatePolicy?.["Replace"] === true && changed.includes("Size"),
  wokenBy: ({ source }) => source === "test.slow",
  async create(ctx, _properties, request) {
    calls.push(`create ${request.logicalId} ${request.token}`);
    const id = `${request.logicalId}-id`;
    request.made(id);
    if (request.policies.CreationPolicy?.["Signals"] === request.signals().length)
      return { status: "done", id: `${id}-${calls.length}`, attributes: {} };
    switch (fate.get(request.logicalId)) {
      case "ready":
        return { status: "done", id, attributes: {} };
      case "broken":
        return { status: "failed", reason: "it is broken" };
      case "throws":
        throw new Error("it threw");
      case undefined:
        return { status: "waiting", until: ctx.now + minuteMs };
    }
  },
  async update(ctx, id, _properties, _previous, request) {
    calls.push(`update ${request.logicalId} ${request.token}`);
    return fate.get(request.logicalId) === "ready"
      ? { status: "done", id, attributes: {} }
      : { status: "waiting", until: ctx.now + minuteMs };
  },
  async remove(_ctx, id) {
    calls.push(`remove ${id}`);
    return { status: "done" };
  },
};

interface Running {
  readonly ctx: Context;
  readonly loops: ControlLoops;
  stop(): Promise<void>;
}
let cloud: Running;

async function start(): Promise<Running> {
  const store = await openStore(join(folder, "state"));
  const slowService = defineService<object>({
    id: "slow",
    scope: "regional",
    tables: {},
    operations: {},
    resources: { "Test::Slow": slow },
  });
  const services = [cloudformation, slowService] as readonly Service[];
  const parts = {
    services,
    // Nothing here reaches outside of the tables.
    host: {} as Host,
    store,
    clock,
    ids: randomIds(),
    log: silentLog,
    outbox: createOutbox(store, services, clock),
    meter: { add() {}, close() {} },
  };
  const kernel = createKernel(parts);
  const loops = createControlLoops({ ...parts, kernel, home });
  loops.start();
  clock.settle = () => loops.queue.idle();
  const ctx = kernel.context(cloudformation as Service, {
    ...home,
    principal: rootOf(home.account),
    requestId: "r",
    signal: new AbortController().signal,
  });
  return {
    ctx,
    loops,
    async stop() {
      await loops.stop();
      await store.close();
    },
  };
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "trysail-slow-"));
  clock = manualClock();
  calls = [];
  fate = new Map();
  cloud = await start();
});
afterEach(async () => {
  await cloud.stop();
  await rm(folder, { recursive: true, force: true });
});

const template = (resources: Record<string, object>) =>
  JSON.stringify({
    Resources: Object.fromEntries(
      Object.entries(resources).map(([id, Properties]) => [id, { Type: "Test::Slow", Properties }]),
    ),
  });
const create = (resources: Record<string, object>, more: object = {}) =>
  cloud.ctx.call.cloudformation.createStack({ StackName: "s", TemplateBody: template(resources), ...more });
const status = () => lookUpStack(cloud.ctx, "s")?.status;
const reasons = async () => {
  const { StackEvents = [] } = await cloud.ctx.call.cloudformation.describeStackEvents({ StackName: "s" });
  return StackEvents.filter(({ ResourceStatus = "" }) => ResourceStatus.endsWith("FAILED")).map(
    ({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`,
  );
};

describe("a resource that takes its time", () => {
  it("is asked again when it said, with the same token, and holds no call", async () => {
    await create({ A: {} });
    expect(status()).toBe("CREATE_IN_PROGRESS");
    await cloud.loops.queue.idle();
    const before = calls.length;
    await clock.advance({ seconds: 59 });
    expect(calls.length).toBe(before);
    fate.set("A", "ready");
    await clock.advance({ seconds: 1 });
    expect(status()).toBe("CREATE_COMPLETE");
    expect(new Set(calls).size).toBe(1);
  });

  it("goes on after a restart, with the same token", async () => {
    fate.set("B", "ready");
    await create({ A: {}, B: {}, C: { Needs: { Ref: "A" } } });
    await cloud.stop();
    cloud = await start();
    fate.set("A", "ready").set("C", "ready");
    await clock.advance({ minutes: 1 });
    expect(status()).toBe("CREATE_COMPLETE");
    expect([...new Set(calls)].map((call) => call.split(" ")[1]).toSorted()).toEqual(["A", "B", "C"]);
    expect(calls.filter((call) => call.startsWith("create B"))).toHaveLength(1);
  });

  it("is given up when another fails, and what it has made is removed", async () => {
    fate.set("B", "broken");
    await create({ A: {}, B: {} });
    expect(status()).toBe("ROLLBACK_COMPLETE");
    expect((await reasons()).toSorted()).toEqual(["A: Resource creation cancelled", "B: it is broken"]);
    expect(calls.filter((call) => call.startsWith("remove")).toSorted()).toEqual(["remove A-id", "remove B-id"]);
  });

  it("is given up when the stack takes too long", async () => {
    await create({ A: {} }, { TimeoutInMinutes: 5 });
    await clock.advance({ minutes: 4 });
    expect(status()).toBe("CREATE_IN_PROGRESS");
    await clock.advance({ minutes: 1 });
    expect(status()).toBe("ROLLBACK_COMPLETE");
    expect(await reasons()).toEqual(["A: Resource creation timed out"]);
  });

  it("is given up when the stack is deleted meanwhile", async () => {
    await create({ A: {} });
    await cloud.ctx.call.cloudformation.deleteStack({ StackName: "s" });
    expect(status()).toBeUndefined();
    expect(calls.at(-1)).toBe("remove A-id");
  });

  it("is put back when its update is cancelled", async () => {
    fate.set("A", "ready");
    await create({ A: { Size: 1 } });
    fate.delete("A");
    await cloud.ctx.call.cloudformation.updateStack({ StackName: "s", TemplateBody: template({ A: { Size: 2 } }) });
    expect(status()).toBe("UPDATE_IN_PROGRESS");
    await expect(cloud.ctx.call.cloudformation.deleteStack({ StackName: "s" })).rejects.toThrow(
      "cannot be deleted while in status UPDATE_IN_PROGRESS",
    );
    await cloud.ctx.call.cloudformation.cancelUpdateStack({ StackName: "s" });
    expect(status()).toBe("UPDATE_ROLLBACK_IN_PROGRESS");
    fate.set("A", "ready");
    await clock.advance({ minutes: 1 });
    expect(status()).toBe("UPDATE_ROLLBACK_COMPLETE");
    expect(cloud.ctx.table(tables.resources).get([lookUpStack(cloud.ctx, "s")?.id ?? "", "A"])?.properties).toEqual({
      Size: 1,
    });
  });

  it("fails with what it throws", async () => {
    fate.set("A", "throws");
    await create({ A: {} }, { OnFailure: "DO_NOTHING" });
    expect(status()).toBe("CREATE_FAILED");
    expect(await reasons()).toEqual(["s: The following resource(s) failed to create: [A].", "A: it threw"]);
  });

  it("is looked at again when something that it may wait for happens", async () => {
    await create({ A: {} });
    await cloud.loops.queue.idle();
    fate.set("A", "ready");
    cloud.ctx.emit({ source: "test.other", detailType: "", detail: {} });
    await cloud.loops.queue.idle();
    expect(status()).toBe("CREATE_IN_PROGRESS");
    cloud.ctx.emit({ source: "test.slow", detailType: "", detail: {} });
    await cloud.loops.queue.idle();
    expect(status()).toBe("CREATE_COMPLETE");
  });
});

describe("a resource with policies", () => {
  const withPolicies = (Size: number, policies: object) =>
    JSON.stringify({ Resources: { A: { Type: "Test::Slow", Properties: { Size }, ...policies } } });
  const signal = (UniqueId: string) =>
    cloud.ctx.call.cloudformation.signalResource({
      StackName: "s",
      LogicalResourceId: "A",
      UniqueId,
      Status: "SUCCESS",
    });

  it("is told of the signals that come for it, each sender's once", async () => {
    const policies = { CreationPolicy: { Signals: { "Fn::Select": [0, [2]] } } };
    await cloud.ctx.call.cloudformation.createStack({ StackName: "s", TemplateBody: withPolicies(1, policies) });
    await signal("one");
    await signal("one");
    await cloud.loops.queue.idle();
    expect(status()).toBe("CREATE_IN_PROGRESS");
    await signal("two");
    await cloud.loops.queue.idle();
    expect(status()).toBe("CREATE_COMPLETE");
    await expect(signal("three")).rejects.toMatchObject({ code: "ValidationError" });
    const { StackEvents = [] } = await cloud.ctx.call.cloudformation.describeStackEvents({ StackName: "s" });
    const told = StackEvents.map(({ ResourceStatusReason }) => ResourceStatusReason);
    expect(told.filter((reason) => reason?.startsWith("Received"))).toEqual([
      "Received SUCCESS signal with UniqueId two",
      "Received SUCCESS signal with UniqueId one",
    ]);
  });

  it("is replaced where they say so", async () => {
    const policies = { CreationPolicy: { Signals: 0 }, UpdatePolicy: { Replace: true } };
    await cloud.ctx.call.cloudformation.createStack({ StackName: "s", TemplateBody: withPolicies(1, policies) });
    const id = () => cloud.ctx.table(tables.resources).get([lookUpStack(cloud.ctx, "s")?.id ?? "", "A"])?.physicalId;
    const before = id();
    await cloud.ctx.call.cloudformation.updateStack({ StackName: "s", TemplateBody: withPolicies(2, policies) });
    expect(status()).toBe("UPDATE_COMPLETE");
    expect(id()).not.toBe(before);
    expect(calls.at(-1)).toBe(`remove ${before}`);
  });
});
