import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stackKit } from "../cloudformation/stack.test-kit.ts";
import type { StackKit } from "../cloudformation/stack.test-kit.ts";
import { startLambdaCloud } from "./lambda.test-kit.ts";
import type { LambdaCloud } from "./lambda.test-kit.ts";

let kit: LambdaCloud;
let stacks: StackKit;
beforeAll(async () => {
  kit = await startLambdaCloud();
  stacks = stackKit(kit.cloud);
});
afterAll(() => kit.cloud.stop());

/** Answers with what it was asked; a name that is not the old one's makes another resource. */
const provider = `
  const response = require("cfn-response");
  exports.handler = (event, context) => {
    console.log("ASKED " + JSON.stringify(event));
    const { Name, Fail } = event.ResourceProperties;
    if (Fail === event.RequestType) return response.send(event, context, response.FAILED, {}, Name);
    response.send(event, context, response.SUCCESS, { Greeting: "hello " + Name, Secret: "sesame" }, Name, true);
  };`;

const template = (properties: object, others: object = {}) => ({
  Resources: {
    Role: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: {
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
        },
      },
    },
    Provider: {
      Type: "AWS::Lambda::Function",
      Properties: {
        FunctionName: "provider",
        Runtime: "nodejs20.x",
        Handler: "index.handler",
        Role: { "Fn::GetAtt": ["Role", "Arn"] },
        Code: { ZipFile: provider },
      },
    },
    Thing: {
      Type: "Custom::Thing",
      Properties: { ServiceToken: { "Fn::GetAtt": ["Provider", "Arn"] }, ...properties },
    },
    ...others,
  },
  Outputs: { Greeting: { Value: { "Fn::GetAtt": ["Thing", "Greeting"] } } },
});

/** What the provider was asked, oldest first. */
async function asked(count: number): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const log = await kit.logUntil("/aws/lambda/provider", new RegExp(`(ASKED[^]*){${count}}`));
  return [...log.matchAll(/ASKED (?<event>\{.*\})$/gm)].map(
    ({ groups }) => JSON.parse(groups?.["event"] ?? "{}") as Record<string, unknown>,
  );
}

describe("a custom resource", () => {
  it("is made, changed, replaced and deleted by its function", async () => {
    const created = await stacks.deploy(template({ Name: "one", Deep: { Number: 7, Flag: true } }), {
      Capabilities: ["CAPABILITY_IAM"],
    });
    expect(created).toMatchObject({ status: "CREATE_COMPLETE", outputs: { Greeting: "hello one" }, reasons: [] });
    expect(created.resources["Thing"]).toBe("one");
    const replaced = await stacks.deploy(template({ Name: "two" }), { Capabilities: ["CAPABILITY_IAM"] });
    expect(replaced).toMatchObject({ status: "UPDATE_COMPLETE", outputs: { Greeting: "hello two" } });
    expect(replaced.resources["Thing"]).toBe("two");
    // Each may have come to an environment of its own, so that their order in the log tells nothing.
    const requests = await asked(3);
    const [create, update, cleanUp] = ["Create", "Update", "Delete"].map((type) =>
      requests.find(({ RequestType }) => RequestType === type),
    );
    expect(create).toMatchObject({
      RequestType: "Create",
      ResourceType: "Custom::Thing",
      LogicalResourceId: "Thing",
      StackId: created.stackId,
      ResourceProperties: { Name: "one", Deep: { Number: "7", Flag: "true" } },
    });
    expect(update).toMatchObject({
      RequestType: "Update",
      PhysicalResourceId: "one",
      ResourceProperties: { Name: "two" },
      OldResourceProperties: { Name: "one" },
    });
    expect(cleanUp).toMatchObject({ RequestType: "Delete", PhysicalResourceId: "one" });

    const failed = await stacks.deploy(template({ Name: "two", Fail: "Update" }), { Capabilities: ["CAPABILITY_IAM"] });
    expect(failed.status).toBe("UPDATE_ROLLBACK_COMPLETE");
    expect(failed.reasons.join()).toMatch(
      /Thing: Received response status \[FAILED\] from custom resource\. Message returned: See the details in CloudWatch Log Stream: \S+ \(RequestId: \S+\)/,
    );
    expect(await stacks.remove()).toBe("DELETE_COMPLETE");
  });

  it("may be made by a topic's subscriber", async () => {
    const { Resources } = template({ Name: "told" });
    const code = provider.replace(
      "(event, context) => {",
      "({ Records: [{ Sns }] }, context) => { const event = JSON.parse(Sns.Message);",
    );
    Resources.Provider.Properties = {
      ...Resources.Provider.Properties,
      FunctionName: "subscriber",
      Code: { ZipFile: code },
    };
    const Topic = {
      Type: "AWS::SNS::Topic",
      Properties: { Subscription: [{ Protocol: "lambda", Endpoint: { "Fn::GetAtt": ["Provider", "Arn"] } }] },
    };
    const Thing = { Type: "Custom::Thing", Properties: { ServiceToken: { Ref: "Topic" }, Name: "told" } };
    const deployed = await stacks.deploy(
      { Resources: { ...Resources, Topic, Thing }, Outputs: template({}).Outputs },
      { name: "by-topic", Capabilities: ["CAPABILITY_IAM"] },
    );
    expect(deployed).toMatchObject({ status: "CREATE_COMPLETE", outputs: { Greeting: "hello told" }, reasons: [] });
    expect(await stacks.remove("by-topic")).toBe("DELETE_COMPLETE");
  });

  it("fails when its function does not answer in time", async () => {
    const silent = template({ Name: "x", ServiceTimeout: 30 });
    silent.Resources.Provider.Properties.Code.ZipFile = "exports.handler = async () => console.log('SILENT')";
    const deployed = stacks.deploy(silent, { name: "silent", Capabilities: ["CAPABILITY_IAM"] });
    await kit.logUntil("/aws/lambda/provider", /SILENT/);
    await kit.cloud.idle();
    await kit.cloud.clock.advance({ seconds: 31 });
    const { status, reasons } = await deployed;
    expect(status).toBe("ROLLBACK_COMPLETE");
    expect(reasons.join()).toContain("CloudFormation did not receive a response from your Custom Resource.");
  });
});
