import type { Context } from "../../kernel/context.ts";
import type { Effect, Execution } from "./engine/state.ts";
import { executionMeasurements } from "./measurements.ts";
import { actionNamed } from "./model/definition.ts";
import type { Definition } from "./model/definition.ts";
import type { Pipeline, RunRecord } from "./model.ts";

/** What all events of one execution tell. */
function common(pipeline: Pipeline, execution: Execution) {
  return {
    pipeline: pipeline.name,
    "execution-id": execution.id,
    "start-time": new Date(execution.startedAt).toISOString(),
    version: execution.pipelineVersion,
    "pipeline-execution-attempt": execution.attempt,
  };
}

/** @see https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html */
export function emitExecutionEvent(
  ctx: Context,
  pipeline: Pipeline,
  execution: Execution,
  { kind, state, ...effect }: Extract<Effect, { kind: "pipeline-event" | "stage-event" }>,
): void {
  const { type, detail } = execution.trigger;
  if (kind === "pipeline-event" && (state === "SUCCEEDED" || state === "FAILED"))
    for (const measurement of executionMeasurements(pipeline.name, {
      startedAt: execution.startedAt,
      endedAt: ctx.now,
      hasFailed: state === "FAILED",
    }))
      ctx.measure(measurement);
  ctx.emit({
    source: "aws.codepipeline",
    detailType:
      kind === "pipeline-event"
        ? "CodePipeline Pipeline Execution State Change"
        : "CodePipeline Stage Execution State Change",
    resources: [pipeline.arn],
    detail: {
      ...common(pipeline, execution),
      ...("stage" in effect && { stage: effect.stage }),
      state,
      "execution-trigger": { "trigger-type": type, "trigger-detail": detail },
    },
  });
}

const artifactsInEvent = (artifacts: NonNullable<RunRecord["input"]>["inputs"] | undefined) =>
  artifacts?.map(({ name, bucket, key }) => ({ name, s3location: { bucket, key } }));

/** Tells of an action's run; of rules AWS emits nothing. */
export function emitActionEvent(
  ctx: Context,
  pipeline: Pipeline,
  definition: Definition,
  execution: Execution,
  record: RunRecord,
  state: "STARTED" | "SUCCEEDED" | "FAILED" | "ABANDONED",
): void {
  const action = actionNamed(definition, record.stage, record.name);
  if (record.subject.kind !== "action" || action === undefined) return;
  const isOver = state === "SUCCEEDED" || state === "FAILED";
  ctx.emit({
    source: "aws.codepipeline",
    detailType: "CodePipeline Action Execution State Change",
    resources: [pipeline.arn],
    detail: {
      ...common(pipeline, execution),
      stage: record.stage,
      action: record.name,
      "action-execution-id": record.id,
      region: record.region,
      state,
      type: action.actionTypeId,
      "input-artifacts": artifactsInEvent(record.input?.inputs),
      "output-artifacts": artifactsInEvent(record.input?.outputs),
      ...(isOver && {
        "execution-result": {
          "external-execution-id": record.externalId,
          "external-execution-url": record.externalUrl,
          "external-execution-summary": record.summary ?? record.error?.message,
          ...(record.error !== undefined && { "error-code": record.error.code }),
        },
      }),
    },
  });
}
