import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { happen } from "../happen.ts";
import type { Sdk } from "../sdk.ts";
import { definitionOf, findPipeline } from "../store.ts";
import type { Context } from "../../../kernel/context.ts";

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_RetryStageExecution.html */
export const retryStageExecution: Handler<Sdk, "retryStageExecution"> = (ctx, input) => {
  const { pipelineName, stageName: stage, pipelineExecutionId: executionId, retryMode: mode } = input;
  happen(ctx, pipelineName, { kind: "retry", executionId, stage, mode });
  return { pipelineExecutionId: executionId };
};

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_RollbackStage.html */
export const rollbackStage: Handler<Sdk, "rollbackStage"> = (ctx, input) => {
  const executionId = ctx.ids.uuid();
  const { pipelineName, stageName: stage, targetPipelineExecutionId: targetId } = input;
  happen(ctx, pipelineName, { kind: "rollback", executionId, stage, targetId, by: ctx.principal.arn });
  return { pipelineExecutionId: executionId };
};

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_OverrideStageCondition.html */
export const overrideStageCondition: Handler<Sdk, "overrideStageCondition"> = (ctx, input) => {
  const { pipelineName, stageName: stage, pipelineExecutionId: executionId, conditionType } = input;
  happen(ctx, pipelineName, {
    kind: "override",
    executionId,
    stage,
    condition: conditionType === "BEFORE_ENTRY" ? "beforeEntry" : "onSuccess",
  });
  return {};
};

/** The stage whose way in is meant: the way out of a stage is the way into the next. */
function entered(ctx: Context, pipelineName: string, stageName: string, type: "Inbound" | "Outbound"): string {
  const { stages } = definitionOf(ctx, pipelineName, findPipeline(ctx, pipelineName).version);
  const index = stages.findIndex(({ name }) => name === stageName);
  if (index < 0)
    throw errors.StageNotFoundException(`The stage '${stageName}' does not exist in the pipeline '${pipelineName}'.`);
  const stage = stages[type === "Inbound" ? index : index + 1];
  if (stage === undefined)
    throw errors.ValidationException(
      `The stage '${stageName}' is the last of the pipeline '${pipelineName}': it has no outbound transition.`,
    );
  return stage.name;
}

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_DisableStageTransition.html */
export const disableStageTransition: Handler<Sdk, "disableStageTransition"> = (ctx, input) => {
  const stage = entered(ctx, input.pipelineName, input.stageName, input.transitionType);
  happen(ctx, input.pipelineName, { kind: "close-transition", stage, by: ctx.principal.arn, reason: input.reason });
  return {};
};

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_EnableStageTransition.html */
export const enableStageTransition: Handler<Sdk, "enableStageTransition"> = (ctx, input) => {
  const stage = entered(ctx, input.pipelineName, input.stageName, input.transitionType);
  happen(ctx, input.pipelineName, { kind: "open-transition", stage, by: ctx.principal.arn });
  return {};
};
