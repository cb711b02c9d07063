import type { Credentials } from "@aws-sdk/client-sts";
import { isAwsError } from "../../../kernel/errors.ts";
import { artifactOf } from "../job-data.ts";
import { actionTypeKey } from "../model/action-types.ts";
import type { Job } from "../model.ts";
import { tables } from "../store.ts";
import type { Provider, Work } from "./provider.ts";

/** A function that tells nothing for so long has failed. @see https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html */
const silenceMs = 20 * 60_000;
/** A function that asks to go on later is called again after this. */
const callAgainMs = 30_000;

/**
 * Calls a function with a job, and waits for its result: PutJobSuccessResult or PutJobFailureResult, which end the run.
 * For actions and for rules.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Lambda.html
 */
export const lambda: Provider = {
  async step(work) {
    const { record, input, storing, acting } = work;
    const jobs = storing.table(tables.jobs);
    const name = input.configuration["FunctionName"] ?? "";
    const first = jobs.get(record.id) ?? newJob(work);
    // Each continuation is a job of its own.
    const job = first.latest === undefined ? first : (jobs.get(first.latest) ?? first);
    const calledAt = job.dispatchedAt;
    if (calledAt === undefined) {
      const isContinued = job.id !== record.id;
      const callAt = isContinued ? record.updatedAt + callAgainMs : acting.now;
      if (acting.now < callAt) return { status: "waiting", wakeAt: callAt };
      // Before the call: the function may answer at once.
      storing.transaction(() => jobs.put(job.id, { ...job, status: "InProgress" }));
      await acting.call.lambda.invoke({
        FunctionName: name,
        InvocationType: "Event",
        Payload: Buffer.from(JSON.stringify({ "CodePipeline.job": await eventOf(work, job) })),
      });
      // After it: what was interrupted in between is called again, as any event of Lambda's may be.
      storing.transaction(() => {
        const current = jobs.get(job.id);
        if (current !== undefined) jobs.put(job.id, { ...current, dispatchedAt: acting.now });
      });
      return { status: "waiting", progress: job.id, wakeAt: acting.now + silenceMs };
    }
    if (acting.now < calledAt + silenceMs) return { status: "waiting", wakeAt: calledAt + silenceMs };
    storing.transaction(() => jobs.put(job.id, { ...job, status: "TimedOut" }));
    return {
      status: "failed",
      code: "TimeoutError",
      message: `The AWS Lambda function ${name} failed to return a result. Check the function to verify that it has permission to call the PutJobSuccessResult action and that it made a call to PutJobSuccessResult.`,
    };
  },
};

function newJob({ record, declared, home }: Work): Job {
  return {
    // The run's own id: after an interruption it is the same job.
    id: record.id,
    nonce: "",
    type: "actionTypeId" in declared ? actionTypeKey(declared.actionTypeId) : declared.ruleTypeId.provider,
    status: "Queued",
    pipeline: record.pipeline,
    pipelineRegion: home.region,
    run: record.number,
    runId: record.id,
    continuationToken: undefined,
    dispatchedAt: undefined,
  };
}

async function eventOf(work: Work, job: Job) {
  const { home, input } = work;
  const { configuration, inputs, outputs } = input;
  const encryptionKey = [...inputs, ...outputs][0]?.encryptionKey;
  const keys = await credentialsOf(work);
  return {
    id: job.id,
    accountId: home.account,
    data: {
      actionConfiguration: { configuration },
      inputArtifacts: inputs.map(artifactOf),
      outputArtifacts: outputs.map(artifactOf),
      ...(keys !== undefined && {
        artifactCredentials: {
          accessKeyId: keys.AccessKeyId,
          secretAccessKey: keys.SecretAccessKey,
          sessionToken: keys.SessionToken,
          expirationTime: keys.Expiration?.getTime(),
        },
      }),
      ...(job.continuationToken !== undefined && { continuationToken: job.continuationToken }),
      ...(encryptionKey !== undefined && { encryptionKey }),
    },
  };
}

/** Keys that reach the artifacts: those of the pipeline's role, where IAM knows it. */
async function credentialsOf({ home, definition }: Work): Promise<Credentials | undefined> {
  try {
    const session = { RoleArn: definition.roleArn, RoleSessionName: "codepipeline-job" };
    return (await home.call.sts.assumeRole(session)).Credentials;
  } catch (error) {
    if (isAwsError(error)) return undefined;
    throw error;
  }
}
