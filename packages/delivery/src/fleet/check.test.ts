import { describe, expect, it } from "vitest";
import { checkFleet } from "./check.ts";

const capacity = { min: 1, desired: 2, max: 4 };
const autoScaling = {
  kind: "auto-scaling",
  launchTemplate: { id: "lt-01", version: "3" },
  subnets: ["subnet-01"],
  healthCheckGraceSeconds: 60,
};
const ecs = {
  kind: "ecs",
  cluster: "services",
  taskDefinition: "playback:7",
  container: "app",
  port: 8080,
  subnets: ["subnet-01"],
  securityGroups: ["sg-01"],
  assignPublicIp: false,
  healthCheckGraceSeconds: 60,
};
const attachment = { kind: "attachment", targetGroups: ["arn:1"] };
const weight = { kind: "weight", listener: "arn:2", targetGroup: "arn:1" };

const check = (fleet: unknown) => checkFleet(JSON.stringify(fleet), "the parameter");

describe("a fleet's parameter", () => {
  it.each([
    { version: 1, capacity, compute: autoScaling },
    { version: 1, capacity, compute: autoScaling, traffic: attachment },
    { version: 1, capacity, compute: autoScaling, traffic: weight },
    { version: 1, capacity, compute: ecs, traffic: weight },
    {
      version: 1,
      capacity: { min: 0, desired: 0, max: 0 },
      compute: { ...autoScaling, launchTemplate: { id: "lt-01", version: "$Default" } },
    },
  ])("is read as it is: %j", (fleet) => {
    expect(check(fleet)).toEqual(fleet);
  });

  it.each([
    ["it must be an object", []],
    ["version must be 1", { version: 2, capacity, compute: autoScaling }],
    ["capacity must be an object", { version: 1, compute: autoScaling }],
    ["capacity.max must be a whole number from 0", { version: 1, capacity: { min: 0, desired: 1, max: 1.5 } }],
    ["capacity.min must be a whole number from 0", { version: 1, capacity: { min: -1, desired: 1, max: 1 } }],
    ["capacity.desired must be from capacity.min to capacity.max", { version: 1, capacity: { ...capacity, max: 1 } }],
    ["compute must be an object", { version: 1, capacity }],
    ['compute.kind must be "auto-scaling" or "ecs"', { version: 1, capacity, compute: { kind: "lambda" } }],
    [
      "compute.launchTemplate.id must be a text",
      { version: 1, capacity, compute: { ...autoScaling, launchTemplate: { id: "", version: "1" } } },
    ],
    [
      'compute.launchTemplate.version must be a number or "$Default"',
      { version: 1, capacity, compute: { ...autoScaling, launchTemplate: { id: "lt-01", version: "$Latest" } } },
    ],
    [
      "compute.subnets must be a list of texts",
      { version: 1, capacity, compute: { ...autoScaling, subnets: "subnet-01" } },
    ],
    [
      "compute.taskDefinition must name a revision",
      { version: 1, capacity, compute: { ...ecs, taskDefinition: "playback" } },
    ],
    ["compute.port must be a whole number from 0", { version: 1, capacity, compute: { ...ecs, port: "8080" } }],
    [
      "compute.assignPublicIp must be true or false",
      { version: 1, capacity, compute: { ...ecs, assignPublicIp: "DISABLED" } },
    ],
    [
      'traffic.kind must be "attachment" or "weight"',
      { version: 1, capacity, compute: autoScaling, traffic: { kind: "dns" } },
    ],
    [
      "traffic.targetGroups must name one target group at least",
      { version: 1, capacity, compute: autoScaling, traffic: { kind: "attachment", targetGroups: [] } },
    ],
    [
      "traffic.listener must be a text",
      { version: 1, capacity, compute: autoScaling, traffic: { ...weight, listener: 2 } },
    ],
    ['traffic.kind must be "weight" with ECS', { version: 1, capacity, compute: ecs, traffic: attachment }],
  ])("with a mistake is refused, and the field is named: %s", (message, fleet) => {
    expect(() => check(fleet)).toThrow(`In the parameter, ${message}`);
  });

  it("that is not JSON is refused", () => {
    expect(() => checkFleet("capacity: 2", "the parameter")).toThrow("What is in the parameter is not JSON.");
  });
});
