import type { Compatibility, ContainerDefinition, RegisterTaskDefinitionCommandInput } from "@aws-sdk/client-ecs";
import type { StoredTaskDefinition } from "../model.ts";
import { parseCpu, parseMemory } from "./fargate.ts";
import { fargateProblem } from "./rules.ts";

type Definition = StoredTaskDefinition["definition"];

function completeContainer(container: ContainerDefinition, mode: string): ContainerDefinition {
  const { healthCheck: check, portMappings = [] } = container;
  return {
    ...container,
    cpu: container.cpu ?? 0,
    essential: container.essential ?? true,
    environment: container.environment ?? [],
    mountPoints: container.mountPoints ?? [],
    volumesFrom: container.volumesFrom ?? [],
    systemControls: container.systemControls ?? [],
    portMappings: portMappings.map((mapping) => ({
      ...mapping,
      hostPort: mapping.hostPort ?? (mode === "awsvpc" || mode === "host" ? mapping.containerPort : 0),
      protocol: mapping.protocol ?? "tcp",
    })),
    ...(check !== undefined && {
      healthCheck: {
        ...check,
        interval: check.interval ?? 30,
        timeout: check.timeout ?? 5,
        retries: check.retries ?? 3,
      },
    }),
  };
}

function compatibilities(input: RegisterTaskDefinitionCommandInput): Compatibility[] {
  return fargateProblem(input) === undefined ? ["EC2", "FARGATE"] : ["EC2"];
}

/** A registration with AWS's defaults filled in, as DescribeTaskDefinition gives it back. */
export function completeDefinition(
  input: RegisterTaskDefinitionCommandInput,
  made: Pick<Definition, "family" | "revision" | "taskDefinitionArn" | "registeredBy"> & {
    readonly registeredAt: Date;
  },
): Definition {
  const mode = input.networkMode ?? "bridge";
  const cpu = parseCpu(input.cpu ?? "");
  const memory = parseMemory(input.memory ?? "");
  return {
    ...made,
    status: "ACTIVE",
    containerDefinitions: (input.containerDefinitions ?? []).map((container) => completeContainer(container, mode)),
    networkMode: mode,
    volumes: [],
    placementConstraints: input.placementConstraints ?? [],
    compatibilities: compatibilities(input),
    ...(input.taskRoleArn !== undefined && { taskRoleArn: input.taskRoleArn }),
    ...(input.executionRoleArn !== undefined && { executionRoleArn: input.executionRoleArn }),
    ...(input.requiresCompatibilities !== undefined && { requiresCompatibilities: input.requiresCompatibilities }),
    ...(cpu !== undefined && { cpu: String(cpu) }),
    ...(memory !== undefined && { memory: String(memory) }),
    ...(input.pidMode !== undefined && { pidMode: input.pidMode }),
    ...(input.ipcMode !== undefined && { ipcMode: input.ipcMode }),
    ...(input.ephemeralStorage !== undefined && { ephemeralStorage: input.ephemeralStorage }),
    ...(input.runtimePlatform !== undefined && { runtimePlatform: input.runtimePlatform }),
  };
}
