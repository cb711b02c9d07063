import type { AWSSessionCredentials, JobData } from "@aws-sdk/client-codepipeline";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { artifactOf } from "../job-data.ts";
import { endRun } from "../happen.ts";
import { actionTypeKey } from "../model/action-types.ts";
import { actionNamed } from "../model/definition.ts";
import { largestVariablesBytes, variablesSizeBytes } from "../model/variables.ts";
import type { Job, RunRecord } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { definitionOf, findPipeline, tables } from "../store.ts";

/** A worker that has not acknowledged a job by then has not taken it: the job is offered again. */
const acknowledgeWithinMs = 60_000;

function findJob(ctx: Context, id: string): Job {
  const job = ctx.table(tables.jobs).get(id);
  if (job === undefined) throw errors.JobNotFoundException(`The job '${id}' was not found.`);
  return job;
}

/** Where the job's pipeline is: that of a function is where the function is. */
function homeOf(ctx: Context, job: Job): Context {
  return job.pipelineRegion === undefined ? ctx : ctx.as({ region: job.pipelineRegion });
}

/** The run that a job is for, while it goes on. */
function runOf(ctx: Context, job: Job): RunRecord | undefined {
  const record = homeOf(ctx, job).table(tables.runs).get([job.pipeline, job.run]);
  return record?.id === job.runId && record.status === "InProgress" ? record : undefined;
}

/** A job that a worker may report on, and its run. @throws AwsError `InvalidJobStateException` */
function takenJob(ctx: Context, id: string): { readonly job: Job; readonly record: RunRecord } {
  const job = findJob(ctx, id);
  const record = runOf(ctx, job);
  if (job.status !== "InProgress" || record === undefined) {
    throw errors.InvalidJobStateException(
      `The job '${id}' is ${record === undefined ? "over" : job.status}; a result is taken while it is InProgress.`,
    );
  }
  return { job, record };
}

function dataOf(
  ctx: Context,
  job: Job,
  record: RunRecord,
  artifactCredentials: AWSSessionCredentials | undefined,
): JobData {
  const pipeline = findPipeline(ctx, job.pipeline);
  const action = actionNamed(definitionOf(ctx, job.pipeline, record.pipelineVersion), record.stage, record.name);
  const { configuration = {}, inputs = [], outputs = [] } = record.input ?? {};
  return {
    actionTypeId: action?.actionTypeId,
    actionConfiguration: { configuration: { ...configuration } },
    pipelineContext: {
      pipelineName: job.pipeline,
      pipelineArn: pipeline.arn,
      pipelineExecutionId: record.executionId,
      stage: { name: record.stage },
      action: { name: record.name, actionExecutionId: record.id },
    },
    inputArtifacts: inputs.map(artifactOf),
    outputArtifacts: outputs.map(artifactOf),
    artifactCredentials,
    continuationToken: job.continuationToken,
    encryptionKey: [...inputs, ...outputs][0]?.encryptionKey,
  };
}

/** Keys that reach the artifacts: those of the pipeline's role, where IAM knows it. */
async function artifactCredentials(ctx: Context, pipeline: string): Promise<AWSSessionCredentials | undefined> {
  const { roleArn } = definitionOf(ctx, pipeline, findPipeline(ctx, pipeline).version);
  try {
    const { Credentials: keys } = await ctx.call.sts.assumeRole({
      RoleArn: roleArn,
      RoleSessionName: "codepipeline-job",
    });
    return (
      keys && { accessKeyId: keys.AccessKeyId, secretAccessKey: keys.SecretAccessKey, sessionToken: keys.SessionToken }
    );
  } catch (error) {
    if (isAwsError(error)) return undefined;
    throw error;
  }
}

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PollForJobs.html */
export const pollForJobs: Handler<Sdk, "pollForJobs"> = async (ctx, input) => {
  const type = actionTypeKey(input.actionTypeId as Parameters<typeof actionTypeKey>[0]);
  const { owner } = input.actionTypeId;
  if (owner !== "Custom" || ctx.table(tables.customTypes).get(type) === undefined) {
    throw errors.ActionTypeNotFoundException(`The custom action type ${type} was not found.`);
  }
  const wanted = Object.entries(input.queryParam ?? {});
  const taken = ctx.transaction(() => {
    const found: { readonly job: Job; readonly record: RunRecord }[] = [];
    for (const job of ctx.table(tables.jobs).values()) {
      if (found.length >= (input.maxBatchSize ?? 1)) break;
      const isOffered =
        job.status === "Queued" ||
        (job.status === "Dispatched" && ctx.now >= (job.dispatchedAt ?? 0) + acknowledgeWithinMs);
      if (job.type !== type || !isOffered) continue;
      const record = runOf(ctx, job);
      if (record?.input === undefined || wanted.some(([key, value]) => record.input?.configuration[key] !== value))
        continue;
      found.push({ job, record });
    }
    return found.map(({ job, record }) => {
      // A new nonce, so that a late acknowledgement of an earlier offer is refused.
      const dispatched: Job = {
        ...job,
        status: "Dispatched",
        nonce: ctx.ids.text(12, "0123456789"),
        dispatchedAt: ctx.now,
      };
      ctx.table(tables.jobs).put(job.id, dispatched);
      return { job: dispatched, record };
    });
  });
  const jobs = await Promise.all(
    taken.map(async ({ job, record }) => ({
      id: job.id,
      nonce: job.nonce,
      accountId: ctx.account,
      data: dataOf(ctx, job, record, await artifactCredentials(ctx, job.pipeline)),
    })),
  );
  return { jobs };
};

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_AcknowledgeJob.html */
export const acknowledgeJob: Handler<Sdk, "acknowledgeJob"> = (ctx, input) => {
  const job = findJob(ctx, input.jobId);
  if (job.nonce !== input.nonce)
    throw errors.InvalidNonceException(
      `The nonce is not that of the job '${job.id}', or another worker has been offered it since.`,
    );
  if (job.status !== "Dispatched") return { status: job.status };
  ctx.table(tables.jobs).put(job.id, { ...job, status: "InProgress" });
  return { status: "InProgress" };
};

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GetJobDetails.html */
export const getJobDetails: Handler<Sdk, "getJobDetails"> = async (ctx, input) => {
  const job = findJob(ctx, input.jobId);
  const home = homeOf(ctx, job);
  const record = home.table(tables.runs).get([job.pipeline, job.run]);
  if (record === undefined) throw errors.JobNotFoundException(`The job '${job.id}' was not found.`);
  return {
    jobDetails: {
      id: job.id,
      accountId: ctx.account,
      data: dataOf(home, job, record, await artifactCredentials(home, job.pipeline)),
    },
  };
};

/** With a continuation token the job is done, and a new one follows that carries the token. @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PutJobSuccessResult.html */
export const putJobSuccessResult: Handler<Sdk, "putJobSuccessResult"> = (ctx, input) => {
  const { job, record } = takenJob(ctx, input.jobId);
  const { continuationToken, executionDetails, outputVariables = {}, currentRevision } = input;
  const sizeBytes = variablesSizeBytes(outputVariables);
  if (sizeBytes > largestVariablesBytes) {
    throw errors.OutputVariablesSizeExceededException(
      `The output variables have ${sizeBytes} bytes; at most ${largestVariablesBytes} are allowed.`,
    );
  }
  const jobs = ctx.table(tables.jobs);
  jobs.put(job.id, { ...job, status: "Succeeded" });
  const told = {
    summary: executionDetails?.summary ?? record.summary,
    externalId: executionDetails?.externalExecutionId ?? record.externalId,
    percentComplete: executionDetails?.percentComplete ?? record.percentComplete,
  };
  if (continuationToken !== undefined) {
    const next: Job = {
      ...job,
      id: ctx.ids.uuid(),
      nonce: "",
      status: "Queued",
      continuationToken,
      dispatchedAt: undefined,
    };
    jobs.put(next.id, next);
    const first = jobs.get(job.runId);
    if (first !== undefined) jobs.put(first.id, { ...first, latest: next.id });
    homeOf(ctx, job)
      .table(tables.runs)
      .put([record.pipeline, record.number], { ...record, ...told, updatedAt: ctx.now, wakes: record.wakes + 1 });
    return {};
  }
  const { revision: revisionId = "", revisionSummary } = currentRevision ?? {};
  endRun(
    homeOf(ctx, job),
    record,
    {
      status: "succeeded",
      variables: outputVariables,
      ...(currentRevision !== undefined && { revision: { revisionId, revisionSummary, revisionUrl: undefined } }),
    },
    told,
  );
  return {};
};

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PutJobFailureResult.html */
export const putJobFailureResult: Handler<Sdk, "putJobFailureResult"> = (ctx, input) => {
  const { job, record } = takenJob(ctx, input.jobId);
  const { type = "JobFailed", message = "", externalExecutionId } = input.failureDetails;
  ctx.table(tables.jobs).put(job.id, { ...job, status: "Failed" });
  endRun(
    homeOf(ctx, job),
    record,
    { status: "failed", code: type, message },
    { externalId: externalExecutionId ?? record.externalId },
  );
  return {};
};
