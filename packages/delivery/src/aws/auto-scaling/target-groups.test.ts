import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { describe, expect, it } from "vitest";
import { detachTargetGroups } from "./target-groups.ts";

/** A client whose calls end like that. */
function answering(error: Error | undefined) {
  const asked: object[] = [];
  const client = new AutoScalingClient({ region: "eu-west-1" });
  client.middlewareStack.add(
    () =>
      async ({ input }) => {
        asked.push(input);
        if (error !== undefined) throw error;
        return Promise.resolve({ response: {}, output: { $metadata: {} } });
      },
    { step: "initialize" },
  );
  return { client, asked };
}

const refused = (message: string) => Object.assign(new Error(message), { name: "ValidationError" });

describe("a group that is taken out of target groups", () => {
  it("is named with them", async () => {
    const { client, asked } = answering(undefined);
    await detachTargetGroups(client, "playback-v000", ["arn:one", "arn:two"]);
    expect(asked).toEqual([{ AutoScalingGroupName: "playback-v000", TargetGroupARNs: ["arn:one", "arn:two"] }]);
  });

  it("needs no call if it is in none", async () => {
    const { client, asked } = answering(undefined);
    await detachTargetGroups(client, "playback-v000", []);
    expect(asked).toEqual([]);
  });

  it("may be out of them already: what was seen is old", async () => {
    const { client } = answering(refused("Trying to remove Target Groups that are not part of the group: [arn:one]"));
    await expect(detachTargetGroups(client, "playback-v000", ["arn:one"])).resolves.toBeUndefined();
  });

  it("is told of where it cannot be", async () => {
    const { client } = answering(refused("AutoScalingGroup name not found - AutoScalingGroup playback-v000 not found"));
    await expect(detachTargetGroups(client, "playback-v000", ["arn:one"])).rejects.toThrow("name not found");
  });
});
