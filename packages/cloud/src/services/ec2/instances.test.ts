import { EC2Client, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";
import { instanceKit } from "./ec2.test-kit.ts";

let cloud: TestCloud;
let ec2: EC2Client;
const kit = () => instanceKit(cloud, () => ec2);
beforeAll(async () => {
  cloud = await startTestCloud();
  ec2 = cloud.client(EC2Client);
});
afterAll(() => cloud.stop());

const server = `#!/bin/sh
exec node -e 'require("http").createServer((_, answer) => answer.end(process.env.AWS_REGION)).listen(process.env.PORT)'
`;
const terminate = (...InstanceIds: string[]) => ec2.send(new TerminateInstancesCommand({ InstanceIds }));

/** What an instance answers on its port, once it does. */
async function ask(address: string | undefined, port = 8080): Promise<string> {
  for (;;) {
    try {
      return await (await fetch(`http://${address}:${port}/`)).text();
    } catch {
      await new Promise(setImmediate);
    }
  }
}

describe("an instance", () => {
  it("is a process that serves at the address that is told, until it is terminated", async () => {
    const id = await kit().launch(server);
    const { PrivateIpAddress, PublicIpAddress, Placement, State } = await kit().until(id, "running");
    expect(PublicIpAddress).toBe(PrivateIpAddress);
    expect(Placement?.AvailabilityZone).toBe("us-east-1a");
    expect(State).toEqual({ Code: 16, Name: "running" });
    expect(await ask(PrivateIpAddress)).toBe("us-east-1");

    const { TerminatingInstances } = await terminate(id);
    expect(TerminatingInstances).toMatchObject([
      { InstanceId: id, CurrentState: { Name: "shutting-down" }, PreviousState: { Name: "running" } },
    ]);
    const gone = await kit().until(id, "terminated");
    expect(gone.StateTransitionReason).toMatch(/^User initiated \(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d GMT\)$/);
    expect(gone.StateReason).toEqual({
      Code: "Client.UserInitiatedShutdown",
      Message: "Client.UserInitiatedShutdown: User initiated shutdown",
    });
    expect(gone).not.toHaveProperty("PrivateIpAddress");
    await expect(fetch(`http://${PrivateIpAddress}:8080/`)).rejects.toThrow();
  });
});
