import { expect, it } from "vitest";
import { endedTargets } from "./ended-targets.ts";
import type { TaskContainer } from "./model.ts";

const container = (name: string, isRunning: boolean): TaskContainer => {
  const named = { name, id: name, image: "image" };
  return isRunning
    ? { ...named, status: "RUNNING", startedAt: 0, health: "UNKNOWN" }
    : { ...named, status: "STOPPED", exitCode: 1 };
};
const containers = (web: boolean, helper: boolean) => [container("web", web), container("helper", helper)];
const task = {
  containers: containers(true, true),
  registered: [{ targetGroupArn: "group", id: "127.1.0.1", port: 80 }],
  service: {
    name: "service",
    deployment: "deployment",
    targetGroups: [{ targetGroupArn: "group", containerName: "web", containerPort: 80 }],
  },
};

it.each([
  ["runs on", { containers: containers(true, true) }, []],
  ["has lost its container that serves", { containers: containers(false, true) }, ["127.1.0.1"]],
  ["has lost another container", { containers: containers(true, false) }, []],
])("takes the targets of a task that %s out of use: %j leaves without service %j", (_, after, addresses) => {
  expect(endedTargets(task, after)).toEqual(addresses);
});

it("tells of an end once", () => {
  const after = { ...task, containers: containers(false, false) };
  expect(endedTargets(after, after)).toEqual([]);
});
