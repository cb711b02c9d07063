import type { ContainerDefinition, ContainerOverride } from "@aws-sdk/client-ecs";
import type { Context } from "../../../kernel/context.ts";
import type { WorkloadId, WorkloadSpec } from "../../../runtime/workloads.ts";
import type { StoredTaskDefinition } from "../model.ts";
import { parseCpu, parseMemory } from "../task-definition/fargate.ts";
import { fileVariables } from "./environment-files.ts";
import { credentialsUri, metadataUri } from "./metadata-uris.ts";
import { runtimeId } from "./model.ts";
import type { Task, TaskContainer } from "./model.ts";
import { secretVariables } from "./secrets.ts";

type Scope = Pick<Context, "account" | "region">;

/** A container's workload. */
export function workloadOf({ account, region }: Scope, task: string, container: string): WorkloadId {
  return { service: "ecs", account, region, name: `${task}/${container}` };
}

/** Whose the task's address is, which its containers share. */
export function addressOwner({ account, region }: Scope, task: string): WorkloadId {
  return { service: "ecs", account, region, name: task };
}

/** Where containers that run on the host have their files. */
export function taskFolder(ctx: Context, task: string): string {
  return ctx.host.workspace("ecs", ctx.account, ctx.region, task);
}

const named = (variables: ContainerDefinition["environment"]): Record<string, string> =>
  Object.fromEntries((variables ?? []).map(({ name = "", value = "" }) => [name, value]));

/**
 * What an SDK needs to find Trysail and the task's role, and what ECS tells its containers.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html
 */
function given(ctx: Context, task: Task, container: TaskContainer, role: string | undefined): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: ctx.host.endpoint,
    AWS_REGION: ctx.region,
    AWS_DEFAULT_REGION: ctx.region,
    AWS_EXECUTION_ENV: task.launchType === "EC2" ? "AWS_ECS_EC2" : "AWS_ECS_FARGATE",
    // Neither the credentials of whoever runs Trysail nor those of the machine, should it be an instance itself.
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_CONFIG_FILE: "/dev/null",
    ECS_CONTAINER_METADATA_URI_V4: metadataUri(ctx, task.secretId, runtimeId(task, container)),
    ...(role !== undefined && {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: credentialsUri(ctx, task.secretId),
      AWS_CONTAINER_AUTHORIZATION_TOKEN: task.secretId,
    }),
  };
}

function limitsOf(task: Task, definition: ContainerDefinition, override: ContainerOverride) {
  const memoryMib = override.memory ?? definition.memory ?? parseMemory(task.memory ?? "");
  const cpu = parseCpu(task.cpu ?? "");
  return {
    ...(memoryMib !== undefined && { memoryMib }),
    ...(cpu !== undefined && { cpus: cpu / 1024 }),
  };
}

/** What is run for a container of a task. @throws CannotStart where a secret or a file of variables cannot be read */
export async function containerSpec(
  ctx: Context,
  task: Task,
  container: TaskContainer,
  { taskRoleArn, containerDefinitions }: StoredTaskDefinition["definition"],
): Promise<WorkloadSpec> {
  const definition = containerDefinitions.find(({ name }) => name === container.name) ?? {};
  const override = task.overrides.containerOverrides?.find(({ name }) => name === container.name) ?? {};
  const files = override.environmentFiles ?? definition.environmentFiles ?? [];
  const secrets = definition.secrets ?? [];
  const ports = (definition.portMappings ?? []).flatMap(({ containerPort, protocol = "tcp" }) =>
    containerPort === undefined || protocol !== "tcp" ? [] : [containerPort],
  );
  const environment = {
    ...given(ctx, task, container, task.overrides.taskRoleArn ?? taskRoleArn),
    ...(files.length > 0 && (await fileVariables(ctx, files))),
    ...named(definition.environment),
    ...(secrets.length > 0 && (await secretVariables(ctx, secrets))),
    ...named(override.environment),
  };
  const command = override.command ?? definition.command;
  return {
    id: workloadOf(ctx, task.id, container.name),
    program: {
      kind: "image",
      image: container.image,
      ...(definition.entryPoint !== undefined && { entryPoint: definition.entryPoint }),
      ...(command !== undefined && { command }),
      ...(definition.workingDirectory !== undefined && { workingDirectory: definition.workingDirectory }),
      ...(definition.user !== undefined && { user: definition.user }),
      ports,
      hostFolder: `${taskFolder(ctx, task.id)}/${container.name}`,
    },
    environment,
    ...(ports[0] !== undefined && { port: ports[0] }),
    addressOf: addressOwner(ctx, task.id),
    limits: limitsOf(task, definition, override),
  };
}
