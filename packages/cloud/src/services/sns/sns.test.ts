import { X509Certificate, verify } from "node:crypto";
import {
  CloudWatchClient,
  GetMetricStatisticsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  AddPermissionCommand,
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  PublishBatchCommand,
  PublishCommand,
  RemovePermissionCommand,
  SNSClient,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-sns";
import type { CreateTopicCommandInput, PublishCommandInput } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";
import { stackKit } from "../cloudformation/stack.test-kit.ts";
import { startLambdaCloud } from "../lambda/lambda.test-kit.ts";
import type { LambdaCloud } from "../lambda/lambda.test-kit.ts";
import { startSubscriber } from "./subscriber.test-kit.ts";
import type { Subscriber } from "./subscriber.test-kit.ts";

let kit: LambdaCloud;
let cloud: TestCloud;
let sns: SNSClient;
let inbox: Subscriber;
beforeAll(async () => {
  kit = await startLambdaCloud();
  ({ cloud } = kit);
  sns = cloud.client(SNSClient);
  inbox = await startSubscriber();
});
afterAll(async () => {
  await inbox.close();
  await cloud.stop();
});

const topic = async (Name: string, input: Partial<CreateTopicCommandInput> = {}) =>
  (await sns.send(new CreateTopicCommand({ Name, ...input }))).TopicArn ?? "";
const publish = (TopicArn: string, input: Partial<PublishCommandInput> = {}) =>
  sns.send(new PublishCommand({ TopicArn, Message: "hello", ...input }));
/** What an endpoint was sent of a topic. */
const sent = (arn: string, type = "Notification", of = inbox) =>
  of.received.filter(
    ({ headers }) => headers["x-amz-sns-topic-arn"] === arn && headers["x-amz-sns-message-type"] === type,
  );
const until = (arn: string, count: number, type?: string) =>
  cloud.eventually(() => {
    const found = sent(arn, type);
    return found.length >= count ? found : undefined;
  });
/** Subscribes the inbox, and confirms it as an endpoint does. */
async function subscribeInbox(TopicArn: string, Attributes: Record<string, string> = {}): Promise<string> {
  const { SubscriptionArn } = await sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: "http",
      Endpoint: `${inbox.url}?${TopicArn}`,
      Attributes,
      ReturnSubscriptionArn: true,
    }),
  );
  const [request] = await until(TopicArn, 1, "SubscriptionConfirmation");
  const answer = await fetch(request?.json["SubscribeURL"] ?? "");
  expect(await answer.text()).toContain(`<SubscriptionArn>${SubscriptionArn}</SubscriptionArn>`);
  return SubscriptionArn ?? "";
}
async function isGenuine(json: Readonly<Record<string, string>>): Promise<boolean> {
  const names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];
  const text = names.flatMap((name) => (json[name] === undefined ? [] : [`${name}\n${json[name]}\n`])).join("");
  const certificate = new X509Certificate(await (await fetch(json["SigningCertURL"] ?? "")).text());
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(new Date(certificate.validTo).getTime()).toBeGreaterThan(cloud.clock.now());
  const algorithm = json["SignatureVersion"] === "2" ? "sha256" : "sha1";
  return verify(algorithm, Buffer.from(text), certificate.publicKey, Buffer.from(json["Signature"] ?? "", "base64"));
}

describe("a topic", () => {
  it("is created once, told of, tagged and deleted", async () => {
    const Tags = [{ Key: "team", Value: "a" }];
    const arn = await topic("orders", { Tags, Attributes: { DisplayName: "Orders" } });
    expect(arn).toBe("arn:aws:sns:us-east-1:000000000000:orders");
    expect(await topic("orders")).toBe(arn);
    await expect(topic("orders", { Attributes: { DisplayName: "Others" } })).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: "Invalid parameter: Attributes Reason: Topic already exists with different attributes",
    });
    await sns.send(
      new SetTopicAttributesCommand({ TopicArn: arn, AttributeName: "DisplayName", AttributeValue: "New" }),
    );
    const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn: arn }));
    expect(Attributes).toMatchObject({ TopicArn: arn, Owner: "000000000000", DisplayName: "New" });
    expect((await sns.send(new ListTopicsCommand({}))).Topics).toContainEqual({ TopicArn: arn });
    await sns.send(new TagResourceCommand({ ResourceArn: arn, Tags: [{ Key: "stage", Value: "test" }] }));
    await sns.send(new UntagResourceCommand({ ResourceArn: arn, TagKeys: ["team"] }));
    const tags = await sns.send(new ListTagsForResourceCommand({ ResourceArn: arn }));
    expect(tags.Tags).toEqual([{ Key: "stage", Value: "test" }]);
    await sns.send(new DeleteTopicCommand({ TopicArn: arn }));
    await sns.send(new DeleteTopicCommand({ TopicArn: arn }));
    await expect(publish(arn)).rejects.toMatchObject({ name: "NotFoundException", message: "Topic does not exist" });
  });

  it("has a policy, whose statements permissions are", async () => {
    const TopicArn = await topic("shared");
    const statements = async () => {
      const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
      return (JSON.parse(Attributes?.["Policy"] ?? "{}") as { Statement: { Sid: string }[] }).Statement;
    };
    const add = () =>
      sns.send(
        new AddPermissionCommand({
          TopicArn,
          Label: "others",
          AWSAccountId: ["111122223333"],
          ActionName: ["Publish"],
        }),
      );
    await add();
    expect(await statements()).toContainEqual({
      Sid: "others",
      Effect: "Allow",
      Principal: { AWS: "arn:aws:iam::111122223333:root" },
      Action: "SNS:Publish",
      Resource: TopicArn,
    });
    await expect(add()).rejects.toMatchObject({ name: "InvalidParameterException" });
    await sns.send(new RemovePermissionCommand({ TopicArn, Label: "others" }));
    expect((await statements()).map(({ Sid }) => Sid)).toEqual(["__default_statement_ID"]);
  });

  it("refuses what it cannot do, as AWS says it", async () => {
    const arn = await topic("strict");
    const wrong = { name: "InvalidParameterException" };
    await expect(topic("queue.fifo", { Attributes: { FifoTopic: "true" } })).rejects.toMatchObject(wrong);
    await expect(topic("no spaces")).rejects.toMatchObject({ ...wrong, message: "Invalid parameter: Topic Name" });
    for (const Protocol of ["sqs", "email", "sms", "application", "firehose", "pigeon"])
      await expect(
        sns.send(new SubscribeCommand({ TopicArn: arn, Protocol, Endpoint: "a@example.com" })),
      ).rejects.toMatchObject(wrong);
    await expect(
      sns.send(new SubscribeCommand({ TopicArn: arn, Protocol: "https", Endpoint: "http://example.com" })),
    ).rejects.toMatchObject({ message: "Invalid parameter: Endpoint must match the specified protocol" });
    await expect(publish(arn, { Message: "" })).rejects.toMatchObject({ message: "Invalid parameter: Empty message" });
    await expect(publish(arn, { Message: "x".repeat(256 * 1024 + 1) })).rejects.toMatchObject({
      message: "Invalid parameter: Message too long",
    });
    await expect(publish(arn, { Subject: "two\nlines" })).rejects.toMatchObject({
      message: "Invalid parameter: Subject",
    });
    await expect(publish(arn, { MessageStructure: "json", Message: "{}" })).rejects.toMatchObject({
      message: "Invalid parameter: Message Structure - No default entry in JSON message body",
    });
    await expect(
      publish(arn, { MessageAttributes: { a: { DataType: "Boolean", StringValue: "x" } } }),
    ).rejects.toMatchObject({ name: "InvalidParameterValueException" });
    await expect(sns.send(new ConfirmSubscriptionCommand({ TopicArn: arn, Token: "none" }))).rejects.toMatchObject({
      message: "Invalid parameter: Token",
    });
    await expect(
      sns.send(new UnsubscribeCommand({ SubscriptionArn: `${arn}:00000000-0000-0000-0000-000000000000` })),
    ).resolves.toBeDefined();
  });
});

describe("an HTTP endpoint", () => {
  it("is asked to confirm, is then sent signed messages, and can end it by a link", async () => {
    const arn = await topic("news");
    const first = await sns.send(
      new SubscribeCommand({ TopicArn: arn, Protocol: "http", Endpoint: `${inbox.url}?${arn}` }),
    );
    expect(first.SubscriptionArn).toBe("pending confirmation");
    const [asked] = await until(arn, 1, "SubscriptionConfirmation");
    expect(await isGenuine(asked?.json ?? {})).toBe(true);
    await publish(arn, { Message: "too early" });
    const own = await subscribeInbox(arn);
    await sns.send(
      new SetTopicAttributesCommand({ TopicArn: arn, AttributeName: "SignatureVersion", AttributeValue: "2" }),
    );
    const MessageAttributes = { kind: { DataType: "String", StringValue: "order" } };
    const { MessageId } = await publish(arn, { Subject: "An order", Message: "ü", MessageAttributes });
    const [message] = await until(arn, 1);
    expect(message?.headers).toMatchObject({
      "content-type": "text/plain; charset=UTF-8",
      "x-amz-sns-message-id": MessageId,
      "x-amz-sns-subscription-arn": own,
    });
    expect(message?.json).toMatchObject({
      Type: "Notification",
      MessageId,
      TopicArn: arn,
      Subject: "An order",
      Message: "ü",
      SignatureVersion: "2",
      MessageAttributes: { kind: { Type: "String", Value: "order" } },
    });
    expect(await isGenuine(message?.json ?? {})).toBe(true);
    expect(await isGenuine({ ...message?.json, Message: "u" })).toBe(false);

    await fetch(message?.json["UnsubscribeURL"] ?? "");
    expect((await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: arn }))).Subscriptions).toEqual([]);
  });

  it("may get the bare message, and its protocol's own text", async () => {
    const arn = await topic("raw");
    await subscribeInbox(arn, { RawMessageDelivery: "true" });
    await publish(arn, {
      MessageStructure: "json",
      Message: JSON.stringify({ default: "for all", http: "for http", email: "for mail" }),
    });
    const [message] = await until(arn, 1);
    expect(message?.body).toBe("for http");
    expect(message?.headers["x-amz-sns-rawdelivery"]).toBe("true");
  });

  it("is tried again three times, also over a crash, and then given up", async () => {
    const arn = await topic("flaky");
    await subscribeInbox(arn);
    inbox.status = 503;
    await publish(arn);
    await until(arn, 1);
    await cloud.idle();
    await cloud.crash();
    await cloud.start();
    sns = cloud.client(SNSClient);
    await cloud.idle();
    expect(sent(arn)).toHaveLength(1);
    await cloud.clock.advance({ seconds: 20 });
    await until(arn, 2);
    inbox.status = 200;
    await cloud.clock.advance({ seconds: 20 });
    await cloud.clock.advance({ minutes: 5 });
    expect(sent(arn)).toHaveLength(3);
    inbox.status = 500;
    await publish(arn);
    await cloud.clock.advance({ minutes: 5 });
    expect(sent(arn)).toHaveLength(3 + 4);
    // What it refuses is not sent twice.
    inbox.status = 404;
    await publish(arn);
    await cloud.clock.advance({ minutes: 5 });
    expect(sent(arn)).toHaveLength(3 + 4 + 1);
    inbox.status = 200;
    const { Datapoints = [] } = await cloud.client(CloudWatchClient).send(
      new GetMetricStatisticsCommand({
        Namespace: "AWS/SNS",
        MetricName: "NumberOfNotificationsFailed",
        Dimensions: [{ Name: "TopicName", Value: "flaky" }],
        StartTime: new Date(cloud.clock.now() - 3_600_000),
        EndTime: new Date(cloud.clock.now() + 60_000),
        Period: 86_400,
        Statistics: ["Sum"],
      }),
    );
    expect(Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0)).toBe(2);
  });

  it("that does not confirm is forgotten after two days", async () => {
    const TopicArn = await topic("lazy");
    const Endpoint = `${inbox.url}?lazy`;
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "http", Endpoint }));
    const list = async () => (await sns.send(new ListSubscriptionsCommand({}))).Subscriptions ?? [];
    expect(await list()).toContainEqual(
      expect.objectContaining({ Endpoint, SubscriptionArn: "PendingConfirmation", TopicArn }),
    );
    await cloud.clock.advance({ hours: 48 });
    expect(await list()).not.toContainEqual(expect.objectContaining({ Endpoint }));
  });
});

describe("a filter policy", () => {
  const attribute = (DataType: string, StringValue: string) => ({ DataType, StringValue });

  it("of attributes lets only messages through that it matches", async () => {
    const arn = await topic("filtered");
    const policy = {
      store: ["shop", { prefix: "web-" }],
      price: [{ numeric: [">=", 100, "<", 200] }],
      interests: [{ "anything-but": ["rugby"] }],
      $or: [{ country: [{ "equals-ignore-case": "De" }] }, { address: [{ cidr: "10.0.0.0/24" }] }],
    };
    const own = await subscribeInbox(arn, { FilterPolicy: JSON.stringify(policy) });
    const good = {
      store: attribute("String", "web-1"),
      price: attribute("Number", "150.5"),
      interests: attribute("String.Array", '["rugby","chess"]'),
      country: attribute("String", "DE"),
    };
    const { country: _, ...others } = good;
    await publish(arn, { Message: "none" });
    await publish(arn, { Message: "cheap", MessageAttributes: { ...good, price: attribute("Number", "99") } });
    await publish(arn, { Message: "text", MessageAttributes: { ...good, price: attribute("String", "150") } });
    await publish(arn, {
      Message: "rugby",
      MessageAttributes: { ...good, interests: attribute("String.Array", '["rugby"]') },
    });
    await publish(arn, { Message: "nowhere", MessageAttributes: others });
    await publish(arn, { Message: "good", MessageAttributes: good });
    await publish(arn, {
      Message: "inside",
      MessageAttributes: { ...others, address: attribute("String", "10.0.0.9") },
    });
    const messages = await until(arn, 2);
    await cloud.idle();
    expect(messages.map(({ json }) => json["Message"]).toSorted()).toEqual(["good", "inside"]);

    await sns.send(
      new SetSubscriptionAttributesCommand({
        SubscriptionArn: own,
        AttributeName: "FilterPolicy",
        AttributeValue: "{}",
      }),
    );
    await publish(arn, { Message: "all" });
    await until(arn, 3);
  });

  it("of the body sees what JSON holds", async () => {
    const arn = await topic("bodies");
    const FilterPolicy = JSON.stringify({ detail: { state: ["done", { suffix: "ed" }], error: [{ exists: false }] } });
    const own = await subscribeInbox(arn, { FilterPolicy, FilterPolicyScope: "MessageBody" });
    const { Attributes } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn: own }));
    expect(Attributes).toMatchObject({ FilterPolicy, FilterPolicyScope: "MessageBody", PendingConfirmation: "false" });
    await sns.send(
      new PublishBatchCommand({
        TopicArn: arn,
        PublishBatchRequestEntries: [
          { Id: "a", Message: "no JSON" },
          { Id: "b", Message: JSON.stringify({ detail: { state: "finished", error: "x" } }) },
          { Id: "c", Message: JSON.stringify({ detail: { state: "finished" } }) },
        ],
      }),
    );
    const [message] = await until(arn, 1);
    await cloud.idle();
    expect(sent(arn)).toHaveLength(1);
    expect(message?.json["Message"]).toContain("finished");
  });

  it("that is wrong, or too large, is refused", async () => {
    const TopicArn = await topic("refusing");
    const subscribe = (policy: object) =>
      sns.send(
        new SubscribeCommand({
          TopicArn,
          Protocol: "http",
          Endpoint: `${inbox.url}?refusing`,
          Attributes: { FilterPolicy: JSON.stringify(policy) },
        }),
      );
    await expect(subscribe({ a: [{ like: "x" }] })).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: 'Invalid parameter: Attributes Reason: FilterPolicy: Unrecognized match type like in "a"',
    });
    await expect(subscribe({ a: { b: ["x"] } })).rejects.toMatchObject({ name: "InvalidParameterException" });
    const many = Object.fromEntries(["a", "b", "c", "d", "e", "f"].map((key) => [key, ["x"]]));
    await expect(subscribe(many)).rejects.toMatchObject({ name: "FilterPolicyLimitExceededException" });
  });
});

describe("a batch", () => {
  it("is delivered whole, tells of each message, and is refused as a whole where its entries are wrong", async () => {
    const TopicArn = await topic("batches");
    const send = (...entries: { Id: string; Message: string; Subject?: string }[]) =>
      sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: entries }));
    await subscribeInbox(TopicArn);
    const ten = Array.from({ length: 10 }, (_, n) => ({ Id: String(n), Message: String(n) }));
    for (let n = 0; n < 5; n++) await send(...ten);
    const texts = (await until(TopicArn, 50)).map(({ json }) => json["Message"]);
    expect(texts.filter((text) => text === "7")).toHaveLength(5);
    const { Successful, Failed } = await send(
      { Id: "good", Message: "x" },
      { Id: "bad", Message: "x", Subject: "two\nlines" },
    );
    expect(Successful).toMatchObject([{ Id: "good" }]);
    expect(Failed).toMatchObject([{ Id: "bad", Code: "InvalidParameter", SenderFault: true }]);
    await expect(send({ Id: "a", Message: "x" }, { Id: "a", Message: "y" })).rejects.toMatchObject({
      name: "BatchEntryIdsNotDistinctException",
    });
    const half = "x".repeat(130 * 1024);
    await expect(send({ Id: "a", Message: half }, { Id: "b", Message: half })).rejects.toMatchObject({
      name: "BatchRequestTooLongException",
    });
  });
});

describe("a function", () => {
  it("is called with messages, and with what an alarm tells", async () => {
    const arn = await topic("alarms");
    await kit.create("listener", {
      "index.js": "exports.handler = async (event) => console.log('GOT', JSON.stringify(event))",
    });
    const { SubscriptionArn } = await sns.send(
      new SubscribeCommand({
        TopicArn: arn,
        Protocol: "lambda",
        Endpoint: "arn:aws:lambda:us-east-1:000000000000:function:listener",
      }),
    );
    expect(SubscriptionArn).toMatch(`${arn}:`);
    await subscribeInbox(arn);
    await publish(arn, { Message: "by hand" });
    const log = await kit.logUntil("/aws/lambda/listener", /GOT .*by hand/);
    const [, text = "{}"] = /GOT (\{.*\})/.exec(log) ?? [];
    expect(JSON.parse(text)).toMatchObject({
      Records: [
        {
          EventSource: "aws:sns",
          EventVersion: "1.0",
          EventSubscriptionArn: SubscriptionArn,
          Sns: { Type: "Notification", TopicArn: arn, Subject: null, Message: "by hand", MessageAttributes: {} },
        },
      ],
    });

    const cloudwatch = cloud.client(CloudWatchClient);
    await cloudwatch.send(
      new PutMetricAlarmCommand({
        AlarmName: "too many",
        Namespace: "App",
        MetricName: "Errors",
        Statistic: "Sum",
        Period: 10,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: "GreaterThanThreshold",
        AlarmActions: [arn],
      }),
    );
    await cloudwatch.send(
      new PutMetricDataCommand({
        Namespace: "App",
        MetricData: [{ MetricName: "Errors", Value: 5, StorageResolution: 1, Timestamp: new Date(cloud.clock.now()) }],
      }),
    );
    await kit.logUntil("/aws/lambda/listener", /GOT .*AlarmName.*too many/);
    const messages = await until(arn, 2);
    const alarm = messages.find(({ json }) => json["Subject"] !== undefined)?.json;
    expect(alarm?.["Subject"]).toBe('ALARM: "too many" in US East (N. Virginia)');
    expect(JSON.parse(alarm?.["Message"] ?? "{}")).toMatchObject({ NewStateValue: "ALARM", AlarmActions: [arn] });
  }, 60_000);
});

describe("a rule of EventBridge", () => {
  it("publishes to a topic", async () => {
    const arn = await topic("from-rules");
    await subscribeInbox(arn);
    const events = cloud.client(EventBridgeClient);
    const EventPattern = JSON.stringify({ source: ["shop"] });
    await events.send(new PutRuleCommand({ Name: "shop", EventPattern }));
    await events.send(
      new PutTargetsCommand({ Rule: "shop", Targets: [{ Id: "topic", Arn: arn, InputPath: "$.detail" }] }),
    );
    await events.send(
      new PutEventsCommand({ Entries: [{ Source: "shop", DetailType: "order", Detail: '{"state":"paid"}' }] }),
    );
    const [message] = await until(arn, 1);
    expect(message?.json["Message"]).toBe('{"state":"paid"}');
  });
});

describe("a stack", () => {
  it("has topics with subscriptions and policies", async () => {
    const stacks = stackKit(cloud);
    const endpoint = "arn:aws:lambda:us-east-1:000000000000:function:listener";
    const template = (filter: object, display: string) => ({
      Resources: {
        Topic: {
          Type: "AWS::SNS::Topic",
          Properties: { DisplayName: display, Subscription: [{ Protocol: "lambda", Endpoint: `${endpoint}-inline` }] },
        },
        Subscription: {
          Type: "AWS::SNS::Subscription",
          Properties: { TopicArn: { Ref: "Topic" }, Protocol: "lambda", Endpoint: endpoint, FilterPolicy: filter },
        },
        Policy: {
          Type: "AWS::SNS::TopicPolicy",
          Properties: {
            Topics: [{ Ref: "Topic" }],
            PolicyDocument: { Version: "2012-10-17", Statement: [{ Sid: "events" }] },
          },
        },
      },
      Outputs: { Name: { Value: { "Fn::GetAtt": ["Topic", "TopicName"] } } },
    });
    const first = await stacks.deploy(template({ a: ["b"] }, "First"), { name: "topics" });
    expect(first.reasons).toEqual([]);
    const TopicArn = first.resources["Topic"];
    expect(TopicArn).toMatch(new RegExp(`:${first.outputs["Name"]}$`));
    const second = await stacks.deploy(template({ a: ["c"] }, "Second"), { name: "topics" });
    expect(second.status).toBe("UPDATE_COMPLETE");
    const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).toMatchObject({ DisplayName: "Second", SubscriptionsConfirmed: "2" });
    expect(Attributes?.["Policy"]).toContain('"Sid":"events"');
    const own = await sns.send(
      new GetSubscriptionAttributesCommand({ SubscriptionArn: second.resources["Subscription"] }),
    );
    expect(own.Attributes?.["FilterPolicy"]).toBe('{"a":["c"]}');
    expect(await stacks.remove("topics")).toBe("DELETE_COMPLETE");
    await expect(sns.send(new GetTopicAttributesCommand({ TopicArn }))).rejects.toMatchObject({
      name: "NotFoundException",
    });
  });
});
