import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";
import { stackKit } from "./stack.test-kit.ts";
import type { StackKit } from "./stack.test-kit.ts";

let cloud: TestCloud;
let stacks: StackKit;
beforeAll(async () => {
  cloud = await startTestCloud();
  stacks = stackKit(cloud);
});
afterAll(() => cloud.stop());

describe("cloudformation", () => {
  it("creates, changes and deletes a stack", async () => {
    const template = (value: string) => ({
      Resources: {
        P: { Type: "AWS::SSM::Parameter", Properties: { Type: "String", Name: "/a", Value: value } },
        Q: { Type: "AWS::SSM::Parameter", Properties: { Type: "String", Value: { "Fn::Sub": "${P}!" } } },
      },
      Outputs: { Name: { Value: { Ref: "Q" } } },
    });
    const made = await stacks.deploy(template("1"));
    expect(made).toMatchObject({ status: "CREATE_COMPLETE", reasons: [] });
    expect(made.outputs["Name"]).toMatch(/^test-Q-[A-Z0-9]{12}$/);
    expect(await stacks.deploy(template("2"))).toMatchObject({ status: "UPDATE_COMPLETE", resources: made.resources });
    expect(await stacks.remove()).toBe("DELETE_COMPLETE");
  });
});
