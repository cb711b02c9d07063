import type {
  ActionExecutionDetail,
  ActionExecutionFilter,
  ArtifactDetail,
  RuleExecutionDetail,
} from "@aws-sdk/client-codepipeline";
import type { Context } from "../../../kernel/context.ts";
import { pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { withoutSecrets } from "../model/action-types.ts";
import { actionNamed, rulesOf, stageNamed } from "../model/definition.ts";
import type { PlacedArtifact, RunRecord } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { definitionOf, existingExecution, findPipeline, lookUpActionType, tables } from "../store.ts";

const largestPage = 100;

const detailsOf = (artifacts: readonly PlacedArtifact[] | undefined): ArtifactDetail[] =>
  (artifacts ?? []).map(({ name, bucket, key }) => ({ name, s3location: { bucket, key } }));

/** A page of runs of one kind, newest first. */
function page(
  ctx: Context,
  kind: RunRecord["subject"]["kind"],
  input: {
    readonly pipelineName: string;
    readonly filter?: ActionExecutionFilter | undefined;
    readonly nextToken?: string | undefined;
    readonly maxResults?: number | undefined;
  },
) {
  const { pipelineName, filter } = input;
  findPipeline(ctx, pipelineName);
  const { latestInPipelineExecution: latest } = filter ?? {};
  const executionId = latest?.pipelineExecutionId ?? filter?.pipelineExecutionId;
  if (executionId !== undefined) existingExecution(ctx, pipelineName, executionId);
  function* matching(options: { readonly after?: [string, number] }): Generator<[[string, number], RunRecord]> {
    for (const [key, record] of ctx.table(tables.runs).entries({ prefix: [pipelineName], reverse: true, ...options })) {
      if (record.subject.kind === kind && (executionId === undefined || record.executionId === executionId))
        yield [key, record];
    }
  }
  if (latest?.startTimeRange === "Latest") {
    const seen = new Set<string>();
    const items = [...matching({})]
      .map(([, record]) => record)
      .filter(({ stage, name }) => !seen.has(`${stage}/${name}`) && seen.add(`${stage}/${name}`));
    return { items, next: undefined };
  }
  return pageOf(matching, input.nextToken, input.maxResults ?? largestPage, errors.InvalidNextTokenException);
}

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ListActionExecutions.html */
export const listActionExecutions: Handler<Sdk, "listActionExecutions"> = (ctx, input) => {
  const { items, next } = page(ctx, "action", input);
  return { actionExecutionDetails: items.map((record) => actionDetail(ctx, record)), nextToken: next };
};

function actionDetail(ctx: Context, record: RunRecord): ActionExecutionDetail {
  const action = actionNamed(definitionOf(ctx, record.pipeline, record.pipelineVersion), record.stage, record.name);
  const facts = action && lookUpActionType(ctx, action.actionTypeId);
  return {
    pipelineExecutionId: record.executionId,
    actionExecutionId: record.id,
    pipelineVersion: record.pipelineVersion,
    stageName: record.stage,
    actionName: record.name,
    startTime: new Date(record.startedAt),
    lastUpdateTime: new Date(record.updatedAt),
    updatedBy: record.updatedBy,
    status: record.status,
    input: {
      actionTypeId: action?.actionTypeId,
      configuration: withoutSecrets(facts, action?.configuration),
      resolvedConfiguration: withoutSecrets(facts, record.input?.configuration),
      roleArn: record.roleArn,
      region: record.region,
      inputArtifacts: detailsOf(record.input?.inputs),
      namespace: action?.namespace,
    },
    output: {
      outputArtifacts: record.status === "Succeeded" ? detailsOf(record.input?.outputs) : [],
      executionResult: resultOf(record),
      outputVariables: { ...record.variables },
    },
  };
}

function resultOf(record: RunRecord) {
  return {
    externalExecutionId: record.externalId,
    externalExecutionSummary: record.summary,
    externalExecutionUrl: record.externalUrl,
    errorDetails: record.error,
    logStreamARN: record.logStreamArn,
  };
}

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ListRuleExecutions.html */
export const listRuleExecutions: Handler<Sdk, "listRuleExecutions"> = (ctx, input) => {
  const { items, next } = page(ctx, "rule", input);
  return { ruleExecutionDetails: items.map((record) => ruleDetail(ctx, record)), nextToken: next };
};

function ruleDetail(ctx: Context, record: RunRecord): RuleExecutionDetail {
  const stage = stageNamed(definitionOf(ctx, record.pipeline, record.pipelineVersion), record.stage);
  const { subject } = record;
  const rule =
    stage && subject.kind === "rule"
      ? rulesOf(stage, subject.condition).find(({ name }) => name === record.name)
      : undefined;
  const { logStreamARN: _, ...executionResult } = resultOf(record);
  return {
    pipelineExecutionId: record.executionId,
    ruleExecutionId: record.id,
    pipelineVersion: record.pipelineVersion,
    stageName: record.stage,
    ruleName: record.name,
    startTime: new Date(record.startedAt),
    lastUpdateTime: new Date(record.updatedAt),
    updatedBy: record.updatedBy,
    status: record.status,
    input: {
      ruleTypeId: rule?.ruleTypeId,
      configuration: rule?.configuration,
      resolvedConfiguration: record.input && { ...record.input.configuration },
      roleArn: record.roleArn,
      region: record.region,
      inputArtifacts: detailsOf(record.input?.inputs),
    },
    output: { executionResult },
  };
}
