import { App } from "aws-cdk-lib";
import { PipelineStack } from "../lib/pipeline-stack.js";
import { RegionStack } from "../lib/region-stack.js";

const account = process.env.CDK_DEFAULT_ACCOUNT;
/** Of the pipeline, and of what it builds. */
const home = "us-east-1";
const artifacts = `playback-artifacts-${account}-${home}`;

const app = new App();
for (const region of ["us-west-2", "us-east-1", "eu-west-1"])
  new RegionStack(app, `Playback-${region}`, { env: { account, region }, artifacts });
new PipelineStack(app, "Playback-Pipeline", { env: { account, region: home }, artifacts, repository: "acme/playback" });
