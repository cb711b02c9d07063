import { CfnOutput, RemovalPolicy, Stack } from "aws-cdk-lib";
import { BuildSpec, LinuxBuildImage, PipelineProject } from "aws-cdk-lib/aws-codebuild";
import { Artifact, Pipeline, PipelineType } from "aws-cdk-lib/aws-codepipeline";
import { CodeBuildAction, CodeStarConnectionsSourceAction, S3DeployAction } from "aws-cdk-lib/aws-codepipeline-actions";
import { CfnConnection } from "aws-cdk-lib/aws-codestarconnections";
import { BlockPublicAccess, Bucket } from "aws-cdk-lib/aws-s3";

/** A website in a bucket, and the pipeline that builds and publishes it when its repository is pushed to. */
export class StaticSiteStack extends Stack {
  /**
   * @param {import("constructs").Construct} scope
   * @param {string} id
   * @param {import("aws-cdk-lib").StackProps & { repository: string, branch: string }} props - `repository` is `owner/name`
   */
  constructor(scope, id, props) {
    super(scope, id, props);
    const [owner, repo] = props.repository.split("/");

    const site = new Bucket(this, "Site", {
      websiteIndexDocument: "index.html",
      websiteErrorDocument: "404.html",
      publicReadAccess: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ACLS_ONLY,
      removalPolicy: RemovalPolicy.DESTROY,
    });

    // On AWS, a new connection waits until you allow it to read the repository, in the console of CodePipeline.
    const connection = new CfnConnection(this, "GitHub", { connectionName: "website", providerType: "GitHub" });

    const project = new PipelineProject(this, "Build", {
      environment: { buildImage: LinuxBuildImage.STANDARD_7_0 },
      buildSpec: BuildSpec.fromObject({
        version: "0.2",
        phases: {
          install: { commands: ["npm ci"] },
          build: { commands: ["npm run build"] },
        },
        artifacts: { "base-directory": "dist", files: ["**/*"] },
      }),
    });

    const source = new Artifact("Source");
    const website = new Artifact("Website");
    new Pipeline(this, "Pipeline", {
      pipelineName: "website",
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
              branch: props.branch,
              output: source,
            }),
          ],
        },
        {
          stageName: "Build",
          actions: [new CodeBuildAction({ actionName: "Build", project, input: source, outputs: [website] })],
        },
        {
          stageName: "Deploy",
          actions: [new S3DeployAction({ actionName: "Publish", bucket: site, input: website })],
        },
      ],
    });

    new CfnOutput(this, "SiteUrl", { value: site.bucketWebsiteUrl });
  }
}
