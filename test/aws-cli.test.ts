import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../packages/cloud/src/testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../packages/cloud/src/testing/test-cloud.test-kit.ts";
import { hasTool } from "./support/tools.ts";

const run = promisify(execFile);

describe.skipIf(!hasTool("aws"))("the aws CLI", () => {
  let cloud: TestCloud;
  let folder: string;

  beforeAll(async () => {
    [cloud, folder] = await Promise.all([startTestCloud(), mkdtemp(join(tmpdir(), "trysail-aws-cli-"))]);
  });
  afterAll(async () => {
    await cloud.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Debian's aws CLI knows no AWS_ENDPOINT_URL, so the endpoint is given each time. */
  const aws = async (...args: string[]): Promise<string> => {
    const { stdout } = await run("aws", ["--endpoint-url", cloud.endpoint, ...args], {
      env: {
        PATH: process.env["PATH"],
        HOME: folder,
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
        AWS_DEFAULT_REGION: "eu-west-1",
        AWS_EC2_METADATA_DISABLED: "true",
        AWS_PAGER: "",
      },
    });
    return stdout;
  };
  const json = async (...args: string[]) =>
    JSON.parse(await aws(...args, "--output", "json")) as Record<string, unknown>;

  it("tells who calls, over the query protocol", async () => {
    expect(await json("sts", "get-caller-identity")).toMatchObject({
      Account: "000000000000",
      Arn: "arn:aws:iam::000000000000:root",
    });
  });

  it("puts and gets a secure parameter, over JSON", async () => {
    await aws("ssm", "put-parameter", "--name", "/cli/p", "--type", "SecureString", "--value", "hällo");
    expect(await json("ssm", "get-parameter", "--name", "/cli/p", "--with-decryption")).toMatchObject({
      Parameter: { Value: "hällo", Version: 1 },
    });
  });

  it("copies files of any size to a bucket and back", async () => {
    await aws("s3", "mb", "s3://cli-bucket");
    const small = join(folder, "small.txt");
    const large = join(folder, "large.bin");
    // Over 8 MiB the CLI uploads in parts.
    const bytes = randomBytes(9 * 1024 * 1024);
    await Promise.all([writeFile(small, "small"), writeFile(large, bytes)]);
    await aws("s3", "cp", small, "s3://cli-bucket/folder/small.txt");
    await aws("s3", "cp", large, "s3://cli-bucket/folder/large.bin");
    await aws("s3", "sync", "s3://cli-bucket/folder", join(folder, "back"));
    expect(await readFile(join(folder, "back", "small.txt"), "utf8")).toBe("small");
    expect((await readFile(join(folder, "back", "large.bin"))).equals(bytes)).toBe(true);
    expect(await aws("s3", "ls", "s3://cli-bucket/folder/")).toMatch(/9437184 large\.bin\n.* 5 small\.txt/);
    await aws("s3", "rb", "s3://cli-bucket", "--force");
  });

  it("is told of a mistake in AWS's words", async () => {
    await expect(aws("s3api", "head-bucket", "--bucket", "no-such-bucket-here")).rejects.toMatchObject({
      stderr: expect.stringContaining("(404)") as string,
    });
    await expect(aws("secretsmanager", "get-secret-value", "--secret-id", "none")).rejects.toMatchObject({
      stderr: expect.stringContaining(
        "(ResourceNotFoundException) when calling the GetSecretValue operation: Secrets Manager can't find the specified secret.",
      ) as string,
    });
  });

  it("deploys a template and shows its outputs", async () => {
    const template = join(folder, "template.yaml");
    await writeFile(
      template,
      `Parameters: { Size: { Type: Number } }
Resources:
  Parameter: { Type: AWS::SSM::Parameter, Properties: { Type: String, Value: !Sub "size \${Size}" } }
Outputs:
  Name: { Value: !Ref Parameter }
`,
    );
    await aws(
      "cloudformation",
      "deploy",
      "--stack-name",
      "cli",
      "--template-file",
      template,
      "--parameter-overrides",
      "Size=3",
    );
    const { Stacks } = (await json("cloudformation", "describe-stacks", "--stack-name", "cli")) as {
      Stacks: { Outputs: { OutputValue: string }[] }[];
    };
    const name = Stacks[0]?.Outputs[0]?.OutputValue ?? "";
    expect(await json("ssm", "get-parameter", "--name", name)).toMatchObject({ Parameter: { Value: "size 3" } });
  });
});
