import { join } from "node:path";
import { messageOf } from "@trysail/core";
import type { Context, Principal } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { uuidOf } from "../model.ts";
import type { StoredBuild } from "../model.ts";
import { openBuildLog } from "./build-log.ts";
import { gzipLog, logGroupSink } from "./log-sinks.ts";
import type { FileLog } from "./log-sinks.ts";
import { PhaseProblem } from "./problem.ts";
import type { Run } from "./run.ts";
import { baseEnvironment, builder, makeWorkspace } from "./workspace.ts";

/** A run, and its log as it goes to S3, if it does. */
export interface ProvisionedRun extends Run {
  readonly file: FileLog | undefined;
}

/** The tree of a build's processes, and the name of its activity. */
export function treeOf(ctx: Context, buildId: string): string {
  return `codebuild/${ctx.account}/${ctx.region}/${buildId}`;
}

/** The folder of a build's files, which are gone when it has ended. */
export function buildFolder(ctx: Context, buildId: string): string {
  // Without hyphens: npm hides whatever looks like a UUID in what it prints.
  return ctx.host.workspace("codebuild", ctx.account, ctx.region, uuidOf(buildId).replaceAll("-", ""));
}

const sessionSeconds = { usual: 3600, longest: 43_200 } as const;

/** A session of the service role, as long as the build may take, where the role allows that. */
async function assumeRole(ctx: Context, { build }: StoredBuild) {
  const { serviceRole: RoleArn = "", timeoutInMinutes = 60 } = build;
  const assume = (DurationSeconds: number) =>
    ctx.call.sts.assumeRole({ RoleArn, RoleSessionName: `AWSCodeBuild-${uuidOf(build.id)}`, DurationSeconds });
  const wanted = Math.min(sessionSeconds.longest, Math.max(sessionSeconds.usual, timeoutInMinutes * 60));
  try {
    return await assume(wanted).catch((error: unknown) => {
      if (wanted > sessionSeconds.usual && isAwsError(error, "ValidationError")) return assume(sessionSeconds.usual);
      throw error;
    });
  } catch (error) {
    if (!isAwsError(error)) throw error;
    throw new PhaseProblem(
      "ACCESS_DENIED",
      `CodeBuild is not authorized to perform: sts:AssumeRole on ${RoleArn}. ${error.message}`,
    );
  }
}

/** PROVISIONING: a workspace, the service role's session, and the log. */
export async function provision(ctx: Context, stored: StoredBuild, signal: AbortSignal): Promise<ProvisionedRun> {
  const { build } = stored;
  const [workspace, { Credentials: credentials, AssumedRoleUser: user }] = await Promise.all([
    makeWorkspace(buildFolder(ctx, build.id)),
    assumeRole(ctx, stored),
  ]);
  const principal: Principal = { type: "assumed-role", arn: user?.Arn ?? "", userId: user?.AssumedRoleId ?? "" };
  const asRole = ctx.as({ principal });
  const { logs } = build;
  const file = logs?.s3Logs?.status === "ENABLED" ? gzipLog(join(workspace.control, "log.gz")) : undefined;
  const log = openBuildLog({
    now: () => ctx.as({}).now,
    sinks: [
      ...(logs?.groupName === undefined ? [] : [logGroupSink(asRole, logs.groupName, logs.streamName ?? "")]),
      ...(file === undefined ? [] : [file.sink]),
    ],
    onFault: (error) => ctx.log.warn("a build's log cannot be written", { build: build.id, error: messageOf(error) }),
  });
  const sourceFolder = join(workspace.sources, "src");
  const environment = {
    ...baseEnvironment(workspace, ctx.host.workspace("caches"), process.env, ctx.host.endpoint),
    AWS_REGION: ctx.region,
    AWS_DEFAULT_REGION: ctx.region,
    AWS_ACCESS_KEY_ID: credentials?.AccessKeyId ?? "",
    AWS_SECRET_ACCESS_KEY: credentials?.SecretAccessKey ?? "",
    AWS_SESSION_TOKEN: credentials?.SessionToken ?? "",
    ...codeBuildVariables(ctx, stored),
  };
  log.hide(environment.AWS_SECRET_ACCESS_KEY);
  log.hide(environment.AWS_SESSION_TOKEN);
  log.container(
    `Running on Trysail: commands use the toolchain of this machine, as the user ${builder()}; the image ${build.environment?.image} is not run`,
  );
  return {
    ctx: asRole,
    stored,
    treeId: treeOf(ctx, build.id),
    workspace,
    log,
    environment,
    sourceFolder,
    signal,
    file,
  };
}

/** @see https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html */
function codeBuildVariables(ctx: Context, { build }: StoredBuild): Record<string, string> {
  const optional = {
    CODEBUILD_SOURCE_REPO_URL: build.source?.location,
    CODEBUILD_SOURCE_VERSION: build.sourceVersion,
    CODEBUILD_KMS_KEY_ID: build.encryptionKey,
  };
  return {
    CODEBUILD_BUILD_ARN: build.arn,
    CODEBUILD_BUILD_ID: build.id,
    CODEBUILD_BUILD_IMAGE: build.environment?.image ?? "",
    CODEBUILD_BUILD_NUMBER: String(build.buildNumber),
    CODEBUILD_BUILD_SUCCEEDING: "1",
    CODEBUILD_BUILD_URL: build.logs?.deepLink ?? "",
    CODEBUILD_CI: "true",
    CODEBUILD_INITIATOR: build.initiator ?? "",
    CODEBUILD_LOG_PATH: build.logs?.streamName ?? "",
    CODEBUILD_PROJECT_ARN: build.arn.replace(/:build\/.*/, `:project/${build.projectName}`),
    CODEBUILD_START_TIME: String(build.startTime?.getTime() ?? ctx.now),
    ...Object.fromEntries(
      Object.entries(optional).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
  };
}
