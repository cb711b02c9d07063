import {
  CreateStackCommand,
  ContinueUpdateRollbackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  RollbackStackCommand,
  UpdateStackCommand,
  UpdateTerminationProtectionCommand,
} from "@aws-sdk/client-cloudformation";
import { CreateSecretCommand, DeleteSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import {
  DescribeParametersCommand,
  GetParameterCommand,
  ListTagsForResourceCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";
import { startSubscriber } from "../sns/subscriber.test-kit.ts";
import { stackKit } from "./stack.test-kit.ts";
import type { StackKit } from "./stack.test-kit.ts";

let cloud: TestCloud;
let stacks: StackKit;
let ssm: SSMClient;
const connect = () => {
  stacks = stackKit(cloud);
  ssm = cloud.client(SSMClient);
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

describe("stacks", () => {
  it("tell topics of their events, from the beginning on", async () => {
    const sns = cloud.client(SNSClient);
    const inbox = await startSubscriber();
    try {
      const { TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name: name }));
      const Attributes = { RawMessageDelivery: "true" };
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: "http", Endpoint: inbox.url, Attributes }));
      const [asked] = await cloud.eventually(() => inbox.received.length > 0 && inbox.received);
      await fetch(asked?.json["SubscribeURL"] ?? "");
      const template = (value: string) => ({
        Resources: { P: parameter({ "Fn::Join": [value, { Ref: "AWS::NotificationARNs" }] }) },
      });
      const made = await stacks.deploy(template("1"), { name, NotificationARNs: [TopicArn] });
      expect(made).toMatchObject({ status: "CREATE_COMPLETE", reasons: [] });
      expect(await valueOf(made.resources["P"])).toBe(TopicArn);
      const statuses = () =>
        inbox.received.slice(1).map(({ body }) => {
          const of = (member: string) => new RegExp(`^${member}='(.*)'$`, "m").exec(body)?.[1];
          return `${of("LogicalResourceId")} ${of("ResourceStatus")}`;
        });
      await cloud.eventually(() => statuses().includes(`${name} CREATE_COMPLETE`));
      expect(statuses().toSorted()).toEqual(
        [
          `${name} CREATE_IN_PROGRESS`,
          "P CREATE_IN_PROGRESS",
          "P CREATE_COMPLETE",
          `${name} CREATE_COMPLETE`,
        ].toSorted(),
      );
      const { Stacks: [shown] = [] } = await stacks.client.send(new DescribeStacksCommand({ StackName: name }));
      expect(shown?.NotificationARNs).toEqual([TopicArn]);
      // That nobody is told any more is a change.
      const quiet = await stacks.deploy({ Resources: { P: parameter("x") } }, { name, NotificationARNs: [] });
      expect(quiet.status).toBe("UPDATE_COMPLETE");
      await cloud.idle();
      expect(inbox.received).toHaveLength(5);
    } finally {
      await inbox.close();
    }
  });

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
    expect(await stacks.deploy(template("2"), { name })).toMatchObject({
      status: "UPDATE_COMPLETE",
      resources: made.resources,
    });
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
    const look = async () =>
      (await stacks.client.send(new DescribeStacksCommand({ StackName: StackId }))).Stacks?.[0]?.StackStatus;
    expect(await look()).toBe("CREATE_COMPLETE");
    await stacks.client.send(new DeleteStackCommand({ StackName: name }));
    expect(await look()).toBe("DELETE_COMPLETE");
  });

  it("roll a failed creation back, with the service's own reason", async () => {
    const template = {
      Resources: {
        Good: parameter("1", { Name: `/${name}` }),
        Bad: parameter("1", refused),
        Later: parameter({ Ref: "Bad" }),
      },
    };
    const failed = await stacks.deploy(template, { name });
    expect(failed.status).toBe("ROLLBACK_COMPLETE");
    expect(failed.reasons).toEqual([expect.stringMatching(/^Bad: .*(name|Name)/)]);
    expect(await exists(`/${name}`)).toBe(false);
    const events = await eventsOf(name);
    expect(events.map(({ LogicalResourceId }) => LogicalResourceId)).not.toContain("Later");
    expect(events.find(({ ResourceStatus }) => ResourceStatus === "ROLLBACK_IN_PROGRESS")?.ResourceStatusReason).toBe(
      "The following resource(s) failed to create: [Bad].",
    );
    await expect(
      stacks.client.send(new UpdateStackCommand({ StackName: name, TemplateBody: JSON.stringify(template) })),
    ).rejects.toThrow("is in ROLLBACK_COMPLETE state and can not be updated.");
    expect(await stacks.remove(name)).toBe("DELETE_COMPLETE");
  });

  it("leave what there is where no rollback is wanted, and go on from there", async () => {
    const template = (more: object) => ({
      Resources: { Good: parameter("1", { Name: `/${name}` }), Bad: parameter("1", more) },
    });
    expect((await stacks.deploy(template(refused), { name, OnFailure: "DO_NOTHING" })).status).toBe("CREATE_FAILED");
    expect(await exists(`/${name}`)).toBe(true);
    await expect(stacks.deploy(template({}), { name })).rejects.toThrow(
      "use the disable-rollback parameter with update-stack API",
    );
    expect((await stacks.deploy(template({}), { name, DisableRollback: true })).status).toBe("UPDATE_COMPLETE");
    expect((await stacks.deploy(template(refused), { name, DisableRollback: true })).status).toBe("UPDATE_FAILED");
    await stacks.client.send(new RollbackStackCommand({ StackName: name }));
    expect((await stacks.describe(name)).status).toBe("UPDATE_ROLLBACK_COMPLETE");
    expect(await stacks.remove(name)).toBe("DELETE_COMPLETE");
    expect((await stacks.deploy(template(refused), { name: `${name}-b`, OnFailure: "DELETE" })).status).toBe(
      "DELETE_COMPLETE",
    );
  });

  it("restore everything after a failed update: what was changed, replaced, added and removed", async () => {
    const before = await stacks.deploy(
      {
        Resources: {
          Changed: parameter("old"),
          Replaced: parameter("old", { Name: `/${name}/a` }),
          Removed: parameter("old"),
        },
        Outputs: { O: { Value: "old" } },
      },
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
    expect(failed).toMatchObject({
      status: "UPDATE_ROLLBACK_COMPLETE",
      resources: before.resources,
      outputs: { O: "old" },
    });
    expect(Object.keys(failed.resources)).toEqual(["Changed", "Removed", "Replaced"]);
    expect(await Promise.all(Object.values(failed.resources).map(valueOf))).toEqual(["old", "old", "old"]);
    expect(await exists(`/${name}/b`)).toBe(false);
    expect(await exists(`/${name}/c`)).toBe(false);
  });

  it("replace in the order that loses nothing: new, then who refers to it, then the old one goes", async () => {
    const template = (suffix: string) => ({
      Resources: { A: parameter("1", { Name: `/${name}/${suffix}` }), B: parameter({ Ref: "A" }) },
    });
    await stacks.deploy(template("a"), { name });
    const { resources } = await stacks.deploy(template("b"), { name });
    expect(await valueOf(resources["B"])).toBe(`/${name}/b`);
    expect(await exists(`/${name}/a`)).toBe(false);
    const events = (await eventsOf(name))
      .toReversed()
      .map(({ LogicalResourceId, ResourceStatus }) => `${LogicalResourceId} ${ResourceStatus}`);
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
    const kept = (suffix: string) =>
      parameter("1", { Name: `/${name}/${suffix}` }, { DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
    await stacks.deploy({ Resources: { A: kept("a"), B: parameter("1") } }, { name });
    await stacks.deploy({ Resources: { A: kept("b"), B: parameter("1") } }, { name });
    expect(await stacks.remove(name)).toBe("DELETE_COMPLETE");
    expect(await Promise.all([exists(`/${name}/a`), exists(`/${name}/b`)])).toEqual([true, true]);
  });

  it("are protected from deletion, and told of changes that are none", async () => {
    const template = { Resources: { P: parameter("1") } };
    const { stackId } = await stacks.deploy(template, { name, EnableTerminationProtection: true });
    await expect(stacks.remove(name)).rejects.toThrow(
      `Stack [${name}] cannot be deleted while TerminationProtection is enabled`,
    );
    await expect(stacks.deploy(template, { name })).rejects.toThrow("No updates are to be performed.");
    await expect(
      stacks.client.send(new CreateStackCommand({ StackName: name, TemplateBody: JSON.stringify(template) })),
    ).rejects.toMatchObject({ name: "AlreadyExistsException" });
    await stacks.client.send(
      new UpdateTerminationProtectionCommand({ StackName: stackId, EnableTerminationProtection: false }),
    );
    expect(await stacks.remove(name)).toBe("DELETE_COMPLETE");
  });

  it("give their tags to resources, and take them away again", async () => {
    const template = { Resources: { P: parameter("1", { Name: `/${name}` }) } };
    const { stackId } = await stacks.deploy(template, {
      name,
      Tags: [
        { Key: "team", Value: "a" },
        { Key: "old", Value: "x" },
      ],
    });
    await stacks.deploy(template, { name, Tags: [{ Key: "team", Value: "b" }] });
    const { TagList = [] } = await ssm.send(
      new ListTagsForResourceCommand({ ResourceType: "Parameter", ResourceId: `/${name}` }),
    );
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
    await stacks.deploy(
      { Resources: { A: parameter(`{{resolve:secretsmanager:${name}}}`, { Name: `/${name}` }) } },
      { name },
    );
    await secrets.send(new DeleteSecretCommand({ SecretId: name, ForceDeleteWithoutRecovery: true }));
    // The old value cannot be had any more.
    const failed = await stacks.deploy(
      { Resources: { A: parameter("new", { Name: `/${name}` }), B: parameter({ Ref: "A" }, refused) } },
      { name },
    );
    expect(failed.status).toBe("UPDATE_ROLLBACK_FAILED");
    await putSecret();
    await stacks.client.send(new ContinueUpdateRollbackCommand({ StackName: name }));
    expect((await stacks.describe(name)).status).toBe("UPDATE_ROLLBACK_COMPLETE");
    expect(await valueOf(`/${name}`)).toBe("s");
  });
});
