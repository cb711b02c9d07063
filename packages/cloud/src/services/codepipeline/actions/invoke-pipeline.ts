import type { PipelineVariable, SourceRevisionOverride } from "@aws-sdk/client-codepipeline";
import type { Provider } from "./provider.ts";

interface InvokeProgress {
  readonly executionId: string;
}

const isInvokeProgress = (progress: unknown): progress is InvokeProgress =>
  typeof progress === "object" && progress !== null && "executionId" in progress;

/** @see https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-PipelineInvoke.html */
export const invokePipeline: Provider = {
  async step({ record, input, acting }) {
    const { PipelineName: name = "", Variables: variables, SourceRevisions: revisions } = input.configuration;
    const { codepipeline } = acting.call;
    if (!isInvokeProgress(record.progress)) {
      const { pipelineExecutionId: executionId = "" } = await codepipeline.startPipelineExecution({
        name,
        clientRequestToken: record.id,
        variables: listOf<PipelineVariable>("Variables", variables),
        sourceRevisions: listOf<SourceRevisionOverride>("SourceRevisions", revisions),
      });
      return {
        status: "waiting",
        progress: { executionId },
        awaits: ["execution", executionId],
        externalId: executionId,
      };
    }
    const { executionId } = record.progress;
    const { pipelineExecution } = await codepipeline.getPipelineExecution({
      pipelineName: name,
      pipelineExecutionId: executionId,
    });
    const status = pipelineExecution?.status ?? "unknown";
    if (status === "InProgress" || status === "Stopping") {
      return {
        status: "waiting",
        progress: record.progress,
        awaits: ["execution", executionId],
        externalId: executionId,
      };
    }
    const summary = `The execution ${executionId} of the pipeline ${name} has ended as ${status}.`;
    return status === "Succeeded"
      ? { status: "succeeded", externalId: executionId, summary }
      : { status: "failed", code: "JobFailed", message: summary, externalId: executionId };
  },
};

function listOf<T>(key: string, json: string | undefined): T[] | undefined {
  if (json === undefined || json === "") return undefined;
  const parsed: unknown = JSON.parse(json);
  if (!Array.isArray(parsed)) throw new Error(`${key} is not a JSON list.`);
  return parsed as T[];
}
