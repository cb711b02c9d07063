import { setTimeout as wait } from "node:timers/promises";
import { viewOf, isOver } from "./execution-view.ts";
import type { ExecutionView } from "./execution-view.ts";
import type { FoundPipeline } from "./pipelines.ts";

/** How often an execution that runs is looked at: AWS's API has nothing that tells of a change. */
const lookMs = 200;

/** One look at an execution. */
export async function readExecution({ name, client }: FoundPipeline, executionId: string): Promise<ExecutionView> {
  const { GetPipelineCommand, GetPipelineExecutionCommand, GetPipelineStateCommand, ListActionExecutionsCommand } =
    await import("@aws-sdk/client-codepipeline");
  const [{ pipelineExecution: execution = {} }, { stageStates = [] }, { actionExecutionDetails = [] }] =
    await Promise.all([
      client.send(new GetPipelineExecutionCommand({ pipelineName: name, pipelineExecutionId: executionId })),
      client.send(new GetPipelineStateCommand({ name })),
      client.send(
        new ListActionExecutionsCommand({ pipelineName: name, filter: { pipelineExecutionId: executionId } }),
      ),
    ]);
  const { pipeline: definition = {} as never } = await client.send(
    new GetPipelineCommand({ name, version: execution.pipelineVersion }),
  );
  return viewOf({ definition, execution, stageStates, actionExecutions: actionExecutionDetails });
}

/** Looks at an execution again and again, until it is over. The last view is of the end. */
export async function* followExecution(
  pipeline: FoundPipeline,
  executionId: string,
  signal?: AbortSignal,
): AsyncGenerator<ExecutionView, void> {
  for (;;) {
    const view = await readExecution(pipeline, executionId);
    yield view;
    if (isOver(view)) return;
    await wait(lookMs, undefined, { signal });
  }
}
