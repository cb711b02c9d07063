import {
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  ListExportsCommand,
  ListImportsCommand,
  ListStackResourcesCommand,
  ValidateTemplateCommand,
} from "@aws-sdk/client-cloudformation";
import { GetRoleCommand, IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  HeadBucketCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { DescribeParametersCommand, GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";
import { stackKit } from "./stack.test-kit.ts";
import type { StackKit } from "./stack.test-kit.ts";

let cloud: TestCloud;
let stacks: StackKit;
let ssm: SSMClient;
let s3: S3Client;
const connect = () => {
  stacks = stackKit(cloud);
  ssm = cloud.client(SSMClient);
  s3 = cloud.client(S3Client);
};
beforeAll(async () => {
  cloud = await startTestCloud();
  connect();
});
afterAll(() => cloud.stop());

let count = 0;
let name: string;
beforeEach(() => {
  name = `stack-${++count}`;
});

/** A parameter of Parameter Store. An empty value is what the service refuses. */
const parameter = (Value: unknown, more: object = {}, attributes: object = {}) => ({
  Type: "AWS::SSM::Parameter",
  Properties: { Type: "String", Value, ...more },
  ...attributes,
});
const refused = { Name: "not a name!" };
const valueOf = async (Name: string | undefined) =>
  (await ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value;
const exists = async (Name: string | undefined) =>
  (await ssm.send(new DescribeParametersCommand({ ParameterFilters: [{ Key: "Name", Values: [Name ?? ""] }] })))
    .Parameters?.length === 1;
const eventsOf = async (stack: string) =>
  (await stacks.client.send(new DescribeStackEventsCommand({ StackName: stack }))).StackEvents ?? [];

describe("templates", () => {
  it("take parameters of Parameter Store, lists, hidden ones, and conditions", async () => {
    await ssm.send(new PutParameterCommand({ Name: `/${name}/kept`, Type: "String", Value: "from the store" }));
    const template = {
      Parameters: {
        Stored: { Type: "AWS::SSM::Parameter::Value<String>", Default: `/${name}/kept` },
        Secret: { Type: "String", NoEcho: true },
        Many: { Type: "CommaDelimitedList", Default: "a,b" },
      },
      Conditions: { HasMany: { "Fn::Not": [{ "Fn::Equals": [{ "Fn::Select": [0, { Ref: "Many" }] }, "none"] }] } },
      Resources: {
        P: parameter({
          "Fn::Join": ["/", [{ Ref: "Stored" }, { Ref: "Secret" }, { "Fn::Select": [1, { Ref: "Many" }] }]],
        }),
        Q: { ...parameter("q"), Condition: "HasMany" },
      },
      Outputs: { P: { Value: { Ref: "P" } }, Q: { Condition: "HasMany", Value: { Ref: "Q" } } },
    };
    const { outputs } = await stacks.deploy(template, { name, parameters: { Secret: "s3cret" } });
    expect(await valueOf(outputs["P"])).toBe("from the store/s3cret/b");
    const { Stacks: [stack] = [] } = await stacks.client.send(new DescribeStacksCommand({ StackName: name }));
    expect(stack?.Parameters).toContainEqual({ ParameterKey: "Secret", ParameterValue: "****" });
    const told = JSON.stringify(await eventsOf(name));
    expect(told).toContain("****");
    expect(told).not.toContain("s3cret");
    expect(stack?.Parameters).toContainEqual({
      ParameterKey: "Stored",
      ParameterValue: `/${name}/kept`,
      ResolvedValue: "from the store",
    });
    const without = await stacks.deploy(template, { name, parameters: { Secret: "s3cret", Many: "none,x" } });
    expect(Object.keys(without.outputs)).toEqual(["P"]);
    expect(Object.keys(without.resources)).toEqual(["P"]);
    await expect(stacks.deploy(template, { name, parameters: { Secret: "x", Stored: "/nowhere" } })).rejects.toThrow(
      "Unable to fetch parameters [/nowhere] from parameter store for this account.",
    );
  });

  it("follow references to parameters and secrets, and keep no secret in what they tell", async () => {
    await ssm.send(new PutParameterCommand({ Name: `/${name}/plain`, Type: "String", Value: "plain" }));
    await cloud
      .client(SecretsManagerClient)
      .send(new CreateSecretCommand({ Name: name, SecretString: '{"password":"hunter2"}' }));
    const { resources } = await stacks.deploy(
      {
        Resources: {
          P: parameter(`{{resolve:ssm:/${name}/plain}} {{resolve:secretsmanager:${name}:SecretString:password}}`),
        },
      },
      { name },
    );
    expect(await valueOf(resources["P"])).toBe("plain hunter2");
    expect(JSON.stringify(await eventsOf(name))).not.toContain("hunter2");
  });

  it("share values by exports, which are not deleted while somebody imports them", async () => {
    const exporting = {
      Resources: { P: parameter("1") },
      Outputs: { O: { Value: { Ref: "P" }, Export: { Name: { "Fn::Sub": "${AWS::StackName}-O" } } } },
    };
    const importing = { Resources: { Q: parameter({ "Fn::ImportValue": `${name}-O` }) } };
    await expect(stacks.deploy(importing, { name: `${name}-i` })).rejects.toThrow(`No export named ${name}-O found.`);
    const { outputs } = await stacks.deploy(exporting, { name });
    const { resources } = await stacks.deploy(importing, { name: `${name}-i` });
    expect(await valueOf(resources["Q"])).toBe(outputs["O"]);
    expect((await stacks.client.send(new ListExportsCommand({}))).Exports).toContainEqual(
      expect.objectContaining({ Name: `${name}-O`, Value: outputs["O"] }),
    );
    expect((await stacks.client.send(new ListImportsCommand({ ExportName: `${name}-O` }))).Imports).toEqual([
      `${name}-i`,
    ]);
    expect(await stacks.deploy({ Resources: exporting.Resources }, { name })).toMatchObject({
      status: "UPDATE_ROLLBACK_COMPLETE",
    });
    expect(await stacks.remove(name)).toBe("DELETE_FAILED");
    expect(
      (await stacks.client.send(new DescribeStacksCommand({ StackName: name }))).Stacks?.[0]?.StackStatusReason,
    ).toBe(`Delete canceled. Cannot delete export ${name}-O as it is in use by ${name}-i.`);
    await stacks.remove(`${name}-i`);
    expect(await stacks.remove(name)).toBe("DELETE_COMPLETE");
  });

  it("nest, and fail as one", async () => {
    await s3.send(new CreateBucketCommand({ Bucket: name }));
    const put = (Key: string, template: object) =>
      s3.send(new PutObjectCommand({ Bucket: name, Key, Body: JSON.stringify(template) }));
    await put("good.json", {
      Parameters: { V: { Type: "String" } },
      Resources: { P: parameter({ Ref: "V" }) },
      Outputs: { Name: { Value: { Ref: "P" } } },
    });
    await put("bad.json", {
      Parameters: { V: { Type: "String" } },
      Resources: { P: parameter({ Ref: "V" }), Bad: parameter("1", refused) },
    });
    const template = (file: string, value: string) => ({
      Resources: {
        Inner: {
          Type: "AWS::CloudFormation::Stack",
          Properties: { TemplateURL: `${cloud.endpoint}/${name}/${file}`, Parameters: { V: value } },
        },
      },
      Outputs: file === "good.json" ? { Name: { Value: { "Fn::GetAtt": ["Inner", "Outputs.Name"] } } } : {},
    });
    const made = await stacks.deploy(template("good.json", "1"), { name });
    expect(made.status).toBe("CREATE_COMPLETE");
    const changed = await stacks.deploy(template("good.json", "2"), { name });
    expect(changed).toMatchObject({ status: "UPDATE_COMPLETE", outputs: made.outputs });
    expect(await valueOf(made.outputs["Name"])).toBe("2");
    const failed = await stacks.deploy(template("bad.json", "3"), { name });
    expect(failed.status).toBe("UPDATE_ROLLBACK_COMPLETE");
    expect(failed.reasons.at(-1)).toContain(
      "was not successfully updated: The following resource(s) failed to create: [Bad].",
    );
    expect(await valueOf(made.outputs["Name"])).toBe("2");
    expect(await stacks.remove(name)).toBe("DELETE_COMPLETE");
    expect(await exists(made.outputs["Name"])).toBe(false);
    expect((await stacks.describe(made.resources["Inner"])).status).toBe("DELETE_COMPLETE");
  });

  it("need the caller's word for roles", async () => {
    const role = (more: object) => ({
      Resources: {
        R: { Type: "AWS::IAM::Role", Properties: { AssumeRolePolicyDocument: { Statement: [] }, ...more } },
      },
    });
    const make = (template: object, ...Capabilities: "CAPABILITY_IAM"[]) =>
      stacks.client.send(
        new CreateStackCommand({ StackName: name, TemplateBody: JSON.stringify(template), Capabilities }),
      );
    await expect(make(role({}))).rejects.toMatchObject({
      name: "InsufficientCapabilitiesException",
      message: "Requires capabilities : [CAPABILITY_IAM]",
    });
    await expect(make(role({ RoleName: "r" }), "CAPABILITY_IAM")).rejects.toThrow(
      "Requires capabilities : [CAPABILITY_NAMED_IAM]",
    );
  });

  it("are written out where they ask for it", async () => {
    const template = {
      Transform: "AWS::LanguageExtensions",
      Parameters: { Names: { Type: "CommaDelimitedList", Default: "a,b" } },
      Resources: {
        "Fn::ForEach::Each": ["Name", { Ref: "Names" }, { "P${Name}": parameter({ "Fn::Sub": "${Name}!" }) }],
      },
    };
    const { resources } = await stacks.deploy(template, { name });
    expect(await Promise.all([valueOf(resources["Pa"]), valueOf(resources["Pb"])])).toEqual(["a!", "b!"]);
    const text = async (TemplateStage: "Original" | "Processed") =>
      (await stacks.client.send(new GetTemplateCommand({ StackName: name, TemplateStage }))).TemplateBody ?? "";
    expect(JSON.parse(await text("Original"))).toEqual(template);
    expect(JSON.parse(await text("Processed"))).toMatchObject({ Resources: { Pa: parameter({ "Fn::Sub": "a!" }) } });
  });

  it("are checked without a stack", async () => {
    const validate = (TemplateBody: string) => stacks.client.send(new ValidateTemplateCommand({ TemplateBody }));
    expect(
      await validate(
        "Parameters:\n  P:\n    Type: String\n    Default: x\nResources:\n  R:\n    Type: AWS::IAM::User\n",
      ),
    ).toMatchObject({
      Parameters: [{ ParameterKey: "P", DefaultValue: "x", NoEcho: false }],
      Capabilities: ["CAPABILITY_IAM"],
      CapabilitiesReason: "The following resource(s) require capabilities: [AWS::IAM::User]",
    });
    await expect(validate(`{"Resources": {"A": "${"x".repeat(52_000)}"}}`)).rejects.toThrow(
      "Member must have length less than or equal to 51200",
    );
  });
});

describe("a restart", () => {
  it("goes on with an operation in the middle, and makes nothing twice", async () => {
    const roles = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [
        `R${n}`,
        {
          Type: "AWS::IAM::Role",
          ...(n >= 8 && { DependsOn: `R${n - 8}` }),
          Properties: { AssumeRolePolicyDocument: { Statement: [] } },
        },
      ]),
    );
    const gone = new AbortController();
    const asked = stacks.client
      .send(
        new CreateStackCommand({
          StackName: name,
          TemplateBody: JSON.stringify({ Resources: roles }),
          Capabilities: ["CAPABILITY_IAM"],
        }),
        { abortSignal: gone.signal },
      )
      .catch(() => {});
    await cloud.eventually(async () => {
      const { StackResourceSummaries: rows = [] } = await stacks.client
        .send(new ListStackResourcesCommand({ StackName: name }))
        .catch(() => ({ StackResourceSummaries: [] }));
      return rows.some(({ ResourceStatus }) => ResourceStatus === "CREATE_COMPLETE");
    });
    gone.abort();
    await asked;
    await cloud.restart();
    connect();
    const { status, resources } = await stacks.describe(name);
    expect(status).toBe("CREATE_COMPLETE");
    const iam = cloud.client(IAMClient);
    const { Roles = [] } = await iam.send(new ListRolesCommand({ MaxItems: 1000 }));
    expect(
      Roles.map(({ RoleName }) => RoleName)
        .filter((role) => role?.startsWith(name))
        .toSorted(),
    ).toEqual(Object.values(resources).toSorted());
    expect(await stacks.remove(name)).toBe("DELETE_COMPLETE");
  });
});

describe("the bootstrap", () => {
  it("is there in each region before the first answer", async () => {
    const fresh = await startTestCloud({ bootstrap: true });
    try {
      for (const region of ["us-east-1", "eu-west-1"]) {
        const { status, outputs } = await stackKit(fresh, region).describe("CDKToolkit");
        expect(status).toBe("CREATE_COMPLETE");
        await fresh.client(S3Client, { region }).send(new HeadBucketCommand({ Bucket: outputs["BucketName"] ?? "" }));
        const { Parameter } = await fresh
          .client(SSMClient, { region })
          .send(new GetParameterCommand({ Name: "/cdk-bootstrap/hnb659fds/version" }));
        expect(Parameter?.Value).toBe(outputs["BootstrapVersion"]);
        await fresh
          .client(IAMClient)
          .send(new GetRoleCommand({ RoleName: `cdk-hnb659fds-deploy-role-000000000000-${region}` }));
      }
      expect(await stackKit(fresh).remove("CDKToolkit")).toBe("DELETE_COMPLETE");
      // Its bucket is retained; without it nothing would keep the stack from being made once more.
      const Bucket = "cdk-hnb659fds-assets-000000000000-us-east-1";
      await fresh.client(S3Client).send(new DeleteBucketCommand({ Bucket }));
      await fresh.restart();
      // Who has deleted it keeps it deleted.
      await expect(stackKit(fresh).client.send(new DescribeStacksCommand({ StackName: "CDKToolkit" }))).rejects.toThrow(
        "does not exist",
      );
    } finally {
      await fresh.stop();
    }
  });
});
