import type {
  Build,
  LogsConfig,
  LogsLocation,
  Project,
  ProjectArtifacts,
  StartBuildInput,
} from "@aws-sdk/client-codebuild";
import { partitionOf } from "@trysail/core";
import type { Context, Principal } from "../../kernel/context.ts";
import { overrideVariables } from "./environment.ts";
import { stateChange } from "./events.ts";
import { startMeasurement } from "./measurements.ts";
import { endPhase, enterPhase, limits, uuidOf } from "./model.ts";
import type { StoredBuild, StoredProject } from "./model.ts";
import { arnOf, tables } from "./store.ts";
import { checkArtifacts, checkEnvironment, checkMinutes, checkSource } from "./validation.ts";

/** Who started a build, as CodeBuild writes it. */
function initiatorOf(principal: Principal): string {
  const session = /:assumed-role\/(?<role>.+)$/.exec(principal.arn)?.groups?.["role"];
  if (session !== undefined) return session;
  return (
    /:user\/(?<user>.+)$/.exec(principal.arn)?.groups?.["user"] ??
    (principal.type === "root" ? "root" : principal.userId)
  );
}

/**
 * Who starts a build may know better than its source which version that is: of a pipeline's artifact, the commit. The
 * name is one that AWS reserves.
 */
const resolvedVersion = "CODEBUILD_RESOLVED_SOURCE_VERSION";

/** A project with what StartBuild overrides. */
function overridden(project: Project, input: StartBuildInput): Project {
  const {
    source = { type: "NO_SOURCE" },
    environment = { type: "LINUX_CONTAINER", image: "", computeType: "BUILD_GENERAL1_SMALL" },
  } = project;
  const changedType = input.sourceTypeOverride !== undefined && input.sourceTypeOverride !== source.type;
  return {
    ...project,
    source: {
      ...source,
      type: input.sourceTypeOverride ?? source.type,
      // Another type's location is none of this one's.
      location: input.sourceLocationOverride ?? (changedType ? undefined : source.location),
      buildspec: input.buildspecOverride ?? source.buildspec,
      gitCloneDepth: input.gitCloneDepthOverride ?? source.gitCloneDepth,
      gitSubmodulesConfig: input.gitSubmodulesConfigOverride ?? source.gitSubmodulesConfig,
      auth: input.sourceAuthOverride ?? source.auth,
      insecureSsl: input.insecureSslOverride ?? source.insecureSsl,
      reportBuildStatus: input.reportBuildStatusOverride ?? source.reportBuildStatus,
      buildStatusConfig: input.buildStatusConfigOverride ?? source.buildStatusConfig,
    },
    secondarySources: input.secondarySourcesOverride ?? project.secondarySources,
    sourceVersion: input.sourceVersion ?? project.sourceVersion,
    secondarySourceVersions: input.secondarySourcesVersionOverride ?? project.secondarySourceVersions,
    artifacts: input.artifactsOverride ?? project.artifacts,
    secondaryArtifacts: input.secondaryArtifactsOverride ?? project.secondaryArtifacts,
    cache: input.cacheOverride ?? project.cache,
    environment: {
      ...environment,
      type: input.environmentTypeOverride ?? environment.type,
      image: input.imageOverride ?? environment.image,
      computeType: input.computeTypeOverride ?? environment.computeType,
      certificate: input.certificateOverride ?? environment.certificate,
      privilegedMode: input.privilegedModeOverride ?? environment.privilegedMode,
      registryCredential: input.registryCredentialOverride ?? environment.registryCredential,
      imagePullCredentialsType: input.imagePullCredentialsTypeOverride ?? environment.imagePullCredentialsType,
      environmentVariables: overrideVariables(
        environment.environmentVariables ?? [],
        (input.environmentVariablesOverride ?? []).filter(({ name }) => name !== resolvedVersion),
      ),
    },
    serviceRole: input.serviceRoleOverride ?? project.serviceRole,
    timeoutInMinutes: input.timeoutInMinutesOverride ?? project.timeoutInMinutes,
    queuedTimeoutInMinutes: input.queuedTimeoutInMinutesOverride ?? project.queuedTimeoutInMinutes,
    encryptionKey: input.encryptionKeyOverride ?? project.encryptionKey,
    logsConfig: input.logsConfigOverride ?? project.logsConfig,
    autoRetryLimit: input.autoRetryLimitOverride ?? project.autoRetryLimit,
  };
}

/** Where a build's log goes. */
function logsOf(ctx: Context, project: string, buildId: string, config: LogsConfig | undefined): LogsLocation {
  const cloudWatchLogs = config?.cloudWatchLogs ?? { status: "ENABLED" };
  const s3Logs = config?.s3Logs ?? { status: "DISABLED" };
  const uuid = uuidOf(buildId);
  const group = cloudWatchLogs.groupName ?? `/aws/codebuild/${project}`;
  const stream = cloudWatchLogs.streamName === undefined ? uuid : `${cloudWatchLogs.streamName}/${uuid}`;
  const partition = partitionOf(ctx.region);
  return {
    cloudWatchLogs,
    s3Logs,
    ...(cloudWatchLogs.status === "ENABLED" && {
      groupName: group,
      streamName: stream,
      cloudWatchLogsArn: `arn:${partition}:logs:${ctx.region}:${ctx.account}:log-group:${group}:log-stream:${stream}`,
      deepLink: `https://console.aws.amazon.com/cloudwatch/home?region=${ctx.region}#logsV2:log-groups/log-group/${encodeURIComponent(group)}/log-events/${encodeURIComponent(stream)}`,
    }),
    ...(s3Logs.status === "ENABLED" && { s3LogsArn: `arn:${partition}:s3:::${s3Logs.location}/${uuid}.gz` }),
  };
}

const noArtifacts: ProjectArtifacts = { type: "NO_ARTIFACTS" };

/**
 * Puts a build into its project's queue.
 *
 * @throws AwsError `InvalidInputException` if what is overridden does not fit
 */
export function startBuildOf(
  ctx: Context,
  stored: StoredProject,
  request: StartBuildInput,
  more: Pick<Build, "autoRetryConfig"> = {},
): StoredBuild {
  const project = overridden(stored, request);
  const { source = { type: "NO_SOURCE" }, artifacts = noArtifacts, secondaryArtifacts = [] } = project;
  for (const one of [source, ...(project.secondarySources ?? [])]) checkSource(one, "build");
  for (const one of [artifacts, ...secondaryArtifacts]) checkArtifacts(one, "build");
  if (project.environment !== undefined) checkEnvironment(project.environment);
  const timeout = checkMinutes("timeoutInMinutes", project.timeoutInMinutes, limits.timeoutMinutes);
  const queuedTimeout = checkMinutes(
    "queuedTimeoutInMinutes",
    project.queuedTimeoutInMinutes,
    limits.queuedTimeoutMinutes,
  );

  const id = `${stored.name}:${ctx.ids.uuid()}`;
  const number = stored.lastNumber + 1;
  const submitted = endPhase(enterPhase({ phases: [] }, "SUBMITTED", ctx.now), "SUCCEEDED", ctx.now);
  const build: StoredBuild["build"] = {
    id,
    arn: arnOf(ctx, `build/${id}`),
    buildNumber: number,
    startTime: new Date(ctx.now),
    buildStatus: "IN_PROGRESS",
    sourceVersion: project.sourceVersion,
    resolvedSourceVersion: request.environmentVariablesOverride?.find(({ name }) => name === resolvedVersion)?.value,
    projectName: stored.name,
    source,
    secondarySources: project.secondarySources ?? [],
    secondarySourceVersions: project.secondarySourceVersions ?? [],
    artifacts: shownArtifacts(artifacts),
    secondaryArtifacts: secondaryArtifacts.map(shownArtifacts),
    cache: project.cache ?? { type: "NO_CACHE" },
    environment: project.environment,
    serviceRole: project.serviceRole,
    logs: logsOf(ctx, stored.name, id, project.logsConfig),
    timeoutInMinutes: timeout,
    queuedTimeoutInMinutes: queuedTimeout,
    buildComplete: false,
    initiator: initiatorOf(ctx.principal),
    encryptionKey: project.encryptionKey,
    vpcConfig: project.vpcConfig,
    ...((project.autoRetryLimit ?? 0) > 0 && {
      autoRetryConfig: { autoRetryLimit: project.autoRetryLimit, autoRetryNumber: 0 },
    }),
    ...more,
    ...enterPhase({ currentPhase: "QUEUED", phases: submitted.phases ?? [] }, "QUEUED", ctx.now),
  };
  const queued: StoredBuild = {
    build,
    state: "queued",
    deadline: ctx.now + queuedTimeout * 60_000,
    hasFolder: false,
    stopRequested: false,
    artifacts,
    secondaryArtifacts,
    request,
  };
  ctx.table(tables.projects).put(stored.name, { ...stored, lastNumber: number });
  ctx.table(tables.builds).put(id, queued);
  ctx.table(tables.buildsByTime).put([ctx.now, id], id);
  ctx.table(tables.buildsByProject).put([stored.name, number], id);
  ctx.table(tables.activeBuilds).put([stored.name, number], id);
  ctx.emit(stateChange(build));
  ctx.measure(startMeasurement(build));
  return queued;
}

function shownArtifacts({ artifactIdentifier, encryptionDisabled, overrideArtifactName, location }: ProjectArtifacts) {
  return {
    location: location === undefined ? "" : `arn:aws:s3:::${location}`,
    artifactIdentifier,
    encryptionDisabled,
    overrideArtifactName,
  };
}
