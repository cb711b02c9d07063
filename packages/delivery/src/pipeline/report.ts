import {
  PutJobFailureResultCommand,
  PutJobSuccessResultCommand,
  type CodePipelineClient,
} from "@aws-sdk/client-codepipeline";
import { isNamed } from "../aws/failures.ts";
import { statusText, type Rollout } from "../plan/rollout.ts";
import type { StoredRollout } from "../store/model.ts";

/** Of a failure's message, by CodePipeline's model. */
const longestMessage = 5000;

/** Tells the pipeline that its rollout is over. Repeating it changes nothing. */
export async function reportJob(codePipeline: CodePipelineClient, { rollout, job }: StoredRollout): Promise<void> {
  if (job === undefined) return;
  if (rollout.status !== "succeeded") {
    await fail(codePipeline, job.id, "JobFailed", failureText(rollout), rollout.id);
    return;
  }
  const regions = Object.keys(rollout.regions);
  await settled(
    codePipeline.send(
      new PutJobSuccessResultCommand({
        jobId: job.id,
        executionDetails: {
          externalExecutionId: rollout.id,
          percentComplete: 100,
          summary: `${rollout.version.id} serves in ${regions.join(", ")}`,
        },
        outputVariables: { RolloutId: rollout.id, Version: rollout.version.id },
      }),
    ),
  );
}

function failureText(rollout: Rollout): string {
  const left = Object.entries(rollout.regions).flatMap(([region, state]) =>
    "left" in state && state.left !== undefined ? [`${region}: ${state.left}`] : [],
  );
  return [`The rollout ${rollout.id} is ${statusText(rollout)}. ${rollout.reason ?? ""}`.trim(), ...left].join(" ");
}

export async function fail(
  codePipeline: CodePipelineClient,
  jobId: string,
  type: "JobFailed" | "ConfigurationError",
  message: string,
  externalExecutionId?: string,
): Promise<void> {
  const failureDetails = { type, message: message.slice(0, longestMessage), externalExecutionId };
  await settled(codePipeline.send(new PutJobFailureResultCommand({ jobId, failureDetails })));
}

/** A job that has its result already, or whose pipeline was stopped, needs no other. */
export async function settled(result: Promise<unknown>): Promise<void> {
  try {
    await result;
  } catch (error) {
    if (!isNamed(error, "InvalidJobStateException", "JobNotFoundException")) throw error;
  }
}
