import type { PipelineExecutionSummary, SourceRevisionOverride } from "@aws-sdk/client-codepipeline";
import { pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import type { Execution, SourceOverride } from "../engine/state.ts";
import { errors } from "../errors.ts";
import { happen } from "../happen.ts";
import type { Definition } from "../model/definition.ts";
import { sourceActions } from "../model/triggers.ts";
import type { Sdk } from "../sdk.ts";
import { demandVariables, startExecution } from "../start.ts";
import { definitionOf, existingExecution, findPipeline, tables } from "../store.ts";

const largestPage = 100;

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StartPipelineExecution.html */
export const startPipelineExecution: Handler<Sdk, "startPipelineExecution"> = (ctx, input) => {
  const definition = definitionOf(ctx, input.name, findPipeline(ctx, input.name).version);
  demandVariables(definition, input.variables ?? []);
  return {
    pipelineExecutionId: startExecution(ctx, input.name, {
      trigger: { type: "StartPipelineExecution", detail: ctx.principal.arn },
      variables: input.variables,
      sourceOverrides: overridesOf(definition, input.sourceRevisions ?? []),
      token: input.clientRequestToken,
    }),
  };
};

/** What kind of revision the source of each provider can be told. */
const revisionTypes: Readonly<Record<string, readonly string[]>> = {
  CodeCommit: ["COMMIT_ID"],
  CodeStarSourceConnection: ["COMMIT_ID"],
  GitHub: ["COMMIT_ID"],
  S3: ["S3_OBJECT_VERSION_ID", "S3_OBJECT_KEY"],
};

function overridesOf(definition: Definition, given: readonly SourceRevisionOverride[]): SourceOverride[] {
  return given.map(({ actionName = "", revisionType, revisionValue = "" }) => {
    const action = sourceActions(definition).find(({ name }) => name === actionName);
    if (action === undefined) throw errors.ValidationException(`The pipeline has no source action '${actionName}'.`);
    const { provider } = action.actionTypeId;
    const allowed = revisionTypes[provider] ?? [];
    if (revisionType === undefined || !allowed.includes(revisionType)) {
      throw errors.ValidationException(
        `The source action '${actionName}' (${provider}) cannot be given a revision of the type ${revisionType}; it takes ${allowed.join(" or ")}.`,
      );
    }
    if (revisionType === "S3_OBJECT_KEY" && action.configuration?.["AllowOverrideForS3ObjectKey"] !== "true") {
      throw errors.ValidationException(
        `The source action '${actionName}' does not allow its object key to be overridden: AllowOverrideForS3ObjectKey is not true.`,
      );
    }
    return { actionName, revisionType, revisionValue };
  });
}

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StopPipelineExecution.html */
export const stopPipelineExecution: Handler<Sdk, "stopPipelineExecution"> = (ctx, input) => {
  const { pipelineName, pipelineExecutionId: executionId, abandon = false, reason } = input;
  happen(ctx, pipelineName, { kind: "stop", executionId, abandon, reason });
  return { pipelineExecutionId: executionId };
};

/** What an execution says of itself, wherever it is shown. */
function head(execution: Execution) {
  const { trigger, mode, type, rollbackTarget, status, summary } = execution;
  return {
    pipelineExecutionId: execution.id,
    status,
    statusSummary: summary,
    trigger: { triggerType: trigger.type, triggerDetail: trigger.detail },
    executionMode: mode,
    executionType: type,
    rollbackMetadata: rollbackTarget === undefined ? undefined : { rollbackTargetPipelineExecutionId: rollbackTarget },
  };
}

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GetPipelineExecution.html */
export const getPipelineExecution: Handler<Sdk, "getPipelineExecution"> = (ctx, input) => {
  findPipeline(ctx, input.pipelineName);
  const execution = existingExecution(ctx, input.pipelineName, input.pipelineExecutionId);
  const revisions = Object.values(execution.artifacts).flatMap(({ name, revision }) =>
    revision === undefined
      ? []
      : [
          {
            name,
            revisionId: revision.id,
            revisionSummary: revision.summary,
            revisionUrl: revision.url,
            created: new Date(revision.createdAt),
          },
        ],
  );
  return {
    pipelineExecution: {
      ...head(execution),
      pipelineName: execution.pipeline,
      pipelineVersion: execution.pipelineVersion,
      artifactRevisions: revisions,
      variables: Object.entries(execution.variables).map(([name, resolvedValue]) => ({ name, resolvedValue })),
    },
  };
};

function summaryOf(execution: Execution): PipelineExecutionSummary {
  return {
    ...head(execution),
    startTime: new Date(execution.startedAt),
    lastUpdateTime: new Date(execution.updatedAt),
    sourceRevisions: Object.values(execution.revisions),
    stopTrigger: execution.stop === undefined ? undefined : { reason: execution.stop.reason },
  };
}

/** Newest first. @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ListPipelineExecutions.html */
export const listPipelineExecutions: Handler<Sdk, "listPipelineExecutions"> = (ctx, input) => {
  const { pipelineName: name, filter } = input;
  findPipeline(ctx, name);
  const stage = filter?.succeededInStage?.stageName;
  const hasSucceeded = (execution: Execution) =>
    stage === undefined || execution.stages.some((run) => run.name === stage && run.status === "Succeeded");
  function* matching(options: { readonly after?: [string, number] }): Generator<[[string, number], Execution]> {
    for (const [key, execution] of ctx
      .table(tables.executions)
      .entries({ prefix: [name], reverse: true, ...options })) {
      if (hasSucceeded(execution)) yield [key, execution];
    }
  }
  const { items, next } = pageOf(
    matching,
    input.nextToken,
    input.maxResults ?? largestPage,
    errors.InvalidNextTokenException,
  );
  return { pipelineExecutionSummaries: items.map(summaryOf), nextToken: next };
};
