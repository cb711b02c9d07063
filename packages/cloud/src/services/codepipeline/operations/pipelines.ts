import { partitionOf } from "@trysail/core";
import type { PipelineDeclaration } from "@aws-sdk/client-codepipeline";
import type { Context } from "../../../kernel/context.ts";
import { pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { freshFlow } from "../engine/state.ts";
import { errors } from "../errors.ts";
import { happen } from "../happen.ts";
import { masked, withoutSecrets } from "../model/action-types.ts";
import { actionNamed } from "../model/definition.ts";
import type { Definition } from "../model/definition.ts";
import { validateDefinition } from "../model/validation/definition.ts";
import type { Pipeline } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { startExecution } from "../start.ts";
import { definitionOf, findPipeline, lookUpActionType, removePipeline, tables } from "../store.ts";
import { watchSources } from "../watching.ts";
import { readTags, tagList } from "./tags.ts";

const largestPage = 1000;

/** A definition as it is shown: secrets as asterisks. */
function shown(ctx: Context, definition: Definition): Definition {
  return {
    ...definition,
    stages: definition.stages.map((stage) => ({
      ...stage,
      actions: stage.actions.map((action) => ({
        ...action,
        configuration: withoutSecrets(lookUpActionType(ctx, action.actionTypeId), action.configuration),
      })),
    })),
  };
}

/** Puts back the secrets of a definition that was read, changed and given back with their asterisks. */
function withKeptSecrets(given: Definition, before: Definition): Definition {
  return {
    ...given,
    stages: given.stages.map((stage) => ({
      ...stage,
      actions: stage.actions.map((action) => {
        const old = actionNamed(before, stage.name, action.name)?.configuration;
        const entries = Object.entries(action.configuration ?? {}).map(([key, value]): [string, string] => [
          key,
          value === masked ? (old?.[key] ?? value) : value,
        ]);
        return action.configuration === undefined ? action : { ...action, configuration: Object.fromEntries(entries) };
      }),
    })),
  };
}

function validate(ctx: Context, given: PipelineDeclaration): Definition {
  return validateDefinition(given, (id) => lookUpActionType(ctx, id), ctx.region);
}

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_CreatePipeline.html */
export const createPipeline: Handler<Sdk, "createPipeline"> = (ctx, input) => {
  const definition: Definition = { ...validate(ctx, input.pipeline), version: 1 };
  const { name } = definition;
  const pipelines = ctx.table(tables.pipelines);
  if (pipelines.has(name))
    throw errors.PipelineNameInUseException(
      `A pipeline with the name '${name}' already exists in account '${ctx.account}'`,
    );
  const pipeline: Pipeline = {
    name,
    arn: `arn:${partitionOf(ctx.region)}:codepipeline:${ctx.region}:${ctx.account}:${name}`,
    version: 1,
    createdAt: ctx.now,
    updatedAt: ctx.now,
    tags: readTags(input.tags),
  };
  pipelines.put(name, pipeline);
  ctx.table(tables.definitions).put([name, 1], definition);
  ctx.table(tables.flows).put(name, freshFlow(definition));
  watchSources(ctx, undefined, definition);
  startExecution(ctx, name, { trigger: { type: "CreatePipeline", detail: ctx.principal.arn } });
  return { pipeline: shown(ctx, definition), tags: tagList(pipeline.tags) };
};

/** Cancels what is running: an execution goes by the definition that it began with. @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_UpdatePipeline.html */
export const updatePipeline: Handler<Sdk, "updatePipeline"> = (ctx, input) => {
  const valid = validate(ctx, input.pipeline);
  const pipeline = findPipeline(ctx, valid.name);
  const before = definitionOf(ctx, pipeline.name, pipeline.version);
  const version = pipeline.version + 1;
  const definition: Definition = { ...withKeptSecrets(valid, before), version };
  happen(ctx, pipeline.name, { kind: "replaced", by: definition });
  ctx.table(tables.pipelines).put(pipeline.name, { ...pipeline, version, updatedAt: ctx.now });
  ctx.table(tables.definitions).put([pipeline.name, version], definition);
  watchSources(ctx, before, definition);
  return { pipeline: shown(ctx, definition) };
};

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GetPipeline.html */
export const getPipeline: Handler<Sdk, "getPipeline"> = (ctx, input) => {
  const pipeline = findPipeline(ctx, input.name);
  const definition = definitionOf(ctx, pipeline.name, input.version ?? pipeline.version);
  return {
    pipeline: shown(ctx, definition),
    metadata: {
      pipelineArn: pipeline.arn,
      created: new Date(pipeline.createdAt),
      updated: new Date(pipeline.updatedAt),
    },
  };
};

/** Succeeds if there is no such pipeline, as in AWS. @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_DeletePipeline.html */
export const deletePipeline: Handler<Sdk, "deletePipeline"> = (ctx, input) => {
  const pipeline = ctx.table(tables.pipelines).get(input.name);
  if (pipeline === undefined) return {};
  const definition = definitionOf(ctx, pipeline.name, pipeline.version);
  happen(ctx, pipeline.name, { kind: "replaced", by: definition });
  watchSources(ctx, definition, undefined);
  removePipeline(ctx, pipeline.name);
  return {};
};

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ListPipelines.html */
export const listPipelines: Handler<Sdk, "listPipelines"> = (ctx, input) => {
  const { items, next } = pageOf<string, Pipeline>(
    (options) => ctx.table(tables.pipelines).entries(options),
    input.nextToken,
    input.maxResults ?? largestPage,
    errors.InvalidNextTokenException,
  );
  const pipelines = items.map(({ name, version, createdAt, updatedAt }) => {
    const { pipelineType, executionMode } = definitionOf(ctx, name, version);
    return { name, version, pipelineType, executionMode, created: new Date(createdAt), updated: new Date(updatedAt) };
  });
  return { pipelines, nextToken: next };
};
