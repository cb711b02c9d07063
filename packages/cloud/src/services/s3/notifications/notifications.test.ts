import {
  CreateBucketCommand,
  DeleteObjectCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { NotificationConfiguration } from "@aws-sdk/client-s3";
import { ConfirmSubscriptionCommand, CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestCloud } from "../../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../../testing/test-cloud.test-kit.ts";
import { startSubscriber } from "../../sns/subscriber.test-kit.ts";
import type { Subscriber } from "../../sns/subscriber.test-kit.ts";

let cloud: TestCloud;
let s3: S3Client;
let inbox: Subscriber;
let TopicArn: string;
beforeAll(async () => {
  cloud = await startTestCloud();
  s3 = cloud.client(S3Client);
  inbox = await startSubscriber();
  const sns = cloud.client(SNSClient);
  ({ TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name: "uploads" })));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: "http", Endpoint: inbox.url }));
  const Token = await cloud.eventually(() => inbox.received[0]?.json["Token"]);
  await sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token }));
});
afterAll(async () => {
  await inbox.close();
  await cloud.stop();
});

const configure = async (Bucket: string, NotificationConfiguration: NotificationConfiguration) => {
  await s3.send(new CreateBucketCommand({ Bucket })).catch(() => {});
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
};
const messages = () =>
  inbox.received.flatMap(({ json }) =>
    json["Type"] === "Notification" ? [JSON.parse(json["Message"] ?? "{}") as Record<string, unknown>] : [],
  );

it("a topic is told of the objects that its configuration names, after a test", async () => {
  await configure("photos", {
    TopicConfigurations: [
      {
        Id: "raw",
        TopicArn,
        Events: ["s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"],
        Filter: {
          Key: {
            FilterRules: [
              { Name: "prefix", Value: "raw/" },
              { Name: "suffix", Value: ".jpg" },
            ],
          },
        },
      },
    ],
  });
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "small/a.jpg", Body: "x" }));
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "raw/a b.jpg", Body: "four" }));
  await s3.send(new DeleteObjectCommand({ Bucket: "photos", Key: "raw/a b.jpg" }));
  await cloud.eventually(() => messages().length === 3);
  const [test, created, removed] = messages();
  expect(test).toMatchObject({ Service: "Amazon S3", Event: "s3:TestEvent", Bucket: "photos" });
  expect(created).toMatchObject({
    Records: [
      {
        eventVersion: "2.1",
        eventSource: "aws:s3",
        awsRegion: "us-east-1",
        eventName: "ObjectCreated:Put",
        s3: {
          configurationId: "raw",
          bucket: { name: "photos", arn: "arn:aws:s3:::photos" },
          object: { key: "raw/a+b.jpg", size: 4 },
        },
      },
    ],
  });
  expect(removed).toMatchObject({ Records: [{ eventName: "ObjectRemoved:Delete" }] });
});

it("destinations that are not there are refused", async () => {
  const event = { Events: ["s3:ObjectCreated:*" as const] };
  await expect(
    configure("refused", { TopicConfigurations: [{ ...event, TopicArn: `${TopicArn}-gone` }] }),
  ).rejects.toMatchObject({
    name: "InvalidArgument",
    message: "Unable to validate the following destination configurations",
  });
  await expect(
    configure("refused", {
      LambdaFunctionConfigurations: [
        { ...event, LambdaFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:gone" },
      ],
    }),
  ).rejects.toMatchObject({ name: "InvalidArgument" });
  await expect(
    configure("refused", { QueueConfigurations: [{ ...event, QueueArn: "arn:aws:sqs:us-east-1:000000000000:q" }] }),
  ).rejects.toMatchObject({ name: "InvalidArgument" });
});
