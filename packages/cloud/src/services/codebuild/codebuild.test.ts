import {
  BatchGetBuildsCommand,
  CodeBuildClient,
  CreateProjectCommand,
  StartBuildCommand,
} from "@aws-sdk/client-codebuild";
import type { Build, CreateProjectCommandInput, StartBuildCommandInput } from "@aws-sdk/client-codebuild";
import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";

let cloud: TestCloud;
let codebuild: CodeBuildClient;
let s3: S3Client;
const serviceRole = "arn:aws:iam::000000000000:role/build";

beforeAll(async () => {
  cloud = await startTestCloud();
  codebuild = cloud.client(CodeBuildClient);
  s3 = cloud.client(S3Client);
  const iam = cloud.client(IAMClient);
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "codebuild.amazonaws.com" }, Action: "sts:AssumeRole" }],
  };
  await iam.send(new CreateRoleCommand({ RoleName: "build", AssumeRolePolicyDocument: JSON.stringify(trust) }));
  await s3.send(new CreateBucketCommand({ Bucket: "artifacts" }));
});
afterAll(() => cloud.stop());

const createProject = (name: string, buildspec: object | string, more: Partial<CreateProjectCommandInput> = {}) =>
  codebuild.send(
    new CreateProjectCommand({
      name,
      serviceRole,
      source: { type: "NO_SOURCE", buildspec: typeof buildspec === "string" ? buildspec : JSON.stringify(buildspec) },
      artifacts: { type: "NO_ARTIFACTS" },
      environment: {
        type: "LINUX_CONTAINER",
        image: "aws/codebuild/standard:7.0",
        computeType: "BUILD_GENERAL1_SMALL",
      },
      ...more,
    }),
  );
const get = async (id: string): Promise<Build> =>
  (await codebuild.send(new BatchGetBuildsCommand({ ids: [id] }))).builds?.[0] ?? {};
const start = async (input: StartBuildCommandInput) =>
  (await codebuild.send(new StartBuildCommand(input))).build?.id ?? "";
const ended = (id: string) =>
  cloud.eventually(async () => {
    const build = await get(id);
    return build.buildComplete === true && build;
  });
const run = async (projectName: string, more: Partial<StartBuildCommandInput> = {}) =>
  ended(await start({ projectName, ...more }));
const logOf = async ({ logs }: Build) => {
  const { events = [] } = await cloud
    .client(CloudWatchLogsClient)
    .send(
      new GetLogEventsCommand({
        logGroupName: logs?.groupName,
        logStreamName: logs?.streamName ?? "",
        startFromHead: true,
      }),
    );
  return events.map(({ message = "" }) =>
    message.replace(/^\[Container\] \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{6}/, "[Container]").trimEnd(),
  );
};
const phasesOf = ({ phases = [] }: Build) =>
  phases.map(({ phaseType, phaseStatus }) => `${phaseType} ${phaseStatus ?? ""}`.trim());

describe("CodeBuild", () => {
  it("runs a build whole", async () => {
    await createProject("whole", {
      version: "0.2",
      phases: { build: { commands: ["cd /", "export GREETING=hello", "echo $GREETING from $PWD"] } },
    });
    const t = performance.now();
    const build = await run("whole");
    console.log("ms", performance.now() - t);
    console.log((await logOf(build)).join("\n"));
    console.log(JSON.stringify(build, null, 1));
    expect(build.buildStatus).toBe("SUCCEEDED");
    for (let i = 0; i < 5; i++) {
      const t = performance.now();
      await run("whole");
      console.log("ms", performance.now() - t);
    }
  });
});
