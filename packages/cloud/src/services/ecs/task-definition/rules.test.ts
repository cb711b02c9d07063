import type { ContainerDefinition, RegisterTaskDefinitionCommandInput } from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import { isFargateSize, parseCpu, parseMemory } from "./fargate.ts";
import { registrationProblem } from "./rules.ts";

const app: ContainerDefinition = { name: "app", image: "node:22", memory: 128 };

const problemOf = (container: Partial<ContainerDefinition>, more: Partial<RegisterTaskDefinitionCommandInput> = {}) =>
  registrationProblem({ family: "app", containerDefinitions: [{ ...app, ...container }], ...more });

const fargate: Partial<RegisterTaskDefinitionCommandInput> = {
  requiresCompatibilities: ["FARGATE"],
  networkMode: "awsvpc",
  cpu: "256",
  memory: "512",
};

describe("a task definition", () => {
  it("may have the sizes that Fargate offers, and no others", () => {
    expect([256, 512, 1024, 2048].map((cpu) => isFargateSize(cpu, 2048))).toEqual([true, true, true, false]);
    expect(isFargateSize(8192, 17 * 1024)).toBe(false);
    expect(isFargateSize(8192, 20 * 1024)).toBe(true);
    expect([parseCpu("1 vCPU"), parseCpu(".25 vcpu"), parseCpu("x"), parseMemory("2 GB"), parseMemory("512")]).toEqual([
      1024,
      256,
      undefined,
      2048,
      512,
    ]);
  });

  it("is taken where it is right", () => {
    expect(problemOf({})).toBeUndefined();
    expect(problemOf({ memory: undefined }, { ...fargate })).toBeUndefined();
  });

  it("is refused with AWS's words where it is not", () => {
    const cases: [string | undefined, string | RegExp][] = [
      [problemOf({ name: "a b" }), "Container.name contains invalid characters."],
      [problemOf({ memory: undefined }), /^Invalid setting for container 'app'\. At least one of 'memory'/],
      [problemOf({ essential: false }), "Task definition must have at least one essential container."],
      [
        problemOf({ portMappings: [{ containerPort: 80, hostPort: 8080 }] }, { networkMode: "awsvpc" }),
        "When networkMode=awsvpc, the host ports and container ports in port mappings must match.",
      ],
      [
        problemOf({ logConfiguration: { logDriver: "awslogs", options: {} } }),
        "Log driver awslogs requires options: awslogs-region, awslogs-group",
      ],
      [problemOf({ logConfiguration: { logDriver: "fluentd" } }), /log driver awslogs in place of fluentd/],
      [problemOf({ healthCheck: { command: ["curl"] } }), /must begin with CMD or CMD-SHELL/],
      [problemOf({ mountPoints: [{ sourceVolume: "x" }] }), /mounts no volumes/],
      [problemOf({ extraHosts: [{ hostname: "db", ipAddress: "127.0.0.1" }] }), /leave out extraHosts/],
      [problemOf({ secrets: [{ name: "X", valueFrom: "x" }] }), /must also specify a value for 'executionRoleArn'/],
      [problemOf({ dependsOn: [{ containerName: "app", condition: "START" }] }), /must not contain a cycle/],
      [problemOf({ cpu: 512 }, { cpu: "256" }), /^The sum of all container 'cpu' values/],
      [problemOf({}, { ...fargate, networkMode: "bridge" }), /network mode ‘awsvpc’/],
      [
        problemOf({}, { ...fargate, memory: "4096" }),
        "No Fargate configuration exists for given values: 256 CPU, 4096 memory. See the Amazon ECS documentation for the valid values.",
      ],
    ];
    for (const [problem, expected] of cases)
      expect(problem).toEqual(typeof expected === "string" ? expected : expect.stringMatching(expected));
  });
});
