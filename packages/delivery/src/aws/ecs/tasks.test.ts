import type { Task } from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import { instanceOf, toldOf } from "./tasks.ts";

const task = (lastStatus: string, more: Task = {}): Task => ({
  taskArn: `arn:aws:ecs:us-east-1:000000000000:task/services/${lastStatus.toLowerCase()}`,
  lastStatus,
  desiredStatus: "RUNNING",
  attachments: [
    { type: "ServiceConnect", details: [] },
    {
      type: "ElasticNetworkInterface",
      details: [
        { name: "subnetId", value: "subnet-01" },
        { name: "privateIPv4Address", value: "10.0.0.7" },
      ],
    },
  ],
  ...more,
});

describe("a task", () => {
  it.each([
    ["PROVISIONING", "starting"],
    ["PENDING", "starting"],
    ["ACTIVATING", "starting"],
    ["RUNNING", "running"],
    ["DEACTIVATING", "ending"],
    ["STOPPING", "ending"],
    ["DEPROVISIONING", "ending"],
    ["STOPPED", "ending"],
    ["DELETED", "ending"],
  ])("in %s is %s", (status, lifecycle) => {
    expect(instanceOf(task(status), false).lifecycle).toBe(lifecycle);
  });

  it("is known to its target group by its address, as long as that is its own", () => {
    expect(instanceOf(task("RUNNING"), false)).toMatchObject({ id: "running", target: "10.0.0.7" });
    expect(instanceOf(task("PROVISIONING", { attachments: [] }), false).target).toBeUndefined();
    expect(instanceOf(task("STOPPED"), false).target).toBeUndefined();
  });

  it("that runs is ending once it is to stop", () => {
    expect(instanceOf(task("RUNNING", { desiredStatus: "STOPPED" }), false)).toMatchObject({
      lifecycle: "ending",
      isHealthy: false,
    });
  });

  it.each([
    ["HEALTHY", true, true],
    ["UNKNOWN", true, false],
    ["UNKNOWN", false, true],
    ["UNHEALTHY", true, false],
  ] as const)("whose health is %s, and that is checked: %s, is healthy: %s", (healthStatus, isChecked, isHealthy) => {
    expect(instanceOf(task("RUNNING", { healthStatus }), isChecked).isHealthy).toBe(isHealthy);
  });

  it("tells why it ended, once", () => {
    const ended = (stoppedReason: string, container: object) =>
      instanceOf(task("STOPPED", { stoppedReason, containers: [{ name: "app", ...container }] }), false).reason;
    expect(ended("Essential container in task exited", { exitCode: 137 })).toBe(
      "Essential container in task exited; app: exit code 137",
    );
    expect(ended("Scaling activity initiated by deployment 1", { exitCode: 0 })).toBe(
      "Scaling activity initiated by deployment 1",
    );
    expect(ended("CannotPullContainerError: none", { reason: "CannotPullContainerError: none" })).toBe(
      "CannotPullContainerError: none",
    );
  });
});

describe("of a group's tasks", () => {
  const minute = 60_000;
  const stopped = (name: string, at: number): Task => ({
    ...task("STOPPED"),
    taskArn: name,
    stoppedAt: new Date(at),
  });
  const named = (tasks: readonly Task[]) => tasks.map(({ taskArn }) => taskArn);

  it("those that stopped within a minute are told of, the newest, and as many as are wanted", () => {
    const tasks = [stopped("old", 1_000), stopped("older", 500), stopped("new", minute), task("RUNNING")];
    expect(named(toldOf(tasks, 2, minute + 900))).toEqual([task("RUNNING").taskArn, "new", "old"]);
    expect(named(toldOf(tasks, 2, minute + 1_000))).toEqual([task("RUNNING").taskArn, "new"]);
  });

  it("none that has stopped is there where none is wanted, and what is on its way is", () => {
    const tasks = [stopped("new", minute), task("DEACTIVATING")];
    expect(named(toldOf(tasks, 0, minute))).toEqual([task("DEACTIVATING").taskArn]);
  });
});
