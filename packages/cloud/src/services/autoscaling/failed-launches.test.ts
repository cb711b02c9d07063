import { DescribeInstancesCommand, RegisterImageCommand } from "@aws-sdk/client-ec2";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";
import { fleetKit } from "./autoscaling.test-kit.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.stop());

it("instances of an image that cannot be unpacked are terminated with the reason, and launched less and less often", async () => {
  const kit = fleetKit(cloud);
  const s3 = cloud.client(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket: "images" }));
  await s3.send(new PutObjectCommand({ Bucket: "images", Key: "bad.zip", Body: "PK, and then no archive" }));
  const { ImageId } = await kit.ec2.send(new RegisterImageCommand({ Name: "bad", ImageLocation: "images/bad.zip" }));
  await kit.create("bad", await kit.template(undefined, { ImageId }), { DesiredCapacity: 1 });

  const failures = async () =>
    (await kit.activities("bad")).filter(({ StatusMessage }) => StatusMessage?.includes("Client error on launch"));
  const [failure] = await cloud.eventually(async () => {
    const found = await failures();
    return found.length > 0 && found;
  });
  const reason = "Client.InternalError: Client error on launch. ";
  expect(failure?.StatusCode).toBe("Cancelled");
  expect(failure?.StatusMessage).toContain(
    `Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: ${reason}`,
  );
  const id = /i-[0-9a-f]{17}/.exec(failure?.Description ?? "")?.[0] ?? "";
  const { Reservations } = await kit.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  expect(Reservations?.[0]?.Instances?.[0]).toMatchObject({
    State: { Name: "terminated" },
    StateTransitionReason: "Client.InternalError",
    StateReason: { Code: "Client.InternalError", Message: expect.stringContaining(reason) as string },
  });

  await cloud.clock.advance({ minutes: 10 });
  const count = (await failures()).length;
  expect(count).toBeGreaterThan(3);
  expect(count).toBeLessThan(60);
});
