import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { endRun } from "../happen.ts";
import { actionNamed, stageNamed } from "../model/definition.ts";
import type { Sdk } from "../sdk.ts";
import { definitionOf, findExecution, findPipeline, flowOf, tables } from "../store.ts";

/** What an approval that was rejected is told to have failed with. */
const rejected = "JobFailed";

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PutApprovalResult.html */
export const putApprovalResult: Handler<Sdk, "putApprovalResult"> = (ctx, input) => {
  const { pipelineName: name, stageName, actionName, token, result } = input;
  const definition = definitionOf(ctx, name, findPipeline(ctx, name).version);
  if (stageNamed(definition, stageName) === undefined)
    throw errors.StageNotFoundException(`The stage '${stageName}' does not exist in the pipeline '${name}'.`);
  const action = actionNamed(definition, stageName, actionName);
  if (action?.actionTypeId.category !== "Approval")
    throw errors.ActionNotFoundException(`The stage '${stageName}' has no approval action '${actionName}'.`);
  // In PARALLEL mode several executions may wait for the same approval: the token tells which is meant.
  const flow = flowOf(ctx, name);
  const latest = flow.stages.find((stage) => stage.name === stageName)?.latest;
  const runs = [...flow.live, ...(latest === undefined ? [] : [latest])].flatMap((id) => {
    const run = findExecution(ctx, name, id)?.stages.find((stage) => stage.name === stageName)?.actions[actionName];
    const record = run && ctx.table(tables.runs).get([name, run.number]);
    return record === undefined ? [] : [record];
  });
  const waiting = runs.filter(({ status }) => status === "InProgress");
  if (waiting.length === 0)
    throw errors.ApprovalAlreadyCompletedException(
      `The approval action '${actionName}' of the stage '${stageName}' is not waiting for a result.`,
    );
  const record = waiting.find((one) => one.token === token);
  if (record === undefined)
    throw errors.InvalidApprovalTokenException(
      `The approval token is not that of the action '${actionName}' as it waits now.`,
    );
  const { summary = "", status } = result;
  endRun(
    ctx,
    record,
    status === "Approved"
      ? { status: "succeeded" }
      : { status: "failed", code: rejected, message: `The approval was rejected: ${summary}` },
    { summary, updatedBy: ctx.principal.arn },
  );
  return { approvedAt: new Date(ctx.now) };
};
