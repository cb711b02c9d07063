import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from "@aws-sdk/client-cloudformation";
import {
  GetPipelineCommand,
  GetPipelineStateCommand,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
} from "@aws-sdk/client-codepipeline";
import type { ActionDeclaration } from "@aws-sdk/client-codepipeline";
import { CreateBucketCommand, HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { approve, deploy, source, startPipelineWorld } from "./pipelines.test-kit.ts";
import type { PipelineWorld } from "./pipelines.test-kit.ts";

let world: PipelineWorld;
let stacks: CloudFormationClient;
beforeAll(async () => {
  world = await startPipelineWorld({ ticks: true });
  stacks = world.cloud.client(CloudFormationClient);
});
afterAll(() => world.cloud.stop());

const template = (value: unknown, name: unknown = { Ref: "AWS::StackName" }) =>
  JSON.stringify({
    Parameters: { Suffix: { Type: "String", Default: "none" }, Bucket: { Type: "String", Default: "" } },
    Resources: { Setting: { Type: "AWS::SSM::Parameter", Properties: { Name: name, Type: "String", Value: value } } },
    Outputs: { Name: { Value: { Ref: "Setting" } }, Bucket: { Value: { Ref: "Bucket" } } },
  });
const stackAction = (
  name: string,
  ActionMode: string,
  StackName: string,
  more: Record<string, string> = {},
  rest: Partial<ActionDeclaration> = {},
): ActionDeclaration => ({
  name,
  actionTypeId: { category: "Deploy", owner: "AWS", provider: "CloudFormation", version: "1" },
  configuration: {
    ActionMode,
    StackName,
    RoleArn: "arn:aws:iam::000000000000:role/pipeline",
    TemplatePath: "Code::stack.json",
    ...more,
  },
  inputArtifacts: [{ name: "Code" }],
  ...rest,
});
// What one test writes is not to start the pipelines of another.
const sourceStage = {
  name: "Source",
  actions: [{ ...source, configuration: { ...source.configuration, PollForSourceChanges: "false" } }],
};
const setting = async (Name: string, region?: string) =>
  (await world.cloud.client(SSMClient, region === undefined ? {} : { region }).send(new GetParameterCommand({ Name })))
    .Parameter?.Value;

describe("stacks", () => {
  it("are created with parameters from artifacts, and their outputs are variables and files", async () => {
    await world.upload({
      "stack.json": template({ "Fn::Sub": "of-${Suffix}" }),
      "config.json": JSON.stringify({ Parameters: { Suffix: "config" }, Tags: { team: "a" } }),
      "values.json": JSON.stringify({ suffix: "file" }),
    });
    const overrides = {
      Suffix: { "Fn::GetParam": ["Code", "values.json", "suffix"] },
      Bucket: { "Fn::GetArtifactAtt": ["Code", "BucketName"] },
    };
    await world.create("stacks", [
      sourceStage,
      {
        name: "Stack",
        actions: [
          stackAction(
            "Apply",
            "CREATE_UPDATE",
            "made",
            {
              TemplateConfiguration: "Code::config.json",
              ParameterOverrides: JSON.stringify(overrides),
              OutputFileName: "out.json",
            },
            { namespace: "Made", outputArtifacts: [{ name: "Outputs" }] },
          ),
          {
            ...deploy,
            name: "Ship",
            runOrder: 2,
            inputArtifacts: [{ name: "Outputs" }],
            configuration: { ...deploy.configuration, ObjectKey: "#{Made.Name}" },
          },
          stackAction(
            "Again",
            "CREATE_UPDATE",
            "made",
            { TemplateConfiguration: "Code::config.json", ParameterOverrides: JSON.stringify(overrides) },
            { runOrder: 2 },
          ),
          stackAction("Remove", "DELETE_ONLY", "made", {}, { runOrder: 3 }),
        ],
      },
    ]);
    const applied = await world.until("stacks", "Apply", "Succeeded");
    expect(applied.externalExecutionId).toMatch(/^arn:aws:cloudformation:.*stack\/made\//);
    expect(await world.ended("stacks", await world.latest("stacks"))).toBe("Succeeded");
    expect(JSON.parse((await world.read("site", "made/out.json")).text ?? "")).toEqual({
      Name: "made",
      Bucket: "store",
    });
    expect((await world.action("stacks", "Again"))?.summary).toBe("No updates are to be performed.");
    await expect(setting("made")).rejects.toMatchObject({ name: "ParameterNotFound" });
  });

  it("are changed by change sets, also where there is nothing to change", async () => {
    await world.upload({ "stack.json": template("planned") });
    const pair = (order: number): ActionDeclaration[] => [
      stackAction(
        `Prepare${order}`,
        "CHANGE_SET_REPLACE",
        "planned",
        { ChangeSetName: "PipelineChange" },
        { runOrder: order },
      ),
      stackAction(
        `Execute${order}`,
        "CHANGE_SET_EXECUTE",
        "planned",
        { ChangeSetName: "PipelineChange" },
        { runOrder: order + 1, namespace: `Done${order}` },
      ),
    ];
    await world.create("planned", [sourceStage, { name: "Stack", actions: [...pair(1), ...pair(3)] }]);
    expect(await world.ended("planned", await world.latest("planned"))).toBe("Succeeded");
    expect(await setting("planned")).toBe("planned");
    expect((await world.action("planned", "Prepare3"))?.summary).toBe("There are no changes.");
    const { actionExecutionDetails = [] } = await world.pipelines.send(
      new ListActionExecutionsCommand({ pipelineName: "planned" }),
    );
    expect(
      actionExecutionDetails.find(({ actionName }) => actionName === "Execute1")?.output?.outputVariables,
    ).toMatchObject({ Name: "planned" });
  });

  it("that fail tell which resource did and why, and are replaced where that is the mode", async () => {
    await world.upload({ "stack.json": template("x", "not a name") });
    await world.create("failing", [
      sourceStage,
      { name: "Stack", actions: [stackAction("Apply", "CREATE_UPDATE", "failing")] },
    ]);
    expect(await world.ended("failing", await world.latest("failing"))).toBe("Failed");
    const failed = await world.action("failing", "Apply");
    expect(failed?.errorDetails?.message).toMatch(
      /^CREATE_UPDATE of the stack failing has ended as ROLLBACK_COMPLETE\.[^]*Setting \(AWS::SSM::Parameter\): ./,
    );

    await world.upload({ "stack.json": template("mended") });
    await world.create("mending", [
      sourceStage,
      { name: "Stack", actions: [stackAction("Apply", "REPLACE_ON_FAILURE", "failing")] },
    ]);
    expect(await world.ended("mending", await world.latest("mending"))).toBe("Succeeded");
    expect(await setting("failing")).toBe("mended");
  });

  it("are made in other regions from copies of the artifacts there", async () => {
    await world.cloud
      .client(S3Client, { region: "eu-west-1" })
      .send(
        new CreateBucketCommand({ Bucket: "store-eu", CreateBucketConfiguration: { LocationConstraint: "eu-west-1" } }),
      );
    await world.upload({ "stack.json": template("far") });
    await world.create(
      "regions",
      [
        sourceStage,
        { name: "Stack", actions: [stackAction("Apply", "CREATE_UPDATE", "far", {}, { region: "eu-west-1" })] },
      ],
      {
        artifactStore: undefined,
        artifactStores: {
          "us-east-1": { type: "S3", location: "store" },
          "eu-west-1": { type: "S3", location: "store-eu" },
        },
      },
    );
    expect(await world.ended("regions", await world.latest("regions"))).toBe("Succeeded");
    expect(await setting("far", "eu-west-1")).toBe("far");
    const { actionExecutionDetails = [] } = await world.pipelines.send(
      new ListActionExecutionsCommand({ pipelineName: "regions" }),
    );
    const location = actionExecutionDetails.find(({ actionName }) => actionName === "Apply")?.input?.inputArtifacts?.[0]
      ?.s3location;
    expect(location?.bucket).toBe("store-eu");
    await world.s3.send(new HeadObjectCommand({ Bucket: "store", Key: location?.key }));
  });
});

describe("a pipeline of a stack", () => {
  const action = (Name: string, provider: object, Configuration: object, more: object = {}) => ({
    Name,
    ActionTypeId: { Version: 1, ...provider },
    Configuration,
    ...more,
  });
  const body = (actionName: string) =>
    JSON.stringify({
      Resources: {
        Pipe: {
          Type: "AWS::CodePipeline::Pipeline",
          Properties: {
            Name: "of-stack",
            RoleArn: "arn:aws:iam::000000000000:role/pipeline",
            PipelineType: "V2",
            RestartExecutionOnUpdate: true,
            ArtifactStore: { Type: "S3", Location: "store" },
            DisableInboundStageTransitions: [{ StageName: "Ship", Reason: "not yet" }],
            Stages: [
              {
                Name: "Source",
                Actions: [
                  action(
                    "Pull",
                    { Category: "Source", Owner: "AWS", Provider: "S3" },
                    { S3Bucket: "code", S3ObjectKey: "code.zip", PollForSourceChanges: false },
                    { OutputArtifacts: [{ Name: "Code" }] },
                  ),
                ],
              },
              {
                Name: "Gate",
                Actions: [
                  action(
                    actionName,
                    { Category: "Approval", Owner: "AWS", Provider: "Manual" },
                    { CustomData: "ok?" },
                    { RunOrder: "1" },
                  ),
                ],
              },
              {
                Name: "Ship",
                Actions: [
                  action(
                    "Deploy",
                    { Category: "Deploy", Owner: "AWS", Provider: "S3" },
                    { BucketName: "site", Extract: true },
                    { InputArtifacts: [{ Name: "Code" }] },
                  ),
                ],
              },
            ],
          },
        },
        Hook: {
          Type: "AWS::CodePipeline::Webhook",
          Properties: {
            Authentication: "UNAUTHENTICATED",
            AuthenticationConfiguration: {},
            Filters: [{ JsonPath: "$.ref", MatchEquals: "refs/heads/main" }],
            TargetPipeline: { Ref: "Pipe" },
            TargetAction: "Pull",
            TargetPipelineVersion: { "Fn::GetAtt": ["Pipe", "Version"] },
            RegisterWithThirdParty: true,
          },
        },
        Type: {
          Type: "AWS::CodePipeline::CustomActionType",
          Properties: {
            Category: "Deploy",
            Provider: "Own",
            Version: 1,
            InputArtifactDetails: { MinimumCount: 0, MaximumCount: 1 },
            OutputArtifactDetails: { MinimumCount: "0", MaximumCount: "0" },
          },
        },
      },
      Outputs: { Url: { Value: { "Fn::GetAtt": ["Hook", "Url"] } } },
    });
  const settled = (status: string) =>
    world.cloud.eventually(async () => {
      const [stack] = (await stacks.send(new DescribeStacksCommand({ StackName: "pipes" }))).Stacks ?? [];
      if (stack?.StackStatus?.includes("FAILED") === true || stack?.StackStatus?.includes("ROLLBACK") === true) {
        const { StackEvents: events = [] } = await stacks.send(new DescribeStackEventsCommand({ StackName: "pipes" }));
        throw new Error(
          events
            .map(
              ({ LogicalResourceId, ResourceStatus, ResourceStatusReason = "" }) =>
                `${LogicalResourceId} ${ResourceStatus} ${ResourceStatusReason}`,
            )
            .join("\n"),
        );
      }
      return stack?.StackStatus === status && stack;
    });
  const executions = async () =>
    (await world.pipelines.send(new ListPipelineExecutionsCommand({ pipelineName: "of-stack" })))
      .pipelineExecutionSummaries ?? [];

  it("is made with its webhook and action type, updated in place, and started again then", async () => {
    await stacks.send(new CreateStackCommand({ StackName: "pipes", TemplateBody: body("Approve") }));
    const { Outputs: [url] = [] } = await settled("CREATE_COMPLETE");
    expect(url?.OutputValue).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/_github\/webhooks\//);
    const { stageStates = [] } = await world.pipelines.send(new GetPipelineStateCommand({ name: "of-stack" }));
    expect(stageStates[2]?.inboundTransitionState).toMatchObject({ enabled: false, disabledReason: "not yet" });
    await world.cloud.eventually(async () => (await world.action("of-stack", "Approve"))?.token);

    await stacks.send(new UpdateStackCommand({ StackName: "pipes", TemplateBody: body("Agree") }));
    await settled("UPDATE_COMPLETE");
    expect((await executions()).map(({ status, trigger }) => [status, trigger?.triggerType])).toEqual([
      ["InProgress", "StartPipelineExecution"],
      ["Cancelled", "CreatePipeline"],
    ]);
    const { pipeline } = await world.pipelines.send(new GetPipelineCommand({ name: "of-stack" }));
    expect(pipeline).toMatchObject({
      version: 2,
      stages: [
        {},
        { actions: [{ name: "Agree", runOrder: 1, configuration: { CustomData: "ok?" } }] },
        { actions: [{ configuration: { Extract: "true" } }] },
      ],
    });
  });
});

describe("a pipeline that invokes another", () => {
  it("waits for it, and fails as it fails", async () => {
    await world.upload({ "index.html": "x" });
    await world.create(
      "inner",
      [
        sourceStage,
        {
          name: "Ship",
          actions: [{ ...deploy, configuration: { BucketName: "#{variables.Where}", Extract: "true" } }],
        },
      ],
      {
        variables: [{ name: "Where", defaultValue: "site" }],
      },
    );
    const invoke = (Where: string): ActionDeclaration => ({
      name: "Invoke",
      actionTypeId: { category: "Invoke", owner: "AWS", provider: "CodePipeline", version: "1" },
      configuration: { PipelineName: "inner", Variables: JSON.stringify([{ name: "Where", value: Where }]) },
    });
    for (const [name, where, status] of [
      ["outer-good", "site", "Succeeded"],
      ["outer-bad", "nowhere-at-all", "Failed"],
    ] as const) {
      await world.create(name, [
        sourceStage,
        { name: "Call", actions: [invoke(where)] },
        { name: "Gate", actions: [approve] },
      ]);
      await world.until(name, "Invoke", status);
    }
  });
});
