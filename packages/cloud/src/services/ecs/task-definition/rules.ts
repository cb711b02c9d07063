import type { ContainerDefinition, RegisterTaskDefinitionCommandInput } from "@aws-sdk/client-ecs";
import { containerProblem, firstProblem, problemAmong } from "./container-rules.ts";
import type { Problem } from "./container-rules.ts";
import { dependencyProblem } from "./dependencies.ts";
import { isFargateSize, parseCpu, parseMemory } from "./fargate.ts";

type Registration = RegisterTaskDefinitionCommandInput;

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

function sizeProblem(input: Registration, containers: readonly ContainerDefinition[]): Problem {
  const cpu = input.cpu === undefined ? undefined : parseCpu(input.cpu);
  const memory = input.memory === undefined ? undefined : parseMemory(input.memory);
  if (input.cpu !== undefined && cpu === undefined) return "Invalid 'cpu' setting for task.";
  if (input.memory !== undefined && memory === undefined) return "Invalid 'memory' setting for task.";
  const unsized = containers.find(
    (container) => container.memory === undefined && container.memoryReservation === undefined,
  );
  if (memory === undefined && unsized !== undefined)
    return `Invalid setting for container '${unsized.name}'. At least one of 'memory' or 'memoryReservation' must be specified.`;
  if (cpu !== undefined && sum(containers.map((container) => container.cpu ?? 0)) > cpu)
    return "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.";
  if (memory === undefined) return undefined;
  if (containers.some((container) => (container.memory ?? 0) > memory))
    return "Invalid 'memory' setting for container. The value of 'memory' cannot be greater than the value of the task 'memory'.";
  if (sum(containers.map((container) => container.memoryReservation ?? container.memory ?? 0)) > memory)
    return "The sum of all container 'memory' values cannot be greater than the value of the task 'memory'.";
  return undefined;
}

/** What keeps a task definition from running on Fargate. */
export function fargateProblem(input: Registration): Problem {
  const containers = input.containerDefinitions ?? [];
  const cpu = parseCpu(input.cpu ?? "");
  const memory = parseMemory(input.memory ?? "");
  const role = input.executionRoleArn;
  return firstProblem(
    () => (input.networkMode === "awsvpc" ? undefined : "Fargate only supports network mode ‘awsvpc’."),
    () => (input.cpu === undefined ? "Fargate requires that 'cpu' be defined at the task level." : undefined),
    () => (input.memory === undefined ? "Fargate requires that 'memory' be defined at the task level." : undefined),
    () =>
      cpu !== undefined && memory !== undefined && isFargateSize(cpu, memory)
        ? undefined
        : `No Fargate configuration exists for given values: ${cpu} CPU, ${memory} memory. See the Amazon ECS documentation for the valid values.`,
    () => (input.ipcMode === undefined ? undefined : "Tasks using the Fargate launch type do not support ipcMode."),
    () =>
      input.pidMode === "host" ? "Fargate compatible task definitions do not support the host pidMode." : undefined,
    () =>
      (input.placementConstraints ?? []).length > 0
        ? "Fargate compatible task definitions do not support placementConstraints"
        : undefined,
    () =>
      problemAmong(containers, (container) => {
        for (const [name, isSet] of [
          ["privileged", container.privileged === true],
          ["links", (container.links ?? []).length > 0],
          ["dnsServers", (container.dnsServers ?? []).length > 0],
          ["dnsSearchDomains", (container.dnsSearchDomains ?? []).length > 0],
          ["extraHosts", (container.extraHosts ?? []).length > 0],
          ["dockerSecurityOptions", (container.dockerSecurityOptions ?? []).length > 0],
          ["disableNetworking", container.disableNetworking === true],
          ["devices", (container.linuxParameters?.devices ?? []).length > 0],
          ["sharedMemorySize", container.linuxParameters?.sharedMemorySize !== undefined],
        ] as const)
          if (isSet) return `Fargate compatible task definitions do not support ${name}`;
        for (const [name, value] of [
          ["startTimeout", container.startTimeout],
          ["stopTimeout", container.stopTimeout],
        ] as const)
          if (value !== undefined && value > 120) return `Fargate tasks support a ${name} of at most 120 seconds.`;
        if (
          container.logConfiguration?.options?.["awslogs-stream-prefix"] === undefined &&
          container.logConfiguration !== undefined
        )
          return "Fargate requires the option awslogs-stream-prefix for log driver awslogs";
        if (role === undefined && container.logConfiguration !== undefined)
          return "Fargate requires task definition to have execution role ARN to support log driver awslogs.";
        if (role === undefined && /\.dkr\.ecr\.[^/]+\.amazonaws\.com/.test(container.image ?? ""))
          return "Fargate requires task definition to have execution role ARN to support ECR images.";
        return undefined;
      }),
  );
}

/** What Trysail does not do, and AWS would. */
function refusal(input: Registration): Problem {
  if ((input.inferenceAccelerators ?? []).length > 0) return "Trysail has no inference accelerators: leave them out.";
  if (input.proxyConfiguration !== undefined)
    return "Trysail runs no proxies beside tasks: leave out proxyConfiguration.";
  if (input.enableFaultInjection === true)
    return "Trysail injects no faults through ECS: leave out enableFaultInjection.";
  if ((input.volumes ?? []).length > 0) return "Trysail mounts no volumes: leave out volumes.";
  if (input.runtimePlatform?.operatingSystemFamily?.startsWith("WINDOWS") === true)
    return "Trysail runs tasks on this machine: the operating system family must be LINUX.";
  return undefined;
}

/**
 * What is wrong with a registration, in AWS's words where they are known.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
 */
export function registrationProblem(input: Registration): Problem {
  const { family = "", containerDefinitions: containers = [], networkMode = "bridge" } = input;
  return firstProblem(
    () => (family === "" ? "Family should not be null or empty." : undefined),
    () => (/^[A-Za-z0-9_-]{1,255}$/.test(family) ? undefined : "Family contains invalid characters."),
    () => (containers.length === 0 ? "Container list cannot be empty." : undefined),
    () => (containers.length > 10 ? "Number of containers must be less than or equal to 10." : undefined),
    () => problemAmong(containers, (container) => containerProblem(container, networkMode)),
    () =>
      new Set(containers.map(({ name }) => name)).size < containers.length
        ? "Container.name must be unique within the task definition."
        : undefined,
    () =>
      containers.every(({ essential }) => essential === false)
        ? "Task definition must have at least one essential container."
        : undefined,
    () => dependencyProblem(containers),
    () =>
      input.executionRoleArn === undefined && containers.some(({ secrets = [] }) => secrets.length > 0)
        ? "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."
        : undefined,
    () => refusal(input),
    () => (input.requiresCompatibilities?.includes("FARGATE") === true ? fargateProblem(input) : undefined),
    () => sizeProblem(input, containers),
  );
}
