import type { Build, ProjectArtifacts, ProjectSource } from "@aws-sdk/client-codebuild";
import type { Context } from "../../../kernel/context.ts";
import type { Input } from "../../../kernel/sdk-types.ts";
import type { PlacedArtifact } from "../model.ts";
import { sourceActions } from "../model/triggers.ts";
import type { Step, Work } from "./provider.ts";

type StartBuildInput = Input<typeof import("@aws-sdk/client-codebuild"), "startBuild">;

/** A build that was started for a run. */
interface BuildProgress {
  readonly id: string;
}

const isBuildProgress = (progress: unknown): progress is BuildProgress =>
  typeof progress === "object" && progress !== null && "id" in progress;

/** How much of a failed build's log is told with the failure. */
const lastLines = 12;
const longestMessage = 4000;

/** What a build reads: the primary source, and the others by their artifacts' names. */
export function sourcesOf(
  work: Work,
): Pick<StartBuildInput, "sourceTypeOverride" | "sourceLocationOverride" | "secondarySourcesOverride"> {
  const primary = primaryOf(work);
  if (primary === undefined) return { sourceTypeOverride: "NO_SOURCE" };
  const others = work.input.inputs.filter((artifact) => artifact !== primary);
  return {
    sourceTypeOverride: "S3",
    sourceLocationOverride: `${primary.bucket}/${primary.key}`,
    secondarySourcesOverride: others.map(({ name, bucket, key }): ProjectSource => ({
      type: "S3",
      location: `${bucket}/${key}`,
      sourceIdentifier: name,
    })),
  };
}

/** The build's environment: the action's own, and the revision that its primary source is of, as the build tells it. */
export function environmentOf(work: Work): NonNullable<StartBuildInput["environmentVariablesOverride"]> {
  const primary = primaryOf(work);
  const source = sourceActions(work.definition).find(({ outputArtifacts }) =>
    outputArtifacts?.some(({ name }) => name === primary?.name),
  );
  const revision = source && work.execution.revisions[source.name]?.revisionId;
  const told = revision === undefined ? [] : [{ name: "CODEBUILD_RESOLVED_SOURCE_VERSION", value: revision }];
  return [...work.input.environment, ...told];
}

function primaryOf({ input }: Work): PlacedArtifact | undefined {
  const { PrimarySource: named } = input.configuration;
  return input.inputs.find(({ name }) => name === named) ?? input.inputs[0];
}

/** Where a build puts what it makes: one output is its artifacts, several are its secondary artifacts of those names. */
export function artifactsOf({
  input,
}: Work): Pick<StartBuildInput, "artifactsOverride" | "secondaryArtifactsOverride"> {
  const [only, ...others] = input.outputs;
  if (only === undefined) return { artifactsOverride: { type: "NO_ARTIFACTS" }, secondaryArtifactsOverride: [] };
  if (others.length === 0) return { artifactsOverride: placeOf(only), secondaryArtifactsOverride: [] };
  return {
    artifactsOverride: { type: "NO_ARTIFACTS" },
    secondaryArtifactsOverride: input.outputs.map((artifact) => ({
      ...placeOf(artifact),
      artifactIdentifier: artifact.name,
    })),
  };
}

function placeOf({ bucket, key }: PlacedArtifact): ProjectArtifacts {
  const slash = key.lastIndexOf("/");
  return {
    type: "S3",
    location: bucket,
    path: key.slice(0, slash),
    name: key.slice(slash + 1),
    namespaceType: "NONE",
    packaging: "ZIP",
    overrideArtifactName: false,
  };
}

/**
 * Carries out a run by a build: starts it once, waits for its end, and takes over how it ended.
 *
 * @param start - the build to start
 */
export async function runBuild(work: Work, start: () => Promise<StartBuildInput>): Promise<Step> {
  const { acting, record } = work;
  if (!isBuildProgress(record.progress)) {
    // The token makes a second attempt, after an interruption, find the build of the first.
    const { build } = await asInitiator(work).call.codebuild.startBuild({
      ...(await start()),
      idempotencyToken: record.id,
    });
    if (build?.id === undefined) throw new Error("CodeBuild has started a build without an id");
    return waitFor(acting, build);
  }
  const { builds = [] } = await acting.call.codebuild.batchGetBuilds({ ids: [record.progress.id] });
  const [build] = builds;
  if (build === undefined)
    return { status: "failed", code: "JobFailed", message: `The build ${record.progress.id} is gone.` };
  if (build.buildStatus === "IN_PROGRESS" || build.buildStatus === undefined) return waitFor(acting, build);
  const shown = shownOf(acting, build);
  if (build.buildStatus === "SUCCEEDED") {
    const exported = (build.exportedEnvironmentVariables ?? []).map(
      ({ name = "", value = "" }) => [name, value] as const,
    );
    return { status: "succeeded", variables: Object.fromEntries(exported), ...shown };
  }
  const message = [
    `Build terminated with state: ${build.buildStatus}.${whyOf(build)}`,
    ...(await lastLinesOf(acting, build)),
  ].join("\n");
  return { status: "failed", code: "JobFailed", message: message.slice(0, longestMessage), ...shown };
}

/** Builds tell who started them: `codepipeline/NAME`. */
function asInitiator({ acting, record }: Work): Context {
  const { arn } = acting.principal;
  return acting.as({
    principal: {
      type: "service",
      arn: arn.replace(/:assumed-role\/.*$/, ":codepipeline"),
      userId: `codepipeline/${record.pipeline}`,
    },
  });
}

export async function stopBuild({ acting, record }: Work): Promise<void> {
  if (isBuildProgress(record.progress)) await acting.call.codebuild.stopBuild({ id: record.progress.id });
}

function waitFor(acting: Context, build: Build): Step {
  return {
    status: "waiting",
    progress: { id: build.id },
    awaits: ["build", build.arn ?? ""],
    ...shownOf(acting, build),
  };
}

function shownOf({ region }: Context, { id = "", logs }: Build) {
  const [project = ""] = id.split(":");
  const stream = logs?.cloudWatchLogsArn;
  return {
    externalId: id,
    externalUrl: `https://console.aws.amazon.com/codebuild/home?region=${region}#/builds/${encodeURIComponent(id)}/view/new`,
    summary: `CodeBuild project ${project}`,
    ...(stream === undefined ? {} : { logStreamArn: stream }),
  };
}

/** The first phase that went wrong, in CodeBuild's words. */
function whyOf({ phases = [] }: Build): string {
  const failed = phases.find(
    ({ phaseStatus }) => phaseStatus !== undefined && !["SUCCEEDED", "IN_PROGRESS", "QUEUED"].includes(phaseStatus),
  );
  if (failed === undefined) return "";
  const [context] = failed.contexts ?? [];
  return ` Phase: ${failed.phaseType}, Code: ${context?.statusCode ?? failed.phaseStatus}, Message: ${context?.message ?? ""}`;
}

async function lastLinesOf(acting: Context, { logs }: Build): Promise<readonly string[]> {
  const { groupName, streamName } = logs ?? {};
  if (groupName === undefined || streamName === undefined) return [];
  try {
    const { events = [] } = await acting.call.logs.getLogEvents({
      logGroupName: groupName,
      logStreamName: streamName,
      limit: lastLines,
      startFromHead: false,
    });
    const lines = events.map(({ message = "" }) => message.trimEnd());
    return lines.length === 0 ? [] : ["Last lines of its log:", ...lines];
  } catch {
    // The failure matters more than its log.
    return [];
  }
}
