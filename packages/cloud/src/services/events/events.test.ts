import { CloudWatchClient, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  CreateEventBusCommand,
  DeleteRuleCommand,
  DescribeEventBusCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  PutEventsCommand,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TestEventPatternCommand,
} from "@aws-sdk/client-eventbridge";
import type { PutRuleCommandInput, Target } from "@aws-sdk/client-eventbridge";
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
} from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";

let cloud: TestCloud;
let events: EventBridgeClient;
let kinesis: KinesisClient;
const connect = () => {
  events = cloud.client(EventBridgeClient);
  kinesis = cloud.client(KinesisClient);
};
beforeAll(async () => {
  cloud = await startTestCloud();
  connect();
});
afterAll(() => cloud.stop());

const account = "000000000000";
const streamArn = (name: string) => `arn:aws:kinesis:us-east-1:${account}:stream/${name}`;

async function makeStream(StreamName: string): Promise<void> {
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  await cloud.eventually(async () => {
    const { StreamDescriptionSummary } = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName }));
    return StreamDescriptionSummary?.StreamStatus === "ACTIVE";
  });
}
async function records(StreamName: string): Promise<{ key: string | undefined; text: string }[]> {
  const { ShardIterator } = await kinesis.send(
    new GetShardIteratorCommand({ StreamName, ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON" }),
  );
  const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
  await cloud.clock.advance({ ms: 300 });
  return Records.map(({ PartitionKey, Data }) => ({ key: PartitionKey, text: Buffer.from(Data ?? []).toString() }));
}
const json = async (stream: string) =>
  (await records(stream)).map(({ text }) => JSON.parse(text) as Record<string, unknown>);

async function rule(input: PutRuleCommandInput, ...Targets: Target[]): Promise<void> {
  await events.send(new PutRuleCommand(input));
  const { FailedEntries } = await events.send(
    new PutTargetsCommand({ Rule: input.Name, EventBusName: input.EventBusName, Targets }),
  );
  expect(FailedEntries).toEqual([]);
}
const put = (Source: string, detail: object, EventBusName?: string) =>
  events.send(
    new PutEventsCommand({ Entries: [{ Source, DetailType: "test", Detail: JSON.stringify(detail), EventBusName }] }),
  );

describe("events", () => {
  it("of users go to the targets of the rules that they match, in the form that those want", async () => {
    await makeStream("orders");
    await rule(
      {
        Name: "orders",
        EventPattern: JSON.stringify({ source: ["shop"], detail: { amount: [{ numeric: [">", 10] }] } }),
      },
      {
        Id: "whole",
        Arn: streamArn("orders"),
        KinesisParameters: { PartitionKeyPath: "$.detail.customer" },
      },
      {
        Id: "text",
        Arn: streamArn("orders"),
        InputTransformer: { InputPathsMap: { amount: "$.detail.amount" }, InputTemplate: '"paid <amount>"' },
      },
    );
    await put("shop", { customer: "c1", amount: 5 });
    const { Entries } = await put("shop", { customer: "c1", amount: 50 });
    await cloud.idle();
    const all = await records("orders");
    expect(all.map(({ text }) => text)).toContain('"paid 50"');
    const whole = all.find(({ key }) => key === "c1");
    expect(JSON.parse(whole?.text ?? "")).toMatchObject({
      version: "0",
      id: Entries?.[0]?.EventId,
      source: "shop",
      "detail-type": "test",
      account,
      region: "us-east-1",
      detail: { customer: "c1", amount: 50 },
    });
    expect(all).toHaveLength(2);
  });

  it("of services go to the default bus", async () => {
    await makeStream("services");
    await rule(
      { Name: "services", EventPattern: JSON.stringify({ source: [{ prefix: "aws." }] }) },
      { Id: "stream", Arn: streamArn("services") },
    );
    await cloud.client(CloudWatchClient).send(
      new PutMetricAlarmCommand({
        AlarmName: "quiet",
        Namespace: "App",
        MetricName: "none",
        Statistic: "Sum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: "GreaterThanThreshold",
        TreatMissingData: "notBreaching",
      }),
    );
    await cloud.idle();
    expect((await json("services")).map((event) => [event["source"], event["detail-type"]])).toEqual([
      ["aws.cloudwatch", "CloudWatch Alarm Configuration Change"],
      ["aws.cloudwatch", "CloudWatch Alarm State Change"],
    ]);
  });

  it("go from bus to bus, and into a log group", async () => {
    const logs = cloud.client(CloudWatchLogsClient);
    await logs.send(new CreateLogGroupCommand({ logGroupName: "/aws/events/all" }));
    await events.send(new CreateEventBusCommand({ Name: "orders" }));
    await rule(
      { Name: "forward", EventPattern: JSON.stringify({ source: ["far"] }) },
      { Id: "bus", Arn: `arn:aws:events:us-east-1:${account}:event-bus/orders` },
    );
    await rule(
      { Name: "log", EventBusName: "orders", EventPattern: JSON.stringify({ source: ["far"] }) },
      { Id: "log", Arn: `arn:aws:logs:us-east-1:${account}:log-group:/aws/events/all`, InputPath: "$.detail" },
    );
    await put("far", { n: 1 });
    await cloud.idle();
    const { events: lines = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: "/aws/events/all" }));
    expect(lines.map(({ message }) => message)).toEqual(['{"n":1}']);
  });

  it("that could not be delivered are tried again, also after a crash, and given up in the end", async () => {
    await rule(
      { Name: "late", EventPattern: JSON.stringify({ source: ["late"] }) },
      { Id: "stream", Arn: streamArn("late"), RetryPolicy: { MaximumRetryAttempts: 5, MaximumEventAgeInSeconds: 600 } },
      { Id: "never", Arn: streamArn("never"), RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 } },
    );
    await put("late", { n: 1 });
    await cloud.idle();
    await cloud.crash();
    await cloud.start();
    connect();
    await makeStream("late");
    await cloud.clock.advance({ minutes: 2 });
    expect(await json("late")).toMatchObject([{ detail: { n: 1 } }]);
    await makeStream("never");
    await cloud.clock.advance({ minutes: 20 });
    expect(await json("never")).toEqual([]);
  });

  it("are sent by schedules", async () => {
    await makeStream("times");
    await rule(
      { Name: "often", ScheduleExpression: "rate(5 minutes)" },
      { Id: "stream", Arn: streamArn("times"), Input: '{"tick": true}' },
    );
    await cloud.clock.advance({ minutes: 16 });
    expect((await records("times")).map(({ text }) => text)).toEqual(Array(3).fill('{"tick": true}'));
    await rule({ Name: "often", ScheduleExpression: "rate(5 minutes)", State: "DISABLED" });
    await cloud.clock.advance({ minutes: 16 });
    expect(await records("times")).toHaveLength(3);
    await rule({ Name: "daily", ScheduleExpression: "cron(0 12 * * ? *)" }, { Id: "s", Arn: streamArn("times") });
    await cloud.clock.advance({ hours: 25 });
    const all = await json("times");
    expect(all.at(-1)).toMatchObject({ source: "aws.events", "detail-type": "Scheduled Event", detail: {} });
    expect(String(all.at(-1)?.["time"])).toMatch(/T12:00:00Z$/);
  });

  it("are refused one by one", async () => {
    const entry = { Source: "a", DetailType: "b", Detail: "{}" };
    const { FailedEntryCount, Entries } = await events.send(
      new PutEventsCommand({
        Entries: [
          entry,
          { ...entry, Source: "aws.ec2" },
          { ...entry, Detail: "[" },
          { ...entry, Detail: "[]" },
          { ...entry, DetailType: undefined },
        ],
      }),
    );
    expect(FailedEntryCount).toBe(4);
    expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      "NotAuthorizedForSourceException",
      "MalformedDetail",
      "MalformedDetail",
      "InvalidArgument",
    ]);
  });
});

describe("rules", () => {
  it("are described, listed, and deleted when they have no targets", async () => {
    await rule({ Name: "mine", EventPattern: '{"source":["x"]}', Description: "d" }, { Id: "t", Arn: streamArn("x") });
    expect(await events.send(new DescribeRuleCommand({ Name: "mine" }))).toMatchObject({
      Arn: `arn:aws:events:us-east-1:${account}:rule/mine`,
      State: "ENABLED",
      Description: "d",
      EventBusName: "default",
    });
    const { Rules } = await events.send(new ListRulesCommand({ NamePrefix: "mi" }));
    expect(Rules?.map(({ Name }) => Name)).toEqual(["mine"]);
    await expect(events.send(new DeleteRuleCommand({ Name: "mine" }))).rejects.toMatchObject({
      name: "ValidationException",
    });
    await events.send(new RemoveTargetsCommand({ Rule: "mine", Ids: ["t"] }));
    await events.send(new DeleteRuleCommand({ Name: "mine" }));
    await expect(events.send(new DescribeRuleCommand({ Name: "mine" }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "Rule mine does not exist on EventBus default.",
    });
  });

  it.each<[string, Partial<PutRuleCommandInput>, string]>([
    ["a pattern that is none", { EventPattern: '{"source": "x"}' }, "InvalidEventPatternException"],
    ["a schedule that is none", { ScheduleExpression: "rate(soon)" }, "ValidationException"],
    ["a schedule that comes once", { ScheduleExpression: "at(2030-01-01T00:00:00)" }, "ValidationException"],
    ["neither", {}, "ValidationException"],
    ["a bus that there is not", { EventPattern: '{"source":["x"]}', EventBusName: "no" }, "ResourceNotFoundException"],
  ])("are refused with %s", async (_, input, name) => {
    await expect(events.send(new PutRuleCommand({ Name: "bad", ...input }))).rejects.toMatchObject({ name });
  });

  it("tell of targets that cannot be taken", async () => {
    await events.send(new PutRuleCommand({ Name: "some", EventPattern: '{"source":["x"]}' }));
    const { FailedEntries } = await events.send(
      new PutTargetsCommand({
        Rule: "some",
        Targets: [
          { Id: "queue", Arn: `arn:aws:sqs:us-east-1:${account}:q` },
          { Id: "both", Arn: streamArn("x"), Input: "{}", InputPath: "$.detail" },
          { Id: "bad", Arn: streamArn("x"), Input: "{" },
        ],
      }),
    );
    expect(FailedEntries?.map(({ TargetId }) => TargetId)).toEqual(["queue", "both", "bad"]);
  });

  it("have patterns that can be tried", async () => {
    const tried = (pattern: object, event: object) =>
      events.send(new TestEventPatternCommand({ EventPattern: JSON.stringify(pattern), Event: JSON.stringify(event) }));
    expect((await tried({ source: ["a"] }, { source: "a" })).Result).toBe(true);
    expect((await tried({ source: ["a"] }, { source: "b" })).Result).toBe(false);
  });
});

it("a bus has a policy, to which statements are added", async () => {
  await events.send(new PutPermissionCommand({ StatementId: "all", Principal: "*", Action: "events:PutEvents" }));
  const { Policy = "" } = await events.send(new DescribeEventBusCommand({}));
  expect(JSON.parse(Policy)).toMatchObject({ Statement: [{ Sid: "all", Effect: "Allow", Principal: "*" }] });
});

it("what happened last is told to people, and what comes", async () => {
  await put("tell", { n: 1 });
  const answer = await fetch(`${cloud.endpoint}/_trysail/events?source=tell&lines=5&follow=1`);
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  const next = async () => {
    for (;;) {
      const text = ((await reader?.read())?.value ?? "").trim();
      if (text !== "") return JSON.parse(text) as { detail: object };
    }
  };
  expect((await next()).detail).toEqual({ n: 1 });
  await put("hide", { n: 2 });
  await put("tell", { n: 3 });
  expect((await next()).detail).toEqual({ n: 3 });
  await reader?.cancel();
});
