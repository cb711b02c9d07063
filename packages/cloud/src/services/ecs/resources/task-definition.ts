import { isAwsError } from "../../../kernel/errors.ts";
import { isMadeFor } from "../../../kernel/resource.ts";
import type { ResourceType } from "../../../kernel/resource.ts";
import type { Input } from "../../../kernel/sdk-types.ts";
import type { Sdk } from "../sdk.ts";
import { tagMembers, toMembers } from "./members.ts";
import { retag } from "./retag.ts";

const supported = [
  "ContainerDefinitions",
  "Cpu",
  "EnableFaultInjection",
  "EphemeralStorage",
  "ExecutionRoleArn",
  "Family",
  "InferenceAccelerators",
  "IpcMode",
  "Memory",
  "NetworkMode",
  "PidMode",
  "PlacementConstraints",
  "ProxyConfiguration",
  "RequiresCompatibilities",
  "RuntimePlatform",
  "TaskRoleArn",
  "Volumes",
] as const;

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-taskdefinition.html */
export const taskDefinition: ResourceType = {
  properties: [...supported, "Tags"],
  replacedBy: supported,

  async create(ctx, { Tags: tags, ...properties }, request) {
    const { Family: given } = properties;
    const family = typeof given === "string" ? given : request.generatedName().replaceAll(/[^A-Za-z0-9_-]/g, "");
    // A registration has no token: one that an earlier attempt has made tells so by its tags, and is the latest.
    const before = await latest(ctx, family);
    const own = (before?.tags ?? []).map(({ key, value }) => ({ Key: key, Value: value }));
    const marks = [...request.tags, { Key: attempt, Value: request.token }];
    if (
      before !== undefined &&
      isMadeFor(request, own) &&
      own.some(({ Key, Value }) => Key === attempt && Value === request.token)
    )
      return done(before.taskDefinitionArn);
    const { taskDefinition: made } = await ctx.call.ecs.registerTaskDefinition({
      ...(toMembers(properties) as Omit<Input<Sdk, "registerTaskDefinition">, "family">),
      family,
      tags: tagMembers(marks, tags),
    });
    return done(made?.taskDefinitionArn);
  },

  async update(ctx, id, properties, previous, request) {
    await retag(ctx, id, request.tags, properties, previous);
    return done(id);
  },

  async remove(ctx, id) {
    try {
      await ctx.call.ecs.deregisterTaskDefinition({ taskDefinition: id });
    } catch (error) {
      if (!isAwsError(error, "ClientException")) throw error;
    }
    return { status: "done" };
  },
};

/** Names the attempt that has registered a revision. */
const attempt = "aws:cloudformation:token";

const done = (arn = "") => ({ status: "done" as const, id: arn, attributes: { TaskDefinitionArn: arn } });

async function latest(ctx: Parameters<ResourceType["create"]>[0], family: string) {
  try {
    const { taskDefinition: found, tags } = await ctx.call.ecs.describeTaskDefinition({
      taskDefinition: family,
      include: ["TAGS"],
    });
    return { taskDefinitionArn: found?.taskDefinitionArn, tags };
  } catch (error) {
    if (!isAwsError(error, "ClientException")) throw error;
    return undefined;
  }
}
