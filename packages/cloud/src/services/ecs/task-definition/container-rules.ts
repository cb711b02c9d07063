import type { ContainerDefinition, NetworkMode } from "@aws-sdk/client-ecs";

/** What is wrong with something, in AWS's words; undefined if nothing is. */
export type Problem = string | undefined;

/** The first problem of several rules, which are asked in order. */
export function firstProblem(...rules: readonly (() => Problem)[]): Problem {
  for (const rule of rules) {
    const problem = rule();
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** The first problem of several things. */
export function problemAmong<T>(things: readonly T[], rule: (thing: T) => Problem): Problem {
  return firstProblem(...things.map((thing) => () => rule(thing)));
}

const nameForm = /^[A-Za-z0-9_-]{1,255}$/;

/** The options that the awslogs driver knows. @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html */
const logOptions: ReadonlySet<string> = new Set([
  "awslogs-create-group",
  "awslogs-group",
  "awslogs-region",
  "awslogs-stream-prefix",
  "max-buffer-size",
  "mode",
]);

function logProblem({ logConfiguration: log }: ContainerDefinition): Problem {
  if (log === undefined) return undefined;
  if (log.logDriver !== "awslogs")
    return `Trysail sends what containers write to CloudWatch Logs: use the log driver awslogs in place of ${log.logDriver}.`;
  if ((log.secretOptions ?? []).length > 0) return "Log driver awslogs disallows secretOptions.";
  const options = log.options ?? {};
  if (options["awslogs-region"] === undefined || options["awslogs-group"] === undefined)
    return "Log driver awslogs requires options: awslogs-region, awslogs-group";
  for (const name of ["awslogs-datetime-format", "awslogs-multiline-pattern"])
    if (options[name] !== undefined) return `Trysail sends each line as an event of its own: leave out ${name}.`;
  const unknown = Object.keys(options).filter((name) => !logOptions.has(name));
  return unknown.length > 0 ? `Log driver awslogs disallows options: ${unknown.join(", ")}` : undefined;
}

function portProblem({ portMappings = [] }: ContainerDefinition, mode: NetworkMode): Problem {
  return problemAmong(portMappings, ({ containerPort, hostPort, containerPortRange, protocol = "tcp" }) => {
    if (containerPortRange !== undefined)
      return "Trysail maps single ports: give containerPort in place of containerPortRange.";
    if (containerPort === undefined || containerPort < 1 || containerPort > 65_535)
      return "Invalid 'containerPort' setting for container. The port must be between 1 and 65535.";
    if (protocol !== "tcp" && protocol !== "udp") return "Port mapping protocol must be one of: tcp, udp.";
    if (
      (mode === "awsvpc" || mode === "host") &&
      hostPort !== undefined &&
      hostPort !== 0 &&
      hostPort !== containerPort
    )
      return `When networkMode=${mode}, the host ports and container ports in port mappings must match.`;
    return undefined;
  });
}

function healthCheckProblem({ healthCheck: check }: ContainerDefinition): Problem {
  if (check === undefined) return undefined;
  const [kind, ...rest] = check.command ?? [];
  if (kind !== "CMD" && kind !== "CMD-SHELL") return "Container health check command must begin with CMD or CMD-SHELL.";
  if (rest.length === 0 || (kind === "CMD-SHELL" && rest.length > 1))
    return `Container health check command is invalid: ${kind} must be followed by ${kind === "CMD" ? "a command and its arguments" : "one string"}.`;
  const limits = { interval: [5, 300], timeout: [2, 60], retries: [1, 10], startPeriod: [0, 300] } as const;
  for (const name of ["interval", "timeout", "retries", "startPeriod"] as const) {
    const [least, most] = limits[name];
    const value = check[name];
    if (value !== undefined && (value < least || value > most))
      return `Container health check ${name} must be between ${least} and ${most}.`;
  }
  return undefined;
}

/** What Trysail does not do for a container, and AWS would. */
function refusal(container: ContainerDefinition): Problem {
  const named = `container '${container.name}'`;
  if ((container.mountPoints ?? []).length > 0 || (container.volumesFrom ?? []).length > 0)
    return `Trysail mounts no volumes: leave out mountPoints and volumesFrom of ${named}.`;
  if (container.firelensConfiguration !== undefined)
    return `Trysail runs no log routers: leave out firelensConfiguration of ${named}.`;
  if ((container.resourceRequirements ?? []).length > 0)
    return `Trysail has no GPUs or accelerators: leave out resourceRequirements of ${named}.`;
  if ((container.credentialSpecs ?? []).length > 0)
    return `Trysail knows no credential specs: leave out credentialSpecs of ${named}.`;
  if (container.repositoryCredentials !== undefined)
    return `Trysail pulls with the container engine's own credentials: leave out repositoryCredentials of ${named}.`;
  for (const name of ["dnsServers", "dnsSearchDomains", "extraHosts"] as const)
    if ((container[name] ?? []).length > 0)
      return `Trysail's containers find names as this machine does: leave out ${name} of ${named}.`;
  if (container.disableNetworking === true)
    return `Trysail's containers share this machine's network: leave out disableNetworking of ${named}.`;
  if ((container.linuxParameters?.devices ?? []).length > 0)
    return `Trysail gives no devices to containers: leave out devices of ${named}.`;
  return undefined;
}

function sizeProblem({ name, cpu = 0, memory, memoryReservation }: ContainerDefinition): Problem {
  if (cpu < 0) return `Invalid 'cpu' setting for container '${name}'.`;
  for (const value of [memory, memoryReservation])
    if (value !== undefined && value < 6)
      return `Invalid setting for container '${name}'. The minimum value for memory is 6 MiB.`;
  if (memory !== undefined && memoryReservation !== undefined && memoryReservation > memory)
    return `Invalid setting for container '${name}'. 'memoryReservation' must be less than or equal to 'memory'.`;
  return undefined;
}

function textProblem(container: ContainerDefinition): Problem {
  const { name, environment = [], environmentFiles = [], secrets = [] } = container;
  if (environment.some((variable) => (variable.name ?? "") === ""))
    return `Invalid environment of container '${name}': a variable's name must not be empty.`;
  if (environmentFiles.length > 10) return "A container can have at most 10 environment files.";
  const badFile = environmentFiles.find(
    ({ type, value }) => type !== "s3" || !/^arn:[^:]+:s3:::[^/]+\/.+$/.test(value ?? ""),
  );
  if (badFile !== undefined) return `Invalid environment file ARN: ${badFile.value}`;
  if (secrets.some((secret) => (secret.name ?? "") === "" || (secret.valueFrom ?? "") === ""))
    return `Invalid secrets of container '${name}': name and valueFrom must not be empty.`;
  const names = new Set(environment.map((variable) => variable.name));
  const twice = secrets.find((secret) => names.has(secret.name));
  if (twice !== undefined)
    return `The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '${twice.name}'.`;
  return undefined;
}

function restartProblem({ name, restartPolicy: policy }: ContainerDefinition): Problem {
  if (policy === undefined) return undefined;
  const { restartAttemptPeriod: seconds, ignoredExitCodes = [] } = policy;
  if (seconds !== undefined && (seconds < 60 || seconds > 1800))
    return `Invalid restartPolicy of container '${name}': restartAttemptPeriod must be between 60 and 1800 seconds.`;
  if (ignoredExitCodes.length > 50)
    return `Invalid restartPolicy of container '${name}': at most 50 exit codes can be ignored.`;
  return undefined;
}

/** The rules that each container has to keep by itself. */
export function containerProblem(container: ContainerDefinition, mode: NetworkMode): Problem {
  const { name = "", image = "", startTimeout, stopTimeout } = container;
  return firstProblem(
    () => (name === "" ? "Container.name should not be null or empty." : undefined),
    () => (nameForm.test(name) ? undefined : "Container.name contains invalid characters."),
    () => (image === "" ? "Container.image should not be null or empty." : undefined),
    () => (/\s/.test(image) ? "Container.image contains invalid characters." : undefined),
    () => sizeProblem(container),
    () => portProblem(container, mode),
    () => textProblem(container),
    () => logProblem(container),
    () => healthCheckProblem(container),
    () => restartProblem(container),
    () =>
      startTimeout !== undefined && startTimeout < 2 ? "Container startTimeout must be at least 2 seconds." : undefined,
    () =>
      stopTimeout !== undefined && stopTimeout < 2 ? "Container stopTimeout must be at least 2 seconds." : undefined,
    () => refusal(container),
  );
}
