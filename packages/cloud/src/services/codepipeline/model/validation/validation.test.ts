import type { ActionDeclaration, PipelineDeclaration, StageDeclaration } from "@aws-sdk/client-codepipeline";
import { describe, expect, it } from "vitest";
import { actionType } from "../action-types.ts";
import { validateDefinition } from "./definition.ts";

const pull: ActionDeclaration = {
  name: "Pull",
  actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" },
  configuration: { S3Bucket: "bucket", S3ObjectKey: "key.zip" },
  outputArtifacts: [{ name: "Code" }],
  namespace: "Src",
};
const compile: ActionDeclaration = {
  name: "Compile",
  actionTypeId: { category: "Build", owner: "AWS", provider: "CodeBuild", version: "1" },
  configuration: { ProjectName: "project" },
  inputArtifacts: [{ name: "Code" }],
  outputArtifacts: [{ name: "Site" }],
};
const approve: ActionDeclaration = {
  name: "Approve",
  actionTypeId: { category: "Approval", owner: "AWS", provider: "Manual", version: "1" },
};
const rule = (provider: string, configuration: Record<string, string>) =>
  ({ name: "Rule", ruleTypeId: { category: "Rule", owner: "AWS", provider, version: "1" }, configuration }) as const;

const pipeline = (
  build: Partial<StageDeclaration> = {},
  rest: Partial<PipelineDeclaration> = {},
): PipelineDeclaration => ({
  name: "pipeline",
  roleArn: "arn:aws:iam::000000000000:role/pipeline",
  artifactStore: { type: "S3", location: "store" },
  pipelineType: "V2",
  stages: [
    { name: "Source", actions: [pull] },
    { name: "Build", actions: [compile], ...build },
  ],
  ...rest,
});
const validate = (given: PipelineDeclaration) => validateDefinition(given, actionType, "us-east-1");

describe("a definition", () => {
  it("that is right gets its defaults", () => {
    expect(validate(pipeline({}, { pipelineType: undefined }))).toMatchObject({
      name: "pipeline",
      pipelineType: "V1",
      executionMode: "SUPERSEDED",
    });
  });

  const withBuild = (build: Partial<StageDeclaration>) => pipeline(build);
  const withAction = (changes: Partial<ActionDeclaration>) => pipeline({ actions: [{ ...compile, ...changes }] });
  const withApproval = (changes: Partial<ActionDeclaration>) =>
    pipeline({ actions: [compile, { ...approve, ...changes }] });

  it.each([
    [
      "a bad name",
      pipeline({}, { name: "has space" }),
      "ValidationException",
      String.raw`Value 'has space' at 'pipeline.name' failed to satisfy constraint: Member must satisfy regular expression pattern: [A-Za-z0-9.@\-_]+`,
    ],
    [
      "no action type",
      withAction({ actionTypeId: undefined }),
      "ValidationException",
      "Value null at 'pipeline.stages.2.member.actions.1.member.actionTypeId'",
    ],
    [
      "a run order of 0",
      withAction({ runOrder: 0 }),
      "ValidationException",
      "Member must have value greater than or equal to 1",
    ],
    [
      "one stage",
      pipeline({}, { stages: [{ name: "Source", actions: [pull] }] }),
      "InvalidStructureException",
      "Pipeline has only 1 stage(s). There should be a minimum of 2 stages in a pipeline",
    ],
    [
      "two stages of one name",
      withBuild({ name: "Source" }),
      "InvalidStructureException",
      "Source has been used more than once",
    ],
    [
      "a build first",
      pipeline(
        {},
        {
          stages: [
            { name: "A", actions: [compile] },
            { name: "B", actions: [pull] },
          ],
        },
      ),
      "InvalidStructureException",
      "Pipeline should start with a stage that only contains source actions",
    ],
    [
      "a late source",
      withBuild({ actions: [compile, { ...pull, name: "Late" }] }),
      "InvalidStructureException",
      "The action 'Late' of the stage 'Build' is one",
    ],
    ["an empty stage", withBuild({ actions: [] }), "InvalidStageDeclarationException", "Stage 'Build' has no actions"],
    [
      "two actions of one name",
      withBuild({ actions: [compile, { ...approve, name: "Compile" }] }),
      "InvalidStageDeclarationException",
      "Compile has been used more than once in the stage 'Build'",
    ],
    [
      "two blockers of one name",
      withBuild({
        blockers: [
          { name: "b", type: "Schedule" },
          { name: "b", type: "Schedule" },
        ],
      }),
      "InvalidBlockerDeclarationException",
      "in the stage 'Build'",
    ],
    [
      "an unknown provider",
      withAction({ actionTypeId: { category: "Deploy", owner: "AWS", provider: "CodeDeployToECS", version: "1" } }),
      "InvalidActionDeclarationException",
      "ActionType (Category: 'Deploy', Provider: 'CodeDeployToECS', Owner: 'AWS', Version: '1') in action 'Compile' is not available in region 'US_EAST_1'",
    ],
    [
      "no input",
      withAction({ inputArtifacts: [] }),
      "InvalidActionDeclarationException",
      "Action Compile declares 0 input artifacts which is less than the minimum count (1)",
    ],
    [
      "a missing key",
      withAction({ configuration: {} }),
      "InvalidActionDeclarationException",
      "Action configuration for action 'Compile' is missing required configuration 'ProjectName'",
    ],
    [
      "an unknown key",
      withAction({ configuration: { ProjectName: "p", Nonsense: "x" } }),
      "InvalidActionDeclarationException",
      "Action configuration for action 'Compile' contains unknown configuration 'Nonsense'",
    ],
    [
      "a batch build",
      withAction({ configuration: { ProjectName: "p", BatchEnabled: "true" } }),
      "InvalidActionDeclarationException",
      "Trysail does not run batch builds",
    ],
    [
      "an artifact from nowhere",
      withAction({ inputArtifacts: [{ name: "Other" }] }),
      "InvalidActionDeclarationException",
      "Input Artifact Bundle Other in action Compile is not declared as Output Artifact Bundle in any of the preceding actions",
    ],
    [
      "an artifact of the same run order",
      withBuild({
        actions: [compile, { ...compile, name: "Second", inputArtifacts: [{ name: "Site" }], outputArtifacts: [] }],
      }),
      "InvalidActionDeclarationException",
      "Input Artifact Bundle Site in action Second",
    ],
    [
      "an artifact made twice",
      withBuild({ actions: [compile, { ...compile, name: "Second" }] }),
      "InvalidStructureException",
      "Output Artifact Bundle name must be unique within the pipeline. Site has been used more than once.",
    ],
    [
      "a shared namespace",
      withAction({ namespace: "Src" }),
      "InvalidActionDeclarationException",
      "StageName=[Build], ActionName=[Compile], Namespace=[Src]",
    ],
    [
      "a variable from nowhere",
      withApproval({ configuration: { CustomData: "#{Later.X}" } }),
      "InvalidActionDeclarationException",
      "#{Later.X}",
    ],
    [
      "an undeclared pipeline variable",
      withApproval({ configuration: { CustomData: "#{variables.X}" } }),
      "InvalidActionDeclarationException",
      "pipeline variable 'X', which is not declared",
    ],
    [
      "a notification to what is no topic",
      withApproval({ configuration: { NotificationArn: "arn:aws:sqs:us-east-1:000000000000:q" } }),
      "InvalidActionDeclarationException",
      "is not an SNS topic's",
    ],
    [
      "a region without a store",
      withAction({ region: "eu-west-1" }),
      "InvalidActionDeclarationException",
      "in the region eu-west-1, for which the pipeline has no artifact store",
    ],
    ["two kinds of stores", pipeline({}, { artifactStores: {} }), "InvalidStructureException", "cannot have both"],
    [
      "V1 with a mode",
      pipeline({}, { pipelineType: "V1", executionMode: "QUEUED" }),
      "InvalidStructureException",
      "QUEUED is only supported for pipelines of type V2",
    ],
    [
      "V1 with variables",
      pipeline({}, { pipelineType: "V1", variables: [{ name: "X" }] }),
      "InvalidStructureException",
      "only supported for pipelines of type V2",
    ],
    [
      "a trigger for nothing",
      pipeline(
        {},
        { triggers: [{ providerType: "CodeStarSourceConnection", gitConfiguration: { sourceActionName: "Pull" } }] },
      ),
      "InvalidStructureException",
      "source action 'Pull' names no source action",
    ],
    [
      "a rule that there is not",
      withBuild({ beforeEntry: { conditions: [{ result: "FAIL", rules: [rule("Horoscope", {})] }] } }),
      "InvalidStageDeclarationException",
      "Provider: 'Horoscope', Owner: 'AWS', Version: '1') of rule 'Rule' is not available",
    ],
    [
      "a bad window",
      withBuild({
        beforeEntry: { conditions: [{ result: "FAIL", rules: [rule("DeploymentWindow", { Cron: "* *" })] }] },
      }),
      "InvalidStageDeclarationException",
      "has 2 fields",
    ],
    [
      "an entry that rolls back",
      withBuild({
        beforeEntry: {
          conditions: [
            { result: "ROLLBACK", rules: [rule("VariableCheck", { Variable: "a", Value: "a", Operator: "EQ" })] },
          ],
        },
      }),
      "InvalidStageDeclarationException",
      "beforeEntry cannot have the result ROLLBACK",
    ],
    [
      "a parallel rollback",
      pipeline({ onFailure: { result: "ROLLBACK" } }, { executionMode: "PARALLEL" }),
      "InvalidStageDeclarationException",
      "PARALLEL mode cannot be rolled back",
    ],
  ])("with %s is refused", (_, given, code, message) => {
    expect(() => validate(given)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) as string }) as Error,
    );
  });
});
