import {
  CreateChangeSetCommand,
  CreateStackCommand,
  ContinueUpdateRollbackCommand,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  GetTemplateCommand,
  ListExportsCommand,
  ListImportsCommand,
  ListStackResourcesCommand,
  RollbackStackCommand,
  UpdateStackCommand,
  UpdateTerminationProtectionCommand,
  ValidateTemplateCommand,
} from "@aws-sdk/client-cloudformation";
import { GetRoleCommand, IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, HeadBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateSecretCommand, DeleteSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { DescribeParametersCommand, GetParameterCommand, ListTagsForResourceCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
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
const parameter = (Value: unknown, more: object = {}, attributes: object = {}) => ({ Type: "AWS::SSM::Parameter", Properties: { Type: "String", Value, ...more }, ...attributes });
const refused = { Name: "not a name!" };
const valueOf = async (Name: string | undefined) => (await ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value;
const exists = async (Name: string | undefined) => (await ssm.send(new DescribeParametersCommand({ ParameterFilters: [{ Key: "Name", Values: [Name ?? ""] }] }))).Parameters?.length === 1;
const eventsOf = async (stack: string) => (await stacks.client.send(new DescribeStackEventsCommand({ StackName: stack }))).StackEvents ?? [];

describe("stacks", () => {
  it("are created, changed and deleted, and can be told of afterwards", async () => {
    const template = (value: string) => ({
      Description: "two parameters",
      Resources: { P: parameter(value, { Name: `/${name}` }), Q: parameter({ "Fn::Sub": "${P}!" }) },
      Outputs: { Name: { Value: { Ref: "Q" }, Description: "its name" } },
    });
    const made = await stacks.deploy(template("1"), { name });
    expect(made).toMatchObject({ status: "CREATE_COMPLETE", reasons: [] });
    expect(made.outputs["Name"]).toMatch(new RegExp(`^${name}-Q-[A-Z0-9]{12}$`));
    expect(await valueOf(made.outputs["Name"])).toBe(`/${name}!`);
    expect(await stacks.deploy(template("2"), { name })).toMatchObject({ status: "UPDATE_COMPLETE", resources: made.resources });
    expect(await valueOf(`/${name}`)).toBe("2");
    const { TemplateBody } = await stacks.client.send(new GetTemplateCommand({ StackName: name }));
    expect(TemplateBody).toBe(JSON.stringify(template("2")));

    expect(await stacks.remove(name)).toBe("DELETE_COMPLETE");
    expect(await exists(`/${name}`)).toBe(false);
    await expect(stacks.client.send(new DescribeStacksCommand({ StackName: name }))).rejects.toMatchObject({
      name: "ValidationError",
      message: `Stack with id ${name} does not exist`,
    });
    expect(await stacks.describe(made.stackId)).toMatchObject({ status: "DELETE_COMPLETE", resources: made.resources });
  });

  it("are done at the first look", async () => {
    const TemplateBody = JSON.stringify({ Resources: { P: parameter("1") } });
    const { StackId } = await stacks.client.send(new CreateStackCommand({ StackName: name, TemplateBody }));
    const look = async () => (await stacks.client.send(new DescribeStacksCommand({ StackName: StackId }))).Stacks?.[0]?.StackStatus;
    expect(await look()).toBe("CREATE_COMPLETE");
    await stacks.client.send(new DeleteStackCommand({ StackName: name }));
    expect(await look()).toBe("DELETE_COMPLETE");
  });

  it("roll a failed creation back, with the service's own reason", async () => {
    const template = { Resources: { Good: parameter("1", { Name: `/${name}` }), Bad: parameter("1", refused), Later: parameter({ Ref: "Bad" }) } };
    const failed = await stacks.deploy(template, { name });
    expect(failed.status).toBe("ROLLBACK_COMPLETE");
    expect(failed.reasons).toEqual([expect.stringMatching(/^Bad: .*(name|Name)/)]);
    expect(await exists(`/${name}`)).toBe(false);
    const events = await eventsOf(name);
    expect(events.map(({ LogicalResourceId }) => LogicalResourceId)).not.toContain("Later");
    expect(events.find(({ ResourceStatus }) => ResourceStatus === "ROLLBACK_IN_PROGRESS")?.ResourceStatusReason).toBe("The following resource(s) failed to create: [Bad].");
    await expect(stacks.client.send(new UpdateStackCommand({ StackName: name, TemplateBody: JSON.stringify(template) }))).rejects.toThrow("is in ROLLBACK_COMPLETE state and can not be updated.");
    expect(await stacks.remove(name)).toBe("DELETE_COMPLETE");
  });

  it("leave what there is where no rollback is wanted, and go on from there", async () => {
    const template = (more: object) => ({ Resources: { Good: parameter("1", { Name: `/${name}` }), Bad: parameter("1", more) } });
    expect((await stacks.deploy(template(refused), { name, OnFailure: "DO_NOTHING" })).status).toBe("CREATE_FAILED");
    expect(await exists(`/${name}`)).toBe(true);
    await expect(stacks.deploy(template({}), { name })).rejects.toThrow("use the disable-rollback parameter with update-stack API");
    expect((await stacks.deploy(template({}), { name, DisableRollback: true })).status).toBe("UPDATE_COMPLETE");
    expect((await stacks.deploy(template(refused), { name, DisableRollback: true })).status).toBe("UPDATE_FAILED");
    await stacks.client.send(new RollbackStackCommand({ StackName: name }));
    expect((await stacks.describe(name)).status).toBe("UPDATE_ROLLBACK_COMPLETE");
    expect(await stacks.remove(name)).toBe("DELETE_COMPLETE");
    expect((await stacks.deploy(template(refused), { name: `${name}-b`, OnFailure: "DELETE" })).status).toBe("DELETE_COMPLETE");
  });

  it("restore everything after a failed update: what was changed, replaced, added and removed", async () => {
    const before = await stacks.deploy(
      { Resources: { Changed: parameter("old"), Replaced: parameter("old", { Name: `/${name}/a` }), Removed: parameter("old") }, Outputs: { O: { Value: "old" } } },
      { name },
    );
    const failed = await stacks.deploy(
      {
        Resources: {
          Changed: parameter("new"),
          Replaced: parameter("new", { Name: `/${name}/b` }),
          Added: parameter("new", { Name: `/${name}/c` }),
          Bad: parameter({ "Fn::Join": ["", [{ Ref: "Changed" }, { Ref: "Replaced" }, { Ref: "Added" }]] }, refused),
        },
        Outputs: { O: { Value: "new" } },
      },
      { name },
    );
    expect(failed).toMatchObject({ status: "UPDATE_ROLLBACK_COMPLETE", resources: before.resources, outputs: { O: "old" } });
    expect(Object.keys(failed.resources)).toEqual(["Changed", "Removed", "Replaced"]);
    expect(await Promise.all(Object.values(failed.resources).map(valueOf))).toEqual(["old", "old", "old"]);
    expect(await exists(`/${name}/b`)).toBe(false);
    expect(await exists(`/${name}/c`)).toBe(false);
  });

  it("replace in the order that loses nothing: new, then who refers to it, then the old one goes", async () => {
    const template = (suffix: string) => ({ Resources: { A: parameter("1", { Name: `/${name}/${suffix}` }), B: parameter({ Ref: "A" }) } });
    await stacks.deploy(template("a"), { name });
    const { resources } = await stacks.deploy(template("b"), { name });
    expect(await valueOf(resources["B"])).toBe(`/${name}/b`);
    expect(await exists(`/${name}/a`)).toBe(false);
    const events = (await eventsOf(name)).toReversed().map(({ LogicalResourceId, ResourceStatus }) => `${LogicalResourceId} ${ResourceStatus}`);
    const updated = events.slice(events.lastIndexOf(`${name} UPDATE_IN_PROGRESS`) + 1);
    expect(updated).toEqual([
      "A UPDATE_IN_PROGRESS",
      "A UPDATE_COMPLETE",
      "B UPDATE_IN_PROGRESS",
      "B UPDATE_COMPLETE",
      `${name} UPDATE_COMPLETE_CLEANUP_IN_PROGRESS`,
      "A DELETE_IN_PROGRESS",
      "A DELETE_COMPLETE",
      `${name} UPDATE_COMPLETE`,
    ]);
  });

  it("keep what DeletionPolicy and UpdateReplacePolicy retain", async () => {
    const kept = (suffix: string) => parameter("1", { Name: `/${name}/${suffix}` }, { DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
    await stacks.deploy({ Resources: { A: kept("a"), B: parameter("1") } }, { name });
    await stacks.deploy({ Resources: { A: kept("b"), B: parameter("1") } }, { name });
    expect(await stacks.remove(name)).toBe("DELETE_COMPLETE");
    expect(await Promise.all([exists(`/${name}/a`), exists(`/${name}/b`)])).toEqual([true, true]);
  });

  it("are protected from deletion, and told of changes that are none", async () => {
    const template = { Resources: { P: parameter("1") } };
    const { stackId } = await stacks.deploy(template, { name, EnableTerminationProtection: true });
    await expect(stacks.remove(name)).rejects.toThrow(`Stack [${name}] cannot be deleted while TerminationProtection is enabled`);
    await expect(stacks.deploy(template, { name })).rejects.toThrow("No updates are to be performed.");
    await expect(stacks.client.send(new CreateStackCommand({ StackName: name, TemplateBody: JSON.stringify(template) }))).rejects.toMatchObject({ name: "AlreadyExistsException" });
    await stacks.client.send(new UpdateTerminationProtectionCommand({ StackName: stackId, EnableTerminationProtection: false }));
    expect(await stacks.remove(name)).toBe("DELETE_COMPLETE");
  });

  it("give their tags to resources, and take them away again", async () => {
    const template = { Resources: { P: parameter("1", { Name: `/${name}` }) } };
    const { stackId } = await stacks.deploy(template, { name, Tags: [{ Key: "team", Value: "a" }, { Key: "old", Value: "x" }] });
    await stacks.deploy(template, { name, Tags: [{ Key: "team", Value: "b" }] });
    const { TagList = [] } = await ssm.send(new ListTagsForResourceCommand({ ResourceType: "Parameter", ResourceId: `/${name}` }));
    expect(Object.fromEntries(TagList.map(({ Key, Value }) => [Key, Value]))).toEqual({
      team: "b",
      "aws:cloudformation:stack-name": name,
      "aws:cloudformation:stack-id": stackId,
      "aws:cloudformation:logical-id": "P",
    });
  });

  it("can go on with a rollback that has failed", async () => {
    const secrets = cloud.client(SecretsManagerClient);
    const putSecret = () => secrets.send(new CreateSecretCommand({ Name: name, SecretString: "s" }));
    await putSecret();
    await stacks.deploy({ Resources: { A: parameter(`{{resolve:secretsmanager:${name}}}`, { Name: `/${name}` }) } }, { name });
    await secrets.send(new DeleteSecretCommand({ SecretId: name, ForceDeleteWithoutRecovery: true }));
    // The old value cannot be had any more.
    const failed = await stacks.deploy({ Resources: { A: parameter("new", { Name: `/${name}` }), B: parameter({ Ref: "A" }, refused) } }, { name });
    expect(failed.status).toBe("UPDATE_ROLLBACK_FAILED");
    await putSecret();
    await stacks.client.send(new ContinueUpdateRollbackCommand({ StackName: name }));
    expect((await stacks.describe(name)).status).toBe("UPDATE_ROLLBACK_COMPLETE");
    expect(await valueOf(`/${name}`)).toBe("s");
  });
});

describe("change sets", () => {
  const create = (template: object | string, type: "CREATE" | "UPDATE" = "CREATE", set = "set") =>
    stacks.client.send(
      new CreateChangeSetCommand({
        StackName: name,
        ChangeSetName: set,
        ChangeSetType: type,
        TemplateBody: typeof template === "string" ? template : JSON.stringify(template),
        Parameters: [],
        Tags: [],
        Capabilities: ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        ImportExistingResources: true,
        IncludeNestedStacks: true,
      }),
    );
  const look = (set = "set") => stacks.client.send(new DescribeChangeSetCommand({ StackName: name, ChangeSetName: set }));

  it("show what would be done, and do it", async () => {
    await create({ Resources: { P: parameter("1", { Name: `/${name}/1` }) } });
    expect((await stacks.client.send(new DescribeStacksCommand({ StackName: name }))).Stacks?.[0]?.StackStatus).toBe("REVIEW_IN_PROGRESS");
    expect(await look()).toMatchObject({ Status: "CREATE_COMPLETE", ExecutionStatus: "AVAILABLE", Changes: [{ ResourceChange: { Action: "Add", LogicalResourceId: "P" } }] });
    expect(await exists(`/${name}/1`)).toBe(false);
    await stacks.client.send(new ExecuteChangeSetCommand({ StackName: name, ChangeSetName: "set" }));
    expect((await stacks.describe(name)).status).toBe("CREATE_COMPLETE");
    expect((await look()).ExecutionStatus).toBe("EXECUTE_COMPLETE");
    await stacks.client.send(new DeleteChangeSetCommand({ StackName: name, ChangeSetName: "set" }));
    await expect(look()).rejects.toMatchObject({ name: "ChangeSetNotFoundException" });

    await create({ Resources: { P: parameter("1", { Name: `/${name}/2` }) } }, "UPDATE");
    expect((await look()).Changes).toMatchObject([
      { ResourceChange: { Action: "Modify", Replacement: "True", PolicyAction: "ReplaceAndDelete", Details: [{ Target: { Name: "Name", RequiresRecreation: "Always" }, Evaluation: "Static" }] } },
    ]);
  });

  it("fail where nothing changes", async () => {
    await stacks.deploy({ Resources: { P: parameter("1") } }, { name });
    await create({ Resources: { P: parameter("1") } }, "UPDATE");
    expect(await look()).toMatchObject({
      Status: "FAILED",
      ExecutionStatus: "UNAVAILABLE",
      StatusReason: "The submitted information didn't contain changes. Submit different information to create a change set.",
    });
    await expect(stacks.client.send(new ExecuteChangeSetCommand({ StackName: name, ChangeSetName: "set" }))).rejects.toMatchObject({ name: "InvalidChangeSetStatusException" });
  });

  it("fail for types and properties that there are not, before anything is made", async () => {
    await create({ Resources: { P: parameter("1"), X: { Type: "AWS::Foo::Bar" } } });
    expect(await look()).toMatchObject({ Status: "FAILED", StatusReason: "Template format error: Unrecognized resource types: [AWS::Foo::Bar]" });
    await create({ Resources: { P: parameter("1", { Colour: "red" }) } }, "CREATE", "second");
    expect(await look("second")).toMatchObject({ Status: "FAILED", StatusReason: "Resource P (AWS::SSM::Parameter): Encountered unsupported property Colour" });
    expect(await stacks.remove(name)).toBe("DELETE_COMPLETE");
    await expect(stacks.deploy({ Resources: { X: { Type: "AWS::Foo::Bar" } } }, { name })).rejects.toThrow("Unrecognized resource types: [AWS::Foo::Bar]");
  });

  it("are refused for a stack that is not there, or is there already", async () => {
    await expect(create({ Resources: { P: parameter("1") } }, "UPDATE")).rejects.toThrow(`Stack [${name}] does not exist`);
    await expect(create("{")).rejects.toThrow("Template format error: JSON not well-formed. (line 1, column 2)");
    await stacks.deploy({ Resources: { P: parameter("1") } }, { name });
    await expect(create({ Resources: { P: parameter("2") } })).rejects.toThrow("already exists and cannot be created again with the changeSet [set].");
  });
});

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
      Resources: { P: parameter({ "Fn::Join": ["/", [{ Ref: "Stored" }, { Ref: "Secret" }, { "Fn::Select": [1, { Ref: "Many" }] }]] }), Q: { ...parameter("q"), Condition: "HasMany" } },
      Outputs: { P: { Value: { Ref: "P" } }, Q: { Condition: "HasMany", Value: { Ref: "Q" } } },
    };
    const { outputs } = await stacks.deploy(template, { name, parameters: { Secret: "s3cret" } });
    expect(await valueOf(outputs["P"])).toBe("from the store/s3cret/b");
    const { Stacks: [stack] = [] } = await stacks.client.send(new DescribeStacksCommand({ StackName: name }));
    expect(stack?.Parameters).toContainEqual({ ParameterKey: "Secret", ParameterValue: "****" });
    expect(stack?.Parameters).toContainEqual({ ParameterKey: "Stored", ParameterValue: `/${name}/kept`, ResolvedValue: "from the store" });
    const without = await stacks.deploy(template, { name, parameters: { Secret: "s3cret", Many: "none,x" } });
    expect(Object.keys(without.outputs)).toEqual(["P"]);
    expect(Object.keys(without.resources)).toEqual(["P"]);
    await expect(stacks.deploy(template, { name, parameters: { Secret: "x", Stored: "/nowhere" } })).rejects.toThrow("Unable to fetch parameters [/nowhere] from parameter store for this account.");
  });

  it("follow references to parameters and secrets, and keep no secret in what they tell", async () => {
    await ssm.send(new PutParameterCommand({ Name: `/${name}/plain`, Type: "String", Value: "plain" }));
    await cloud.client(SecretsManagerClient).send(new CreateSecretCommand({ Name: name, SecretString: '{"password":"hunter2"}' }));
    const { resources } = await stacks.deploy({ Resources: { P: parameter(`{{resolve:ssm:/${name}/plain}} {{resolve:secretsmanager:${name}:SecretString:password}}`) } }, { name });
    expect(await valueOf(resources["P"])).toBe("plain hunter2");
    expect(JSON.stringify(await eventsOf(name))).not.toContain("hunter2");
  });

  it("share values by exports, which are not deleted while somebody imports them", async () => {
    const exporting = { Resources: { P: parameter("1") }, Outputs: { O: { Value: { Ref: "P" }, Export: { Name: { "Fn::Sub": "${AWS::StackName}-O" } } } } };
    const importing = { Resources: { Q: parameter({ "Fn::ImportValue": `${name}-O` }) } };
    await expect(stacks.deploy(importing, { name: `${name}-i` })).rejects.toThrow(`No export named ${name}-O found.`);
    const { outputs } = await stacks.deploy(exporting, { name });
    const { resources } = await stacks.deploy(importing, { name: `${name}-i` });
    expect(await valueOf(resources["Q"])).toBe(outputs["O"]);
    expect((await stacks.client.send(new ListExportsCommand({}))).Exports).toContainEqual(expect.objectContaining({ Name: `${name}-O`, Value: outputs["O"] }));
    expect((await stacks.client.send(new ListImportsCommand({ ExportName: `${name}-O` }))).Imports).toEqual([`${name}-i`]);
    expect(await stacks.deploy({ Resources: exporting.Resources }, { name })).toMatchObject({ status: "UPDATE_ROLLBACK_COMPLETE" });
    expect(await stacks.remove(name)).toBe("DELETE_FAILED");
    expect((await stacks.client.send(new DescribeStacksCommand({ StackName: name }))).Stacks?.[0]?.StackStatusReason).toBe(`Delete canceled. Cannot delete export ${name}-O as it is in use by ${name}-i.`);
    await stacks.remove(`${name}-i`);
    expect(await stacks.remove(name)).toBe("DELETE_COMPLETE");
  });

  it("nest, and fail as one", async () => {
    await s3.send(new CreateBucketCommand({ Bucket: name }));
    const put = (Key: string, template: object) => s3.send(new PutObjectCommand({ Bucket: name, Key, Body: JSON.stringify(template) }));
    await put("good.json", { Parameters: { V: { Type: "String" } }, Resources: { P: parameter({ Ref: "V" }) }, Outputs: { Name: { Value: { Ref: "P" } } } });
    await put("bad.json", { Parameters: { V: { Type: "String" } }, Resources: { P: parameter({ Ref: "V" }), Bad: parameter("1", refused) } });
    const template = (file: string, value: string) => ({
      Resources: { Inner: { Type: "AWS::CloudFormation::Stack", Properties: { TemplateURL: `${cloud.endpoint}/${name}/${file}`, Parameters: { V: value } } } },
      Outputs: file === "good.json" ? { Name: { Value: { "Fn::GetAtt": ["Inner", "Outputs.Name"] } } } : {},
    });
    const made = await stacks.deploy(template("good.json", "1"), { name });
    expect(made.status).toBe("CREATE_COMPLETE");
    const changed = await stacks.deploy(template("good.json", "2"), { name });
    expect(changed).toMatchObject({ status: "UPDATE_COMPLETE", outputs: made.outputs });
    expect(await valueOf(made.outputs["Name"])).toBe("2");
    const failed = await stacks.deploy(template("bad.json", "3"), { name });
    expect(failed.status).toBe("UPDATE_ROLLBACK_COMPLETE");
    expect(failed.reasons.at(-1)).toContain("was not successfully updated: The following resource(s) failed to create: [Bad].");
    expect(await valueOf(made.outputs["Name"])).toBe("2");
    expect(await stacks.remove(name)).toBe("DELETE_COMPLETE");
    expect(await exists(made.outputs["Name"])).toBe(false);
    expect((await stacks.describe(made.resources["Inner"])).status).toBe("DELETE_COMPLETE");
  });

  it("need the caller's word for roles", async () => {
    const role = (more: object) => ({ Resources: { R: { Type: "AWS::IAM::Role", Properties: { AssumeRolePolicyDocument: { Statement: [] }, ...more } } } });
    const make = (template: object, ...Capabilities: "CAPABILITY_IAM"[]) => stacks.client.send(new CreateStackCommand({ StackName: name, TemplateBody: JSON.stringify(template), Capabilities }));
    await expect(make(role({}))).rejects.toMatchObject({ name: "InsufficientCapabilitiesException", message: "Requires capabilities : [CAPABILITY_IAM]" });
    await expect(make(role({ RoleName: "r" }), "CAPABILITY_IAM")).rejects.toThrow("Requires capabilities : [CAPABILITY_NAMED_IAM]");
  });

  it("are checked without a stack", async () => {
    const validate = (TemplateBody: string) => stacks.client.send(new ValidateTemplateCommand({ TemplateBody }));
    expect(await validate("Parameters:\n  P:\n    Type: String\n    Default: x\nResources:\n  R:\n    Type: AWS::IAM::User\n")).toMatchObject({
      Parameters: [{ ParameterKey: "P", DefaultValue: "x", NoEcho: false }],
      Capabilities: ["CAPABILITY_IAM"],
      CapabilitiesReason: "The following resource(s) require capabilities: [AWS::IAM::User]",
    });
    await expect(validate(`{"Resources": {"A": "${"x".repeat(52_000)}"}}`)).rejects.toThrow("Member must have length less than or equal to 51200");
  });
});

describe("a restart", () => {
  it("goes on with an operation in the middle, and makes nothing twice", async () => {
    const roles = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`R${n}`, { Type: "AWS::IAM::Role", ...(n >= 8 && { DependsOn: `R${n - 8}` }), Properties: { AssumeRolePolicyDocument: { Statement: [] } } }]));
    const gone = new AbortController();
    const asked = stacks.client.send(new CreateStackCommand({ StackName: name, TemplateBody: JSON.stringify({ Resources: roles }), Capabilities: ["CAPABILITY_IAM"] }), { abortSignal: gone.signal }).catch(() => {});
    await cloud.eventually(async () => {
      const { StackResourceSummaries: rows = [] } = await stacks.client.send(new ListStackResourcesCommand({ StackName: name })).catch(() => ({ StackResourceSummaries: [] }));
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
    expect(Roles.map(({ RoleName }) => RoleName).filter((role) => role?.startsWith(name)).toSorted()).toEqual(Object.values(resources).toSorted());
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
        const { Parameter } = await fresh.client(SSMClient, { region }).send(new GetParameterCommand({ Name: "/cdk-bootstrap/hnb659fds/version" }));
        expect(Parameter?.Value).toBe(outputs["BootstrapVersion"]);
        await fresh.client(IAMClient).send(new GetRoleCommand({ RoleName: `cdk-hnb659fds-deploy-role-000000000000-${region}` }));
      }
      expect(await stackKit(fresh).remove("CDKToolkit")).toBe("DELETE_COMPLETE");
      await fresh.restart();
      // Who has deleted it keeps it deleted.
      await expect(stackKit(fresh).client.send(new DescribeStacksCommand({ StackName: "CDKToolkit" }))).rejects.toThrow("does not exist");
    } finally {
      await fresh.stop();
    }
  });
});
