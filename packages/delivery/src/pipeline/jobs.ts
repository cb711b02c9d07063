import {
  AcknowledgeJobCommand,
  PollForJobsCommand,
  PutJobSuccessResultCommand,
  type ActionTypeId,
  type CodePipelineClient,
  type Job,
} from "@aws-sdk/client-codepipeline";
import { messageOf, type Log, type Millis } from "@trysail/core";
import { isNamed } from "../aws/failures.ts";
import { isOver } from "../plan/rollout.ts";
import { startRollout } from "../run/start.ts";
import type { PipelineJob } from "../store/model.ts";
import type { RolloutStore } from "../store/rollouts.ts";
import { readOrder, type Order } from "./order.ts";
import { fail, reportJob, settled } from "./report.ts";

/** The custom action of CodePipeline that rolls out. */
export const actionType = {
  category: "Deploy",
  owner: "Custom",
  provider: "Trysail",
  version: "1",
} as const satisfies ActionTypeId;

export interface JobDeps {
  readonly codePipeline: CodePipelineClient;
  readonly store: RolloutStore;
  readonly log: Log;
  readonly now: () => Millis;
  /** Makes ready what rollouts are kept in; called before the first job is taken. */
  prepare(): Promise<void>;
  /** The spec's document in Parameter Store. */
  parameter(name: string): Promise<string>;
}

const mostJobs = 10;

/**
 * Takes up what pipelines ask for. The first job of an action begins a rollout and goes back with the rollout's id as
 * continuation token; the second, which has the token, is answered when the rollout is over.
 *
 * A rollout is stored before its job is acknowledged: who is killed between both leaves a job that is offered again, and
 * finds the rollout.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-create-custom-action.html
 */
export async function takeJobs(deps: JobDeps): Promise<void> {
  const { jobs = [] } = await deps.codePipeline
    .send(new PollForJobsCommand({ actionTypeId: actionType, maxBatchSize: mostJobs }))
    .catch((error: unknown) => {
      // No pipeline has such an action yet.
      if (isNamed(error, "ActionTypeNotFoundException")) return { jobs: [] };
      throw error;
    });
  if (jobs.length > 0) await deps.prepare();
  for (const job of jobs)
    await take(deps, job).catch((error: unknown) =>
      deps.log.warn(`The job ${job.id} is tried again: ${messageOf(error)}`),
    );
}

async function take(deps: JobDeps, job: Job): Promise<void> {
  const token = job.data?.continuationToken;
  if (token !== undefined && token !== "") await goOn(deps, job, token);
  else await begin(deps, job);
}

async function begin(deps: JobDeps, job: Job): Promise<void> {
  const read = await readOrder(job, deps.parameter);
  if (read.kind === "mistake") {
    if (await acknowledged(deps, job)) await fail(deps.codePipeline, job.id ?? "", "ConfigurationError", read.message);
    return;
  }
  const { order } = read;
  await startRollout(deps.store, { ...order, kind: "rollout", job: pipelineJob(job) }, deps.now());
  if (!(await acknowledged(deps, job))) return;
  await settled(
    deps.codePipeline.send(
      new PutJobSuccessResultCommand({
        jobId: job.id,
        continuationToken: order.id,
        executionDetails: { externalExecutionId: order.id, percentComplete: 0, summary: summaryOf(order) },
      }),
    ),
  );
}

const summaryOf = ({ version, spec }: Order): string =>
  `Rolling out ${version.id}: ${spec.waves.map(({ regions }) => regions.join(" and ")).join(", then ")}`;

/** How often a job is put to its rollout, while others write that too. */
const mostTries = 10;

/** The second job waits for the rollout's end, whoever drives it. */
async function goOn(deps: JobDeps, job: Job, id: string): Promise<void> {
  for (let tries = 0; tries < mostTries; tries++) {
    const found = await deps.store.read(id);
    if (found === undefined) {
      if (await acknowledged(deps, job))
        await fail(
          deps.codePipeline,
          job.id ?? "",
          "JobFailed",
          `The rollout ${id} is not in the bucket of rollouts any more.`,
        );
      return;
    }
    if (isOver(found.value.rollout)) {
      if (await acknowledged(deps, job)) await reportJob(deps.codePipeline, { ...found.value, job: pipelineJob(job) });
      return;
    }
    // Stored before it is acknowledged: who ends the rollout knows whom to tell.
    if ((await deps.store.write(found, { ...found.value, job: pipelineJob(job) })) !== undefined) {
      await acknowledged(deps, job);
      return;
    }
  }
  deps.log.info(`The job ${job.id} of ${id} is offered again in a minute: others write the rollout all the time.`);
}

function pipelineJob(job: Job): PipelineJob {
  const context = job.data?.pipelineContext;
  return {
    id: job.id ?? "",
    pipeline: context?.pipelineName ?? "",
    execution: context?.pipelineExecutionId ?? "",
    stage: context?.stage?.name ?? "",
    action: context?.action?.name ?? "",
  };
}

/** Whether the job is this worker's: of several, one gets it. */
async function acknowledged({ codePipeline }: JobDeps, { id, nonce }: Job): Promise<boolean> {
  try {
    const { status } = await codePipeline.send(new AcknowledgeJobCommand({ jobId: id, nonce }));
    return status === "InProgress";
  } catch (error) {
    if (isNamed(error, "InvalidNonceException", "JobNotFoundException")) return false;
    throw error;
  }
}
