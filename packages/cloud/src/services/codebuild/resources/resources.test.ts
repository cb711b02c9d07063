import { BatchGetProjectsCommand, CodeBuildClient, ListSourceCredentialsCommand } from "@aws-sdk/client-codebuild";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../../testing/test-cloud.test-kit.ts";
import { stackKit } from "../../cloudformation/stack.test-kit.ts";
import type { StackKit } from "../../cloudformation/stack.test-kit.ts";
import { toMembers } from "./properties.ts";

let cloud: TestCloud;
let stacks: StackKit;
beforeAll(async () => {
  cloud = await startTestCloud();
  stacks = stackKit(cloud);
});
afterAll(() => cloud.stop());

const template = (project: object, days: number) => ({
  Resources: {
    Role: {
      Type: "AWS::IAM::Role",
      Properties: { AssumeRolePolicyDocument: { Version: "2012-10-17", Statement: [] } },
    },
    Project: {
      Type: "AWS::CodeBuild::Project",
      Properties: {
        ServiceRole: { "Fn::GetAtt": ["Role", "Arn"] },
        Artifacts: { Type: "NO_ARTIFACTS" },
        Source: { Type: "NO_SOURCE", BuildSpec: '{"version":"0.2","phases":{}}' },
        Environment: {
          Type: "LINUX_CONTAINER",
          ComputeType: "BUILD_GENERAL1_SMALL",
          Image: "aws/codebuild/standard:7.0",
          PrivilegedMode: "false",
          EnvironmentVariables: [{ Name: "A", Type: "PLAINTEXT", Value: "1" }],
        },
        Tags: [{ Key: "team", Value: "a" }],
        ...project,
      },
    },
    Reports: {
      Type: "AWS::CodeBuild::ReportGroup",
      Properties: { Type: "TEST", ExportConfig: { ExportConfigType: "NO_EXPORT" } },
    },
    Credential: {
      Type: "AWS::CodeBuild::SourceCredential",
      Properties: { AuthType: "PERSONAL_ACCESS_TOKEN", ServerType: "GITHUB", Token: "t" },
    },
    Group: { Type: "AWS::Logs::LogGroup", Properties: { LogGroupName: "/stack/group", RetentionInDays: days } },
    Stream: { Type: "AWS::Logs::LogStream", Properties: { LogGroupName: { Ref: "Group" }, LogStreamName: "first" } },
  },
  Outputs: {
    Name: { Value: { Ref: "Project" } },
    Arn: { Value: { "Fn::GetAtt": ["Project", "Arn"] } },
    Reports: { Value: { Ref: "Reports" } },
    Group: { Value: { "Fn::GetAtt": ["Group", "Arn"] } },
  },
});

describe("resources of CodeBuild and CloudWatch Logs", () => {
  it("are made, changed in place and removed by a stack", async () => {
    const codebuild = cloud.client(CodeBuildClient);
    const made = await stacks.deploy(template({ TimeoutInMinutes: "20", Description: "first" }, 7));
    expect(made.status).toBe("CREATE_COMPLETE");
    const { outputs } = made;
    expect(outputs).toMatchObject({
      Arn: `arn:aws:codebuild:us-east-1:000000000000:project/${outputs["Name"]}`,
      Reports: expect.stringMatching(/^arn:aws:codebuild:us-east-1:000000000000:report-group\//) as string,
      Group: "arn:aws:logs:us-east-1:000000000000:log-group:/stack/group:*",
    });
    const project = async () =>
      (await codebuild.send(new BatchGetProjectsCommand({ names: [outputs["Name"] ?? ""] }))).projects?.[0];
    expect(await project()).toMatchObject({
      description: "first",
      timeoutInMinutes: 20,
      environment: { privilegedMode: false, environmentVariables: [{ name: "A", type: "PLAINTEXT", value: "1" }] },
      tags: expect.arrayContaining([{ key: "team", value: "a" }]) as unknown[],
    });
    expect((await codebuild.send(new ListSourceCredentialsCommand({}))).sourceCredentialsInfos).toHaveLength(1);

    expect((await stacks.deploy(template({ ConcurrentBuildLimit: 2 }, 30))).status).toBe("UPDATE_COMPLETE");
    expect(await project()).toMatchObject({ description: "", timeoutInMinutes: 60, concurrentBuildLimit: 2 });
    const logs = cloud.client(CloudWatchLogsClient);
    const groups = async () =>
      (await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "/stack/" }))).logGroups ?? [];
    expect((await groups())[0]?.retentionInDays).toBe(30);

    expect(await stacks.remove()).toBe("DELETE_COMPLETE");
    expect(await groups()).toEqual([]);
    expect(await project()).toBeUndefined();
  });

  it("that Trysail cannot honour fail the stack with the reason", async () => {
    const { status, reasons } = await stacks.deploy(template({ Triggers: { Webhook: true } }, 7), { name: "hooked" });
    expect(status).toBe("ROLLBACK_COMPLETE");
    expect(reasons).toContainEqual(expect.stringMatching(/^Project: .*Trysail makes no webhooks/));
  });

  it("have properties that become the API's members", () => {
    expect(
      toMembers({
        Source: { BuildSpec: "b", GitCloneDepth: "1", ReportBuildStatus: "true" },
        LogsConfig: { S3Logs: { EncryptionDisabled: false } },
        Environment: { EnvironmentVariables: [{ Value: 5 }] },
      }),
    ).toEqual({
      source: { buildspec: "b", gitCloneDepth: 1, reportBuildStatus: true },
      logsConfig: { s3Logs: { encryptionDisabled: false } },
      environment: { environmentVariables: [{ value: "5" }] },
    });
  });
});
