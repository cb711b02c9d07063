import { Duration } from "aws-cdk-lib";
import { BuildSpec, LinuxBuildImage, PipelineProject } from "aws-cdk-lib/aws-codebuild";
import { Artifact, Pipeline, PipelineType } from "aws-cdk-lib/aws-codepipeline";
import {
  CodeBuildAction,
  CodeStarConnectionsSourceAction,
  EcsDeployAction,
  LambdaInvokeAction,
  S3DeployAction,
} from "aws-cdk-lib/aws-codepipeline-actions";
import { CfnConnection } from "aws-cdk-lib/aws-codestarconnections";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Code, Function, Runtime } from "aws-cdk-lib/aws-lambda";

/**
 * Source, build, then the release to instances and tasks, side by side.
 *
 * @param {import("constructs").Construct} scope
 * @param {{
 *   repository: string, branch: string, releases: import("aws-cdk-lib/aws-s3").IBucket,
 *   group: import("aws-cdk-lib/aws-autoscaling").AutoScalingGroup, service: import("aws-cdk-lib/aws-ecs").FargateService,
 * }} props - `repository` is `owner/name`
 */
export function pipeline(scope, { repository, branch, releases, group, service }) {
  const [owner, repo] = repository.split("/");
  // On AWS, a new connection waits until you allow it to read the repository, in the console of CodePipeline.
  const connection = new CfnConnection(scope, "GitHub", { connectionName: "service", providerType: "GitHub" });

  const project = new PipelineProject(scope, "Build", {
    environment: { buildImage: LinuxBuildImage.STANDARD_7_0 },
    buildSpec: BuildSpec.fromObject({
      version: "0.2",
      phases: { build: { commands: ["node build.js"] } },
      artifacts: { "base-directory": "dist", files: ["**/*"] },
    }),
  });

  const refresh = new Function(scope, "Refresh", {
    runtime: Runtime.NODEJS_22_X,
    handler: "index.handler",
    code: Code.fromAsset("refresh"),
    timeout: Duration.minutes(1),
  });
  refresh.addToRolePolicy(
    new PolicyStatement({
      actions: ["autoscaling:StartInstanceRefresh", "autoscaling:DescribeInstanceRefreshes"],
      resources: ["*"],
    }),
  );

  const source = new Artifact("Source");
  const release = new Artifact("Release");
  new Pipeline(scope, "Pipeline", {
    pipelineName: "service",
    pipelineType: PipelineType.V2,
    stages: [
      {
        stageName: "Source",
        actions: [
          new CodeStarConnectionsSourceAction({
            actionName: "GitHub",
            connectionArn: connection.attrConnectionArn,
            owner,
            repo,
            branch,
            output: source,
          }),
        ],
      },
      {
        stageName: "Build",
        actions: [new CodeBuildAction({ actionName: "Build", project, input: source, outputs: [release] })],
      },
      {
        stageName: "Release",
        actions: [new S3DeployAction({ actionName: "Publish", bucket: releases, input: release })],
      },
      {
        stageName: "Deploy",
        actions: [
          new LambdaInvokeAction({
            actionName: "Instances",
            lambda: refresh,
            userParametersString: group.autoScalingGroupName,
          }),
          new EcsDeployAction({ actionName: "Tasks", service, input: release }),
        ],
      },
    ],
  });
}
