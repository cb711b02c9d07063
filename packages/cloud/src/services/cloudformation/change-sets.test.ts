import {
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DescribeChangeSetCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
} from "@aws-sdk/client-cloudformation";
import { DescribeParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";
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
const exists = async (Name: string | undefined) =>
  (await ssm.send(new DescribeParametersCommand({ ParameterFilters: [{ Key: "Name", Values: [Name ?? ""] }] })))
    .Parameters?.length === 1;

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
  const look = (set = "set") =>
    stacks.client.send(new DescribeChangeSetCommand({ StackName: name, ChangeSetName: set }));

  it("of a stack that was never executed leave it without parameters, whose previous values could be asked for", async () => {
    await create({ Parameters: { Size: { Type: "String", Default: "1" } }, Resources: { P: parameter("1") } });
    const { Stacks: [stack] = [] } = await stacks.client.send(new DescribeStacksCommand({ StackName: name }));
    expect([stack?.StackStatus, stack?.Parameters ?? []]).toEqual(["REVIEW_IN_PROGRESS", []]);
  });

  it("show what would be done, and do it", async () => {
    await create({ Resources: { P: parameter("1", { Name: `/${name}/1` }) } });
    expect((await stacks.client.send(new DescribeStacksCommand({ StackName: name }))).Stacks?.[0]?.StackStatus).toBe(
      "REVIEW_IN_PROGRESS",
    );
    expect(await look()).toMatchObject({
      Status: "CREATE_COMPLETE",
      ExecutionStatus: "AVAILABLE",
      Changes: [{ ResourceChange: { Action: "Add", LogicalResourceId: "P" } }],
    });
    expect(await exists(`/${name}/1`)).toBe(false);
    await stacks.client.send(new ExecuteChangeSetCommand({ StackName: name, ChangeSetName: "set" }));
    expect((await stacks.describe(name)).status).toBe("CREATE_COMPLETE");
    expect((await look()).ExecutionStatus).toBe("EXECUTE_COMPLETE");
    await stacks.client.send(new DeleteChangeSetCommand({ StackName: name, ChangeSetName: "set" }));
    await expect(look()).rejects.toMatchObject({ name: "ChangeSetNotFoundException" });

    await create({ Resources: { P: parameter("1", { Name: `/${name}/2` }) } }, "UPDATE");
    expect((await look()).Changes).toMatchObject([
      {
        ResourceChange: {
          Action: "Modify",
          Replacement: "True",
          PolicyAction: "ReplaceAndDelete",
          Details: [{ Target: { Name: "Name", RequiresRecreation: "Always" }, Evaluation: "Static" }],
        },
      },
    ]);
  });

  it("fail where nothing changes", async () => {
    await stacks.deploy({ Resources: { P: parameter("1") } }, { name });
    await create({ Resources: { P: parameter("1") } }, "UPDATE");
    expect(await look()).toMatchObject({
      Status: "FAILED",
      ExecutionStatus: "UNAVAILABLE",
      StatusReason:
        "The submitted information didn't contain changes. Submit different information to create a change set.",
    });
    await expect(
      stacks.client.send(new ExecuteChangeSetCommand({ StackName: name, ChangeSetName: "set" })),
    ).rejects.toMatchObject({ name: "InvalidChangeSetStatusException" });
  });

  it("fail for types and properties that there are not, before anything is made", async () => {
    await create({ Resources: { P: parameter("1"), X: { Type: "AWS::Foo::Bar" } } });
    expect(await look()).toMatchObject({
      Status: "FAILED",
      StatusReason: "Template format error: Unrecognized resource types: [AWS::Foo::Bar]",
    });
    await create({ Resources: { P: parameter("1", { Colour: "red" }) } }, "CREATE", "second");
    expect(await look("second")).toMatchObject({
      Status: "FAILED",
      StatusReason: "Resource P (AWS::SSM::Parameter): Encountered unsupported property Colour",
    });
    expect(await stacks.remove(name)).toBe("DELETE_COMPLETE");
    await expect(stacks.deploy({ Resources: { X: { Type: "AWS::Foo::Bar" } } }, { name })).rejects.toThrow(
      "Unrecognized resource types: [AWS::Foo::Bar]",
    );
  });

  it("are refused for a stack that is not there, or is there already", async () => {
    await expect(create({ Resources: { P: parameter("1") } }, "UPDATE")).rejects.toThrow(
      `Stack [${name}] does not exist`,
    );
    await expect(create("{")).rejects.toThrow("Template format error: JSON not well-formed. (line 1, column 2)");
    await stacks.deploy({ Resources: { P: parameter("1") } }, { name });
    await expect(create({ Resources: { P: parameter("2") } })).rejects.toThrow(
      "already exists and cannot be created again with the changeSet [set].",
    );
  });
});
