import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { GetBucketVersioningCommand, HeadBucketCommand, HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { App, CfnOutput, CfnResource, NestedStack, RemovalPolicy, Stack } from "aws-cdk-lib";
import { BuildSpec, Project } from "aws-cdk-lib/aws-codebuild";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { Asset } from "aws-cdk-lib/aws-s3-assets";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import { systemClock } from "@trysail/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stackKit } from "../packages/cloud/src/services/cloudformation/stack.test-kit.ts";
import type { StackKit } from "../packages/cloud/src/services/cloudformation/stack.test-kit.ts";
import { startTestCloud } from "../packages/cloud/src/testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../packages/cloud/src/testing/test-cloud.test-kit.ts";

const cli = join(dirname(createRequire(import.meta.url).resolve("aws-cdk/package.json")), "bin", "cdk");

let cloud: TestCloud;
let folder: string;
let stacks: StackKit;
beforeAll(async () => {
  // The CLI tells events by their times: these have to go on.
  cloud = await startTestCloud({ bootstrap: true, clock: systemClock() });
  folder = await mkdtemp(join(tmpdir(), "trysail-cdk-"));
  stacks = stackKit(cloud);
  await mkdir(join(folder, "asset"));
  await writeFile(join(folder, "asset", "file.txt"), "an asset");
});
afterAll(async () => {
  await cloud.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the real CDK CLI with nothing of the user's own. */
async function cdk(...args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
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

interface Variant {
  readonly versioned?: boolean;
  readonly text?: string;
  readonly bucketName?: string;
  readonly extra?: (stack: Stack) => void;
}

class Inner extends NestedStack {
  constructor(scope: Stack, text: string) {
    super(scope, "Inner");
    new StringParameter(this, "Text", { parameterName: "/inner/text", stringValue: text });
  }
}

/** Synthesizes the app, as the CLI would by running it. @returns the arguments that name it */
function app({ versioned = false, text = "one", bucketName = "site-one", extra }: Variant = {}): readonly string[] {
  const outdir = join(folder, `cdk.out.${Math.round(performance.now() * 1000)}`);
  const root = new App({
    outdir,
    analyticsReporting: true,
    // As the CLI sets them when it runs an app itself.
    context: { "aws:cdk:enable-asset-metadata": true, "aws:cdk:enable-path-metadata": true },
  });
  const base = new Stack(root, "Base");
  const bucket = new Bucket(base, "Bucket", { bucketName, versioned, removalPolicy: RemovalPolicy.DESTROY });
  const asset = new Asset(base, "Asset", { path: join(folder, "asset") });
  new Project(base, "Project", {
    projectName: "builder",
    buildSpec: BuildSpec.fromObject({ version: "0.2", phases: { build: { commands: [`echo ${text}`] } } }),
  });
  new Inner(base, text);
  new CfnOutput(base, "AssetKey", { value: asset.s3ObjectKey });
  extra?.(base);
  const user = new Stack(root, "User");
  new StringParameter(user, "Parameter", { parameterName: "/user/bucket", stringValue: bucket.bucketName });
  root.synth();
  return ["--app", outdir];
}

const deploy = (variant: Variant | undefined, ...args: readonly string[]) =>
  cdk(...app(variant), "deploy", "--require-approval", "never", ...args);
const parameter = async (Name: string) =>
  (await cloud.client(SSMClient).send(new GetParameterCommand({ Name }))).Parameter?.Value;

describe("the real CDK CLI", () => {
  it("deploys stacks with assets, nested stacks and references between them", async () => {
    const { code, output } = await deploy({}, "--all");
    expect(code, output).toBe(0);
    const { outputs } = await stacks.describe("Base");
    expect(await parameter("/user/bucket")).toBe("site-one");
    expect(await parameter("/inner/text")).toBe("one");
    await cloud.client(S3Client).send(
      new HeadObjectCommand({
        Bucket: "cdk-hnb659fds-assets-000000000000-us-east-1",
        Key: outputs["AssetKey"] ?? "",
      }),
    );
    const { Stacks: [base] = [] } = await stacks.client.send(new DescribeStacksCommand({ StackName: "Base" }));
    expect(base?.RoleARN).toBe("arn:aws:iam::000000000000:role/cdk-hnb659fds-cfn-exec-role-000000000000-us-east-1");
  });

  it("sees that nothing has changed", async () => {
    const { code, output } = await deploy({}, "--all");
    expect(code, output).toBe(0);
    expect(output).toContain("Base (no changes)");
    expect(output).toContain("User (no changes)");
  });

  it("shows what would change, and whether it would be replaced", async () => {
    const { code, output } = await cdk(...app({ versioned: true, bucketName: "site-two" }), "diff", "Base");
    expect(code, output).toBe(0);
    expect(output).toMatch(/\[~\] AWS::S3::Bucket Bucket Bucket\w+ (replace|requires replacement)/);
    expect(output).toMatch(/VersioningConfiguration/);
    expect(output).not.toContain("Could not create a change set");
  });

  it("shows the difference of a stack that is not there, and leaves none behind", async () => {
    const { code, output } = await cdk(
      ...app({
        extra: (base) => void new StringParameter(new Stack(base.node.root, "Fresh"), "P", { stringValue: "1" }),
      }),
      "diff",
      "Fresh",
    );
    expect(code, output).toBe(0);
    expect(output).toContain("[+] AWS::SSM::Parameter");
    await expect(stacks.client.send(new DescribeStacksCommand({ StackName: "Fresh" }))).rejects.toThrow(
      "does not exist",
    );
  });

  it("changes a stack that is there", async () => {
    const { code, output } = await deploy({ versioned: true, text: "two" }, "Base");
    expect(code, output).toBe(0);
    expect((await cloud.client(S3Client).send(new GetBucketVersioningCommand({ Bucket: "site-one" }))).Status).toBe(
      "Enabled",
    );
    expect(await parameter("/inner/text")).toBe("two");
  });

  it("deploys without a change set", async () => {
    const { code, output } = await deploy({ text: "three" }, "Base", "--method=direct");
    expect(code, output).toBe(0);
    expect(await parameter("/inner/text")).toBe("three");
  });

  it("swaps a build project in place", async () => {
    const { code, output } = await deploy({ text: "four" }, "Base", "--hotswap");
    expect(code, output).toBe(0);
    expect(output).toContain("AWS::CodeBuild::Project 'builder' hotswapped!");
  });

  it("tells the service's own reason of a failure, and restores what was", async () => {
    const { code, output } = await deploy(
      {
        text: "five",
        extra: (base) => void new StringParameter(base, "Bad", { parameterName: "/user/bucket", stringValue: "x" }),
      },
      "Base",
    );
    expect(code).toBe(1);
    expect(output).toContain("UPDATE_ROLLBACK_IN_PROG");
    expect(output).toMatch(/already exists/);
    expect(await parameter("/inner/text")).toBe("three");
  });

  it("tells of a type that there is not, before anything changes", async () => {
    const { code, output } = await deploy(
      { extra: (base) => void new CfnResource(base, "Unknown", { type: "AWS::Foo::Bar" }) },
      "Base",
    );
    expect(code).toBe(1);
    expect(output).toContain("Unrecognized resource types: [AWS::Foo::Bar]");
    expect((await stacks.describe("Base")).status).toBe("UPDATE_ROLLBACK_COMPLETE");
  });

  it("destroys what it has deployed", async () => {
    const { code, output } = await cdk(...app(), "destroy", "--all", "--force");
    expect(code, output).toBe(0);
    await expect(stacks.client.send(new DescribeStacksCommand({ StackName: "Base" }))).rejects.toThrow(
      "does not exist",
    );
    await expect(cloud.client(S3Client).send(new HeadBucketCommand({ Bucket: "site-one" }))).rejects.toMatchObject({
      name: "NotFound",
    });
  });

  it("bootstraps: over what is there, and where nothing is", async () => {
    for (const region of ["us-east-1", "ap-southeast-2"]) {
      const { code, output } = await cdk("bootstrap", `aws://000000000000/${region}`);
      expect(code, output).toBe(0);
      expect(output).toContain("bootstrapped");
      expect((await stackKit(cloud, region).describe("CDKToolkit")).status).toMatch(/^(CREATE|UPDATE)_COMPLETE$/);
    }
  });
});
