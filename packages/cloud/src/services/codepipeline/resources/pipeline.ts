import { isDeepStrictEqual } from "node:util";
import type { ArtifactStore, PipelineDeclaration } from "@aws-sdk/client-codepipeline";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { isMadeFor } from "../../../kernel/resource.ts";
import type { Properties, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";
import { changeTags, inApiCase, tagsOf } from "./properties.ts";

interface ClosedTransition {
  readonly StageName: string;
  readonly Reason: string;
}

const longestName = 100;

/** The definition that a template's properties describe. */
function definitionFrom(properties: Properties, name: string): PipelineDeclaration {
  const { ArtifactStores: stores, ...others } = properties;
  const wanted = ["ArtifactStore", "ExecutionMode", "PipelineType", "RoleArn", "Stages", "Triggers", "Variables"];
  const plain = Object.fromEntries(
    Object.entries(others).filter(([key, value]) => wanted.includes(key) && value !== undefined),
  );
  const definition = inApiCase(plain) as PipelineDeclaration;
  const artifactStores = (
    stores as readonly { readonly Region: string; readonly ArtifactStore: unknown }[] | undefined
  )?.map(({ Region, ArtifactStore: store }): [string, ArtifactStore] => [Region, inApiCase(store) as ArtifactStore]);
  return {
    ...definition,
    name,
    ...(artifactStores !== undefined && { artifactStores: Object.fromEntries(artifactStores) }),
  };
}

const transitionsOf = (properties: Properties) =>
  (properties["DisableInboundStageTransitions"] ?? []) as readonly ClosedTransition[];

async function setTransitions(
  ctx: Context,
  pipelineName: string,
  now: readonly ClosedTransition[],
  before: readonly ClosedTransition[],
): Promise<void> {
  const { codepipeline } = ctx.call;
  for (const { StageName: stageName } of before) {
    if (now.some((one) => one.StageName === stageName)) continue;
    try {
      await codepipeline.enableStageTransition({ pipelineName, stageName, transitionType: "Inbound" });
    } catch (error) {
      // The stage is gone with the update.
      if (!isAwsError(error, "StageNotFoundException")) throw error;
    }
  }
  for (const { StageName: stageName, Reason: reason } of now) {
    await codepipeline.disableStageTransition({ pipelineName, stageName, transitionType: "Inbound", reason });
  }
}

async function identity(ctx: Context, name: string) {
  const { pipeline } = await ctx.call.codepipeline.getPipeline({ name });
  return { status: "done" as const, id: name, attributes: { Version: String(pipeline?.version ?? 1) } };
}

/** Whether the pipeline is what is wanted already: updating it all the same would cancel its executions. */
async function isCurrent(ctx: Context, wanted: PipelineDeclaration): Promise<boolean> {
  const { pipeline: current } = await ctx.call.codepipeline.getPipeline({ name: wanted.name ?? "" });
  const { version: _, ...shown } = current ?? {};
  const filled = {
    ...wanted,
    pipelineType: wanted.pipelineType ?? "V1",
    executionMode: wanted.executionMode ?? "SUPERSEDED",
  };
  const plain = (definition: object): unknown => JSON.parse(JSON.stringify(definition));
  return isDeepStrictEqual(plain(shown), plain(filled));
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codepipeline-pipeline.html */
export const pipeline: ResourceType = {
  properties: [
    "ArtifactStore",
    "ArtifactStores",
    "DisableInboundStageTransitions",
    "ExecutionMode",
    "Name",
    "PipelineType",
    "RestartExecutionOnUpdate",
    "RoleArn",
    "Stages",
    "Tags",
    "Triggers",
    "Variables",
  ],
  required: ["RoleArn", "Stages"],
  replacedBy: ["Name"],

  async create(ctx, properties, request) {
    const name = (properties["Name"] as string | undefined) ?? request.generatedName({ maxLength: longestName });
    try {
      await ctx.call.codepipeline.createPipeline({
        pipeline: definitionFrom(properties, name),
        tags: tagsOf(properties, request),
      });
    } catch (error) {
      if (!isAwsError(error, "PipelineNameInUseException") || !(await isOurs(ctx, name, request))) throw error;
    }
    await setTransitions(ctx, name, transitionsOf(properties), []);
    return identity(ctx, name);
  },

  async update(ctx, id, properties, previous, request) {
    const wanted = definitionFrom(properties, id);
    if (!(await isCurrent(ctx, wanted))) {
      await ctx.call.codepipeline.updatePipeline({ pipeline: wanted });
      if (String(properties["RestartExecutionOnUpdate"]) === "true")
        await ctx.call.codepipeline.startPipelineExecution({ name: id, clientRequestToken: request.token });
    }
    await setTransitions(ctx, id, transitionsOf(properties), transitionsOf(previous));
    await changeTags(ctx, await arnOf(ctx, id), tagsOf(properties, request), tagsOf(previous, request));
    return identity(ctx, id);
  },

  async remove(ctx, id) {
    await ctx.call.codepipeline.deletePipeline({ name: id });
    return { status: "done" };
  },
};

async function arnOf(ctx: Context, name: string): Promise<string> {
  const { metadata } = await ctx.call.codepipeline.getPipeline({ name });
  return metadata?.pipelineArn ?? "";
}

async function isOurs(ctx: Context, name: string, request: ResourceRequest): Promise<boolean> {
  const { tags = [] } = await ctx.call.codepipeline.listTagsForResource({ resourceArn: await arnOf(ctx, name) });
  return isMadeFor(
    request,
    tags.map(({ key, value }) => ({ Key: key, Value: value })),
  );
}
