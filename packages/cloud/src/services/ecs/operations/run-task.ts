import { createHash } from "node:crypto";
import type { ContainerOverride, TaskOverride } from "@aws-sdk/client-ecs";
import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import type { Input } from "../../../kernel/sdk-types.ts";
import type { Tags } from "../../../kernel/tags.ts";
import { clusterArn } from "../arns.ts";
import { errors } from "../errors.ts";
import type { StoredTaskDefinition } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { tables, usableDefinition } from "../store.ts";
import { readTags } from "../tags.ts";
import { isFargateSize, parseCpu, parseMemory } from "../task-definition/fargate.ts";
import { newTask } from "../tasks/create.ts";
import { describeTask } from "../tasks/describe.ts";
import type { Task } from "../tasks/model.ts";
import { launchOf, leastUsed, nextProvider, placesOf } from "../tasks/placement.ts";
import { addTask } from "../tasks/save.ts";
import { clusterForUse } from "./clusters.ts";

/** How long a client token is remembered. @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html */
const tokenKeptMs = 86_400_000;

type RunTaskInput = Input<Sdk, "runTask">;

/** @throws AwsError `InvalidParameterException`, `ClientException` */
export function checkOverrides(
  { containerDefinitions, compatibilities = [] }: StoredTaskDefinition["definition"],
  overrides: TaskOverride | undefined,
): void {
  const names = new Set(containerDefinitions.map(({ name }) => name));
  for (const { name, resourceRequirements = [] } of overrides?.containerOverrides ?? ([] as ContainerOverride[])) {
    if (!names.has(name))
      throw errors.InvalidParameterException(
        `Override for container named ${name} is not a container in the TaskDefinition.`,
      );
    if (resourceRequirements.length > 0)
      throw errors.InvalidParameterException("Trysail has no GPUs or accelerators: leave out resourceRequirements.");
  }
  if ((overrides?.inferenceAcceleratorOverrides ?? []).length > 0)
    throw errors.InvalidParameterException("Trysail has no inference accelerators: leave out their overrides.");
  const { cpu, memory } = overrides ?? {};
  if (cpu !== undefined && parseCpu(cpu) === undefined) throw errors.ClientException("Invalid 'cpu' setting for task.");
  if (memory !== undefined && parseMemory(memory) === undefined)
    throw errors.ClientException("Invalid 'memory' setting for task.");
  if (cpu !== undefined && memory !== undefined && compatibilities.includes("FARGATE")) {
    if (!isFargateSize(parseCpu(cpu) ?? 0, parseMemory(memory) ?? 0))
      throw errors.ClientException(
        `No Fargate configuration exists for given values: ${cpu} CPU, ${memory} memory. See the Amazon ECS documentation for the valid values.`,
      );
  }
}

function checkInput(input: RunTaskInput): void {
  const { count = 1, group, startedBy, clientToken } = input;
  if (count < 1 || count > 10) throw errors.InvalidParameterException("Task count must be between 1 and 10.");
  if (group?.startsWith("service:") === true || group?.startsWith("family:") === true)
    throw errors.InvalidParameterException("Invalid namespace for group.");
  if (startedBy !== undefined && startedBy.length > 128)
    throw errors.InvalidParameterException("startedBy must be at most 128 characters long.");
  if (clientToken !== undefined && !/^[!-~]{1,64}$/.test(clientToken))
    throw errors.InvalidParameterException("clientToken must have between 1 and 64 ASCII characters.");
  if ((input.volumeConfigurations ?? []).length > 0)
    throw errors.InvalidParameterException("Trysail mounts no volumes: leave out volumeConfigurations.");
  if (input.propagateTags === "SERVICE")
    throw errors.InvalidParameterException("A task that no service starts has no service's tags to propagate.");
}

/** The tags of a task: those given, on top of the task definition's where they are to be propagated. */
function tagsOf(ctx: Context, input: RunTaskInput, cluster: string, definitionTags: Tags): Tags {
  return readTags(input.tags, {
    ...(input.enableECSManagedTags === true && { "aws:ecs:clusterName": cluster }),
    ...(input.propagateTags === "TASK_DEFINITION" && definitionTags),
  });
}

/** The tasks that the same request has started already. @throws AwsError `ConflictException` */
function repeated(ctx: Context, key: string | undefined, request: string): readonly Task[] | undefined {
  const before = key === undefined ? undefined : ctx.table(tables.clientTokens).get(key);
  if (before === undefined || ctx.now >= before.at + tokenKeptMs) return undefined;
  if (before.request !== request)
    throw errors.ConflictException("The client token was used before, with other parameters.", {
      resourceIds: [...before.tasks],
    });
  return before.tasks.flatMap((id) => ctx.table(tables.tasks).get(id) ?? []);
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html */
export const runTask: Handler<Sdk, "runTask"> = async (ctx, input) => {
  checkInput(input);
  const cluster = clusterForUse(ctx, input.cluster);
  const { clientToken, ...parameters } = input;
  const tokenKey = clientToken === undefined ? undefined : `${cluster.name}/${clientToken}`;
  const request = createHash("sha256").update(JSON.stringify(parameters)).digest("hex");
  const { definition, tags } = usableDefinition(ctx, input.taskDefinition);
  checkOverrides(definition, input.overrides);
  const { launchType, strategy } = launchOf(cluster, definition, input);
  const places = await placesOf(ctx, definition, input.networkConfiguration);
  const tasks = ctx.transaction(() => {
    const before = repeated(ctx, tokenKey, request);
    if (before !== undefined) return before;
    const made: Task[] = [];
    for (let index = 0; index < (input.count ?? 1); index += 1) {
      const task = newTask(ctx, {
        cluster: cluster.name,
        definition,
        group: input.group ?? `family:${definition.family}`,
        startedBy: input.startedBy,
        service: undefined,
        launchType: launchType ?? "FARGATE",
        capacityProvider: nextProvider(
          strategy,
          made.map(({ capacityProvider }) => capacityProvider),
        ),
        overrides: input.overrides ?? {},
        enableExecuteCommand: input.enableExecuteCommand ?? false,
        tags: tagsOf(ctx, input, cluster.name, tags),
        place: leastUsed(
          places,
          made.map(({ zone }) => zone),
        ),
      });
      addTask(ctx, task);
      made.push(task);
    }
    if (tokenKey !== undefined)
      ctx.table(tables.clientTokens).put(tokenKey, { tasks: made.map(({ id }) => id), request, at: ctx.now });
    return made;
  });
  return { tasks: tasks.map((task) => describeTask(ctx, task, { tags: true })), failures: [] };
};

/** Nothing can be started on container instances: there are none. @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StartTask.html */
export const startTask: Handler<Sdk, "startTask"> = (ctx, input) => {
  const cluster = clusterForUse(ctx, input.cluster);
  usableDefinition(ctx, input.taskDefinition);
  return {
    tasks: [],
    failures: input.containerInstances.map((name) => ({
      arn: name.startsWith("arn:")
        ? name
        : clusterArn(ctx, cluster.name).replace(":cluster/", ":container-instance/").concat(`/${name}`),
      reason: "MISSING",
    })),
  };
};
