import type { ActionState, StageConditionState, StageExecution, StageState } from "@aws-sdk/client-codepipeline";
import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import type { ConditionKind, Execution, Run, StageFlow, StageRun } from "../engine/state.ts";
import { rulesOf } from "../model/definition.ts";
import type { Action, Stage } from "../model/definition.ts";
import type { Sdk } from "../sdk.ts";
import { definitionOf, findExecution, findPipeline, flowOf, tables } from "../store.ts";

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GetPipelineState.html */
export const getPipelineState: Handler<Sdk, "getPipelineState"> = (ctx, input) => {
  const pipeline = findPipeline(ctx, input.name);
  const definition = definitionOf(ctx, pipeline.name, pipeline.version);
  const flow = flowOf(ctx, pipeline.name);
  return {
    pipelineName: pipeline.name,
    pipelineVersion: pipeline.version,
    stageStates: definition.stages.map((stage, index) => stageState(ctx, pipeline.name, stage, flow.stages[index])),
    created: new Date(pipeline.createdAt),
    updated: new Date(pipeline.updatedAt),
  };
};

function stageState(ctx: Context, pipeline: string, stage: Stage, flow: StageFlow | undefined): StageState {
  const latest = flow?.latest === undefined ? undefined : findExecution(ctx, pipeline, flow.latest);
  const run = latest?.stages.find(({ name }) => name === stage.name);
  const waiting = (flow?.inbound ?? []).flatMap((id): StageExecution[] => {
    const execution = findExecution(ctx, pipeline, id);
    return execution === undefined ? [] : [{ pipelineExecutionId: id, status: "InProgress", type: execution.type }];
  });
  return {
    stageName: stage.name,
    inboundExecution: waiting[0],
    inboundExecutions: waiting,
    inboundTransitionState: {
      enabled: flow?.closed === undefined,
      lastChangedBy: flow?.changed?.by,
      lastChangedAt: flow?.changed && new Date(flow.changed.at),
      disabledReason: flow?.closed?.reason,
    },
    actionStates: stage.actions.map((action) => actionState(ctx, pipeline, action, latest, run)),
    latestExecution:
      latest && run && run.status !== "NotStarted"
        ? { pipelineExecutionId: latest.id, status: run.status, type: latest.type }
        : undefined,
    beforeEntryConditionState: conditionState(ctx, pipeline, stage, run, "beforeEntry"),
    onSuccessConditionState: conditionState(ctx, pipeline, stage, run, "onSuccess"),
    onFailureConditionState: conditionState(ctx, pipeline, stage, run, "onFailure"),
    retryStageMetadata:
      run?.retries.latest === undefined
        ? undefined
        : {
            autoStageRetryAttempt: run.retries.automatic,
            manualStageRetryAttempt: run.retries.manual,
            latestRetryTrigger: run.retries.latest,
          },
  };
}

function recordOf(ctx: Context, pipeline: string, run: Run | undefined) {
  return run && ctx.table(tables.runs).get([pipeline, run.number]);
}

function actionState(
  ctx: Context,
  pipeline: string,
  action: Action,
  execution: Execution | undefined,
  stage: StageRun | undefined,
): ActionState {
  const record = recordOf(ctx, pipeline, stage?.actions[action.name]);
  const revision = execution?.revisions[action.name];
  return {
    actionName: action.name,
    currentRevision:
      revision?.revisionId === undefined || record === undefined
        ? undefined
        : {
            revisionId: revision.revisionId,
            revisionChangeId: revision.revisionId,
            created: new Date(record.updatedAt),
          },
    latestExecution: record && {
      actionExecutionId: record.id,
      status: record.status,
      summary: record.summary,
      lastStatusChange: new Date(record.updatedAt),
      token: record.token,
      lastUpdatedBy: record.updatedBy,
      externalExecutionId: record.externalId,
      externalExecutionUrl: record.externalUrl,
      percentComplete: record.percentComplete,
      errorDetails: record.error,
      logStreamARN: record.logStreamArn,
    },
    entityUrl: action.configuration?.["ExternalEntityLink"],
    revisionUrl: revision?.revisionUrl,
  };
}

function conditionState(
  ctx: Context,
  pipeline: string,
  stage: Stage,
  run: StageRun | undefined,
  kind: ConditionKind,
): StageConditionState | undefined {
  const rules = rulesOf(stage, kind);
  if (rules.length === 0) return undefined;
  const condition = run?.conditions[kind];
  const latestExecution = condition && { status: condition.status, lastStatusChange: new Date(condition.changedAt) };
  const ruleStates = rules.map(({ name }) => {
    const record = recordOf(ctx, pipeline, condition?.rules[name]);
    return {
      ruleName: name,
      latestExecution: record && {
        ruleExecutionId: record.id,
        status: record.status,
        summary: record.summary,
        lastStatusChange: new Date(record.updatedAt),
        externalExecutionId: record.externalId,
        externalExecutionUrl: record.externalUrl,
        errorDetails: record.error,
      },
    };
  });
  return {
    latestExecution: condition && { status: condition.status },
    conditionStates: [{ latestExecution, ruleStates }],
  };
}
