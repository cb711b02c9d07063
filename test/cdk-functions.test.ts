import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { HeadBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { App, CfnOutput, CustomResource, RemovalPolicy, Stack } from "aws-cdk-lib";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { Bucket as CdkBucket } from "aws-cdk-lib/aws-s3";
import { Provider } from "aws-cdk-lib/custom-resources";
import { systemClock } from "@trysail/core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stackKit } from "../packages/cloud/src/services/cloudformation/stack.test-kit.ts";
import { startTestCloud } from "../packages/cloud/src/testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../packages/cloud/src/testing/test-cloud.test-kit.ts";

const cli = join(dirname(createRequire(import.meta.url).resolve("aws-cdk/package.json")), "bin", "cdk");

let cloud: TestCloud;
let folder: string;
beforeAll(async () => {
  // The CLI tells events by their times: these have to go on.
  cloud = await startTestCloud({ bootstrap: true, clock: systemClock() });
  folder = await mkdtemp(join(tmpdir(), "trysail-cdk-functions-"));
});
afterAll(async () => {
  await cloud.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the real CDK CLI with nothing of the user's own. */
function cdk(...args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  const env = {
    PATH: process.env["PATH"],
    HOME: folder,
    CDK_HOME: folder,
    CI: "1",
    NO_COLOR: "1",
    NODE_NO_WARNINGS: "1",
    CDK_DISABLE_CLI_TELEMETRY: "true",
    AWS_ENDPOINT_URL: cloud.endpoint,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: "us-east-1",
    AWS_EC2_METADATA_DISABLED: "true",
  };
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, "--no-notices", ...args], { cwd: folder, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: `${stdout}${stderr}` });
    });
  });
}

/** A function, a resource that another one makes through the CDK's provider framework, and a bucket that is emptied. */
function synthesize(): string {
  const outdir = join(folder, "cdk.out");
  const app = new App({ outdir });
  const stack = new Stack(app, "Functions");
  const bucket = new CdkBucket(stack, "Bucket", { autoDeleteObjects: true, removalPolicy: RemovalPolicy.DESTROY });
  const inline = (id: string, text: string) =>
    new LambdaFunction(stack, id, {
      runtime: Runtime.NODEJS_22_X,
      handler: "index.handler",
      code: Code.fromInline(text),
    });
  const greeter = inline("Greeter", "exports.handler = async (event) => `hello ${event.name}`");
  const onEvent = inline(
    "OnEvent",
    "exports.handler = async (event) => ({ PhysicalResourceId: 'made', Data: { Told: `told ${event.ResourceProperties.Name}` } })",
  );
  const provider = new Provider(stack, "Provider", { onEventHandler: onEvent });
  const made = new CustomResource(stack, "Made", {
    serviceToken: provider.serviceToken,
    properties: { Name: "something" },
  });
  new CfnOutput(stack, "BucketName", { value: bucket.bucketName });
  new CfnOutput(stack, "GreeterName", { value: greeter.functionName });
  new CfnOutput(stack, "Told", { value: made.getAttString("Told") });
  app.synth();
  return outdir;
}

it("the CDK's own functions work: its provider framework, and what empties buckets", { timeout: 120_000 }, async () => {
  const app = ["--app", synthesize()];
  const deployed = await cdk("deploy", ...app, "--require-approval", "never");
  expect(deployed.output).toContain("✅  Functions");
  const { outputs } = await stackKit(cloud).describe("Functions");
  expect(outputs["Told"]).toBe("told something");
  const { Payload } = await cloud
    .client(LambdaClient)
    .send(new InvokeCommand({ FunctionName: outputs["GreeterName"], Payload: JSON.stringify({ name: "you" }) }));
  expect(Payload?.transformToString()).toBe('"hello you"');

  const s3 = cloud.client(S3Client);
  const Bucket = outputs["BucketName"];
  await s3.send(new PutObjectCommand({ Bucket, Key: "left", Body: "over" }));
  const destroyed = await cdk("destroy", ...app, "--force");
  expect(destroyed.output).toContain("✅  Functions: destroyed");
  await expect(s3.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject({ name: "NotFound" });
});
