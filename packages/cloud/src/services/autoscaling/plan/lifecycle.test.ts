import { describe, expect, it } from "vitest";
import { planInstance } from "./lifecycle.ts";
import { groupOf, instanceOf, World } from "./world.test-kit.ts";

const names = (group: Parameters<typeof planInstance>[0], instance: Parameters<typeof planInstance>[2], time = 0) =>
  planInstance(group, [], instance, time).steps.map((step) => step.do);

describe("the plan of one instance", () => {
  it("lets it drain before it is terminated, and does not wait where it is dead", () => {
    const leaving = instanceOf("i-1", { lifecycle: "Terminating", targets: { tg: "healthy" } });
    const group = groupOf({ targetGroups: ["tg"] });
    expect(names(group, leaving)).toEqual(["deregister"]);
    const draining = { ...leaving, targets: { tg: "draining" }, lookAt: 30_000 } as const;
    expect(planInstance(group, [], draining, 0)).toEqual({ steps: [], wakeAt: 30_000 });
    expect(names(group, draining, 30_000)).toEqual(["look-at-targets"]);
    expect(names(group, { ...draining, ec2: "terminated" })).toEqual(["move"]);
    expect(names(group, { ...leaving, targets: {} })).toEqual(["move"]);
  });

  it("believes the load balancers when the grace period has ended, and EC2 at once", () => {
    const group = groupOf({ checksElb: true, graceSeconds: 60, targetGroups: ["tg"] });
    const failing = instanceOf("i-1", { targets: { tg: "unhealthy" }, inServiceAt: 0 });
    expect(planInstance(group, [], failing, 59_999)).toEqual({ steps: [], wakeAt: 60_000 });
    expect(names(group, failing, 60_000)).toEqual(["mark-unhealthy"]);
    expect(names(groupOf({ targetGroups: ["tg"] }), failing, 60_000)).toEqual([]);
    expect(names(group, instanceOf("i-1", { ec2: "stopped", targets: { tg: "initial" } }))).toEqual(["mark-unhealthy"]);
    expect(names({ ...group, suspended: { HealthCheck: "" } }, failing, 60_000)).toEqual([]);
  });

  it("waits for all hooks of a launch, each for its own time", () => {
    const world = new World(groupOf({ desired: 1 }));
    const hook = { group: "web", transition: "autoscaling:EC2_INSTANCE_LAUNCHING", metadata: undefined } as const;
    world.hooks = [
      { ...hook, name: "quick", heartbeatSeconds: 30, defaultResult: "CONTINUE" },
      { ...hook, name: "slow", heartbeatSeconds: 60, defaultResult: "CONTINUE" },
    ];
    world.pass(30_000);
    expect(world.active).toMatchObject([{ lifecycle: "Pending:Wait", waits: [{ hook: "slow" }] }]);
    world.pass(30_000);
    expect(world.active).toMatchObject([{ lifecycle: "InService" }]);
  });

  it("launches crash after crash ever more slowly", () => {
    const crashing = new World(groupOf({ desired: 1, places: [{ zone: "a", subnet: undefined }] }));
    for (let second = 0; second < 3600; second++) {
      for (const { id } of crashing.active) crashing.die(id, "stopped");
      crashing.pass(1_000);
    }
    expect(crashing.taken.filter((step) => step.do === "launch").length).toBeLessThan(30);
  });

  it("replaces one that is killed at once, in the same round", () => {
    const world = new World(groupOf({ desired: 2 }));
    world.settle();
    const [first] = world.active;
    world.die(first?.id ?? "");
    world.do({ do: "mark-unhealthy", instance: first ?? instanceOf(""), verdict: "ec2" });
    expect(world.plan().steps.map((step) => step.do)).toEqual(["begin-termination", "begin-launch"]);
  });
});
