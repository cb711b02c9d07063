import { readFileSync } from "node:fs";
import { RemovalPolicy, Stack } from "aws-cdk-lib";
import { BuildSpec, LinuxBuildImage, PipelineProject } from "aws-cdk-lib/aws-codebuild";
import { Artifact, Pipeline, PipelineType } from "aws-cdk-lib/aws-codepipeline";
import { CodeBuildAction, CodeStarConnectionsSourceAction } from "aws-cdk-lib/aws-codepipeline-actions";
import { CfnConnection } from "aws-cdk-lib/aws-codestarconnections";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { readSpec, RolloutAction, RolloutActionType } from "@trysail/cdk";

/** Source, build, and the rollout over all regions. */
export class PipelineStack extends Stack {
  /**
   * @param {import("constructs").Construct} scope
   * @param {string} id
   * @param {import("aws-cdk-lib").StackProps & { artifacts: string, repository: string }} props - `repository` is `owner/name`
   */
  constructor(scope, id, { artifacts, repository, ...props }) {
    super(scope, id, props);
    const [owner = "", repo = ""] = repository.split("/");
    // On AWS, a new connection waits until you allow it to read the repository, in the console of CodePipeline.
    const connection = new CfnConnection(this, "GitHub", { connectionName: "playback", providerType: "GitHub" });
    const source = new Artifact("Source");
    const build = new Artifact("Build");

    const sourceAction = new CodeStarConnectionsSourceAction({
      actionName: "GitHub",
      connectionArn: connection.attrConnectionArn,
      owner,
      repo,
      branch: "main",
      output: source,
      variablesNamespace: "source",
    });
    const project = new PipelineProject(this, "Build", {
      environment: { buildImage: LinuxBuildImage.STANDARD_7_0 },
      buildSpec: BuildSpec.fromObject({
        version: "0.2",
        phases: { build: { commands: ["node build.mjs"] } },
        artifacts: { "base-directory": "dist", files: ["**/*"] },
      }),
    });

    const pipeline = new Pipeline(this, "Pipeline", {
      pipelineName: "playback",
      pipelineType: PipelineType.V2,
      artifactBucket: new Bucket(this, "Artifacts", {
        bucketName: artifacts,
        removalPolicy: RemovalPolicy.DESTROY,
        autoDeleteObjects: false,
      }),
      stages: [
        { stageName: "Source", actions: [sourceAction] },
        {
          stageName: "Build",
          actions: [new CodeBuildAction({ actionName: "Build", project, input: source, outputs: [build] })],
        },
        {
          stageName: "Rollout",
          actions: [
            new RolloutAction({
              input: build,
              spec: readSpec(readFileSync("rollout.yaml", "utf8")),
              commit: sourceAction.variables.commitId,
              committedAt: sourceAction.variables.authorDate,
            }),
          ],
        },
      ],
    });
    pipeline.node.addDependency(new RolloutActionType(this, "ActionType"));
  }
}
