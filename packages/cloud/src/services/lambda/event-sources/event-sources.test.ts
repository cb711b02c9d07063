import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  SplitShardCommand,
} from "@aws-sdk/client-kinesis";
import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  ListEventSourceMappingsCommand,
  ListTagsCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import type { CreateEventSourceMappingRequest } from "@aws-sdk/client-lambda";
import { ConfirmSubscriptionCommand, CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stackKit } from "../../cloudformation/stack.test-kit.ts";
import { startSubscriber } from "../../sns/subscriber.test-kit.ts";
import { startLambdaCloud } from "../lambda.test-kit.ts";
import type { LambdaCloud } from "../lambda.test-kit.ts";

let kit: LambdaCloud;
let folder: string;
beforeAll(async () => {
  kit = await startLambdaCloud();
  folder = await mkdtemp(join(tmpdir(), "trysail-batches-"));
});
afterAll(async () => {
  await kit.cloud.stop();
  await rm(folder, { recursive: true, force: true });
});

const arnOf = (stream: string) => `arn:aws:kinesis:us-east-1:000000000000:stream/${stream}`;
const kinesis = () => kit.cloud.client(KinesisClient);

/** Notes what it got; fails on the texts that it is told to. */
const code = `
const fail = (process.env.FAIL || "").split(",");
exports.handler = async (event) => {
  const texts = event.Records.map(({ kinesis }) => Buffer.from(kinesis.data, "base64").toString());
  require("node:fs").appendFileSync(process.env.OUT, JSON.stringify(texts) + "\\n");
  const bad = event.Records.filter((_, index) => fail.includes(texts[index]));
  if (process.env.TELL) return { batchItemFailures: bad.map(({ kinesis }) => ({ itemIdentifier: kinesis.sequenceNumber })) };
  if (bad.length > 0) throw new Error("bad");
  return event;
};`;

const createFunction = (name: string, variables: Record<string, string> = {}) =>
  kit.create(
    name,
    { "index.js": code },
    // The tests' time goes fast.
    { Timeout: 900, Environment: { Variables: { OUT: join(folder, name), ...variables } } },
  );

async function setUp(
  name: string,
  mapping: Partial<CreateEventSourceMappingRequest> = {},
  variables: Record<string, string> = {},
  shards = 1,
): Promise<string> {
  await kinesis().send(new CreateStreamCommand({ StreamName: name, ShardCount: shards }));
  await createFunction(name, variables);
  const { UUID = "" } = await kit.lambda.send(
    new CreateEventSourceMappingCommand({
      EventSourceArn: arnOf(name),
      FunctionName: name,
      StartingPosition: "TRIM_HORIZON",
      ...mapping,
    }),
  );
  return UUID;
}

const put = async (stream: string, ...texts: readonly string[]) =>
  kinesis().send(
    new PutRecordsCommand({
      StreamName: stream,
      Records: texts.map((text) => ({ Data: Buffer.from(text), PartitionKey: text.split(":")[0] ?? "" })),
    }),
  );

/** The batches that a function was called with. */
async function batches(name: string): Promise<readonly (readonly string[])[]> {
  const lines = await readFile(join(folder, name), "utf8").catch(() => "");
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as string[]);
}

/** Whether a function is at work, as its log tells: the time must not run away from it. */
async function isBusy(name: string): Promise<boolean> {
  const log = await kit.log(`/aws/lambda/${name}`);
  const count = (pattern: RegExp) => log.match(pattern)?.length ?? 0;
  const begun = count(/^START /gm);
  return begun === 0 ? count(/^INIT_START /gm) > 0 : begun > count(/^REPORT /gm);
}

/** Lets the time go on until the function has got what is asked for. */
async function until(name: string, test: (all: readonly (readonly string[])[]) => boolean) {
  for (;;) {
    const all = await batches(name);
    if (test(all)) return all;
    if (await isBusy(name)) await kit.cloud.eventually(async () => !(await isBusy(name)));
    else await kit.cloud.clock.advance({ seconds: 1 });
  }
}

const holds = (name: string, ...texts: readonly string[]) =>
  until(name, (all) => texts.every((text) => all.flat().includes(text)));

const find = (UUID: string) => kit.lambda.send(new GetEventSourceMappingCommand({ UUID }));

const settled = (id: string, state: string) =>
  kit.cloud.eventually(async () => {
    const found = await find(id);
    return found.State === state ? found : undefined;
  });

describe("event source mappings", () => {
  it("hand a stream's records to a function in batches, as AWS's events, without being asked again and again", async () => {
    const id = await setUp("plain", { BatchSize: 2 });
    await settled(id, "Enabled");
    await kit.cloud.clock.advance({ seconds: 1 });
    await put("plain", "a", "b", "c");
    // The time stands still: the stream has told of the records.
    const all = await kit.cloud.eventually(async () => {
      const got = await batches("plain");
      return got.flat().length === 3 ? got : undefined;
    });
    expect(all).toEqual([["a", "b"], ["c"]]);
    const found = await kit.cloud.eventually(async () => {
      const mapping = await find(id);
      return mapping.LastProcessingResult === "OK" ? mapping : undefined;
    });
    expect(found).toMatchObject({
      State: "Enabled",
      StateTransitionReason: "User action",
      BatchSize: 2,
      MaximumRetryAttempts: -1,
      ParallelizationFactor: 1,
      EventSourceArn: arnOf("plain"),
      FunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:plain",
    });
  });

  it("go on after a crash, and hand over again nothing that was done", async () => {
    await setUp("crash");
    await put("crash", "a", "b");
    await holds("crash", "a", "b");
    await kit.cloud.idle();
    await kit.cloud.crash();
    await kit.cloud.start();
    await put("crash", "c");
    const all = await holds("crash", "c");
    expect(all.at(-1)).toEqual(["c"]);
  });

  it("try again what fails, split it, and go on behind what they give up", async () => {
    const id = await setUp("bisect", { BisectBatchOnFunctionError: true, MaximumRetryAttempts: 1 }, { FAIL: "x" });
    await put("bisect", "a", "x", "b", "c");
    await until("bisect", (all) => all.length >= 4);
    await put("bisect", "d");
    const all = await holds("bisect", "d");
    expect(all.filter((batch) => batch.includes("x"))).toEqual([["a", "x", "b", "c"], ["a", "x"], ["x"], ["x"]]);
    expect((await find(id)).LastProcessingResult).toBe("OK");
  });

  it("go on from the first record that the function tells to have failed", async () => {
    await setUp(
      "partly",
      { FunctionResponseTypes: ["ReportBatchItemFailures"], MaximumRetryAttempts: 1 },
      { FAIL: "x", TELL: "1" },
    );
    await put("partly", "a", "x", "b");
    await until("partly", (all) => all.length === 2);
    await put("partly", "c");
    expect(await holds("partly", "c")).toEqual([["a", "x", "b"], ["x", "b"], ["c"]]);
  });

  it("tell a topic of records that they give up, and measure how far they are behind", async () => {
    const topics = kit.cloud.client(SNSClient);
    const inbox = await startSubscriber();
    const { TopicArn } = await topics.send(new CreateTopicCommand({ Name: "given-up" }));
    await topics.send(new SubscribeCommand({ TopicArn, Protocol: "http", Endpoint: inbox.url }));
    const Token = await kit.cloud.eventually(() => inbox.received[0]?.json["Token"]);
    await topics.send(new ConfirmSubscriptionCommand({ TopicArn, Token }));
    await setUp(
      "given-up",
      { MaximumRetryAttempts: 0, DestinationConfig: { OnFailure: { Destination: TopicArn } } },
      { FAIL: "x" },
    );
    const { SequenceNumber, ShardId } = await kinesis().send(
      new PutRecordCommand({ StreamName: "given-up", PartitionKey: "x", Data: Buffer.from("x") }),
    );
    await holds("given-up", "x");
    const text = await kit.cloud.eventually(() => inbox.received[1]?.json["Message"]);
    await inbox.close();
    expect(JSON.parse(text)).toEqual({
      requestContext: {
        requestId: expect.any(String) as unknown,
        functionArn: "arn:aws:lambda:us-east-1:000000000000:function:given-up",
        condition: "RetryAttemptsExhausted",
        approximateInvokeCount: 1,
      },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      version: "1.0",
      timestamp: expect.any(String) as unknown,
      KinesisBatchInfo: {
        shardId: ShardId,
        startSequenceNumber: SequenceNumber,
        endSequenceNumber: SequenceNumber,
        approximateArrivalOfFirstRecord: expect.any(String) as unknown,
        approximateArrivalOfLastRecord: expect.any(String) as unknown,
        batchSize: 1,
        streamArn: arnOf("given-up"),
      },
    });
    await kit.cloud.clock.advance({ seconds: 1 });
    const { Datapoints } = await kit.cloud.client(CloudWatchClient).send(
      new GetMetricStatisticsCommand({
        Namespace: "AWS/Lambda",
        MetricName: "IteratorAge",
        Dimensions: [{ Name: "FunctionName", Value: "given-up" }],
        StartTime: new Date(kit.cloud.clock.now() - 3_600_000),
        EndTime: new Date(kit.cloud.clock.now() + 60_000),
        Period: 3600,
        Statistics: ["SampleCount"],
      }),
    );
    expect(Datapoints).toMatchObject([{ SampleCount: 1 }]);
  });

  it("are made, changed and deleted by a stack; and begin anew with a stream that is made anew", async () => {
    await createFunction("stacked");
    const stacks = stackKit(kit.cloud);
    const template = (properties: object) => ({
      Resources: {
        Stream: { Type: "AWS::Kinesis::Stream", Properties: { Name: "stacked", ShardCount: 1 } },
        Mapping: {
          Type: "AWS::Lambda::EventSourceMapping",
          Properties: {
            EventSourceArn: { "Fn::GetAtt": ["Stream", "Arn"] },
            FunctionName: "stacked",
            StartingPosition: "TRIM_HORIZON",
            ...properties,
          },
        },
      },
      Outputs: { Arn: { Value: { "Fn::GetAtt": ["Mapping", "EventSourceMappingArn"] } } },
    });
    const { resources, outputs, reasons } = await stacks.deploy(template({ BatchSize: "5", Enabled: "true" }));
    expect(reasons).toEqual([]);
    const id = resources["Mapping"] ?? "";
    expect(outputs["Arn"]).toBe(`arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${id}`);
    expect(await find(id)).toMatchObject({ State: "Enabled", BatchSize: 5 });
    const { Tags } = await kit.lambda.send(new ListTagsCommand({ Resource: outputs["Arn"] }));
    expect(Tags).toMatchObject({ "aws:cloudformation:logical-id": "Mapping" });
    await put("stacked", "a");
    await holds("stacked", "a");

    await kinesis().send(new DeleteStreamCommand({ StreamName: "stacked" }));
    await kit.cloud.clock.advance({ seconds: 1 });
    expect((await find(id)).LastProcessingResult).toBe("PROBLEM: The stream was not found");
    await kinesis().send(new CreateStreamCommand({ StreamName: "stacked", ShardCount: 1 }));
    await put("stacked", "b");
    await holds("stacked", "b");

    await stacks.deploy(template({ MaximumRetryAttempts: 3 }));
    expect(await settled(id, "Enabled")).toMatchObject({ BatchSize: 100, MaximumRetryAttempts: 3 });
    expect(await stacks.remove()).toBe("DELETE_COMPLETE");
    await expect(find(id)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  it("leave out what no filter wants", async () => {
    await setUp("filtered", {
      FilterCriteria: { Filters: [{ Pattern: JSON.stringify({ data: { size: [{ numeric: [">", 5] }] } }) }] },
    });
    await put("filtered", `{"size":1}`, `{"size":9}`, "no JSON", `{"size":7}`);
    expect((await holds("filtered", `{"size":7}`)).flat()).toEqual([`{"size":9}`, `{"size":7}`]);
  });

  it("keep the order of each partition key, also across shards that are split, and with several batches at once", async () => {
    await setUp("split", { ParallelizationFactor: 3, BatchSize: 5 }, {}, 2);
    const texts = (from: number) =>
      Array.from({ length: 40 }, (_, n) => `k${n % 7}:${String(from + n).padStart(4, "0")}`);
    await put("split", ...texts(0));
    const { Shards: [first] = [] } = await kinesis().send(new ListShardsCommand({ StreamName: "split" }));
    await kinesis().send(
      new SplitShardCommand({
        StreamName: "split",
        ShardToSplit: first?.ShardId,
        NewStartingHashKey: String(BigInt(first?.HashKeyRange?.EndingHashKey ?? 0) / 2n),
      }),
    );
    await put("split", ...texts(40));
    const got = (await until("split", (all) => all.flat().length >= 80)).flat();
    expect(got.toSorted()).toEqual([...texts(0), ...texts(40)].toSorted());
    for (let key = 0; key < 7; key++) {
      const own = got.filter((text) => text.startsWith(`k${key}:`));
      expect(own).toEqual(own.toSorted());
    }
  });

  it("begin where they are told to, stop when they are disabled, and go on from there", async () => {
    await kinesis().send(new CreateStreamCommand({ StreamName: "latest" }));
    await put("latest", "before");
    await kit.cloud.clock.advance({ seconds: 1 });
    await createFunction("latest");
    const { UUID: id = "" } = await kit.lambda.send(
      new CreateEventSourceMappingCommand({
        EventSourceArn: arnOf("latest"),
        FunctionName: "latest",
        StartingPosition: "LATEST",
      }),
    );
    await put("latest", "a");
    await holds("latest", "a");
    await settled(id, "Enabled");
    await kit.lambda.send(new UpdateEventSourceMappingCommand({ UUID: id, Enabled: false }));
    await settled(id, "Disabled");
    await put("latest", "b");
    await kit.cloud.clock.advance({ seconds: 5 });
    await kit.lambda.send(new UpdateEventSourceMappingCommand({ UUID: id, Enabled: true, BatchSize: 1 }));
    await put("latest", "c");
    expect((await holds("latest", "c")).slice(1)).toEqual([["b"], ["c"]]);
    expect((await batches("latest")).flat()).not.toContain("before");
  });

  it("give what AWS gives to a function", async () => {
    await kinesis().send(new CreateStreamCommand({ StreamName: "event" }));
    await kit.create("event", {
      "index.js": `exports.handler = async (event) => console.log("EVENT " + JSON.stringify(event));`,
    });
    await kit.lambda.send(
      new CreateEventSourceMappingCommand({
        EventSourceArn: arnOf("event"),
        FunctionName: "event",
        StartingPosition: "TRIM_HORIZON",
      }),
    );
    await kit.cloud.clock.advance({ seconds: 1 });
    const { SequenceNumber, ShardId } = await kinesis().send(
      new PutRecordCommand({ StreamName: "event", PartitionKey: "key", Data: Buffer.from("hello") }),
    );
    const log = await kit.logUntil("/aws/lambda/event", /EVENT .*\n/);
    const { Records } = JSON.parse(/EVENT (.*)/.exec(log)?.[1] ?? "{}") as { Records: unknown };
    expect(Records).toEqual([
      {
        kinesis: {
          kinesisSchemaVersion: "1.0",
          partitionKey: "key",
          sequenceNumber: SequenceNumber,
          data: "aGVsbG8=",
          approximateArrivalTimestamp: expect.any(Number) as unknown,
        },
        eventSource: "aws:kinesis",
        eventVersion: "1.0",
        eventID: `${ShardId}:${SequenceNumber}`,
        eventName: "aws:kinesis:record",
        invokeIdentityArn: kit.role,
        awsRegion: "us-east-1",
        eventSourceARN: arnOf("event"),
      },
    ]);
    // It reads with the others: the shard has reads left.
    const { ShardIterator } = await kinesis().send(
      new GetShardIteratorCommand({ StreamName: "event", ShardId, ShardIteratorType: "TRIM_HORIZON" }),
    );
    for (let n = 0; n < 4; n++) await kinesis().send(new GetRecordsCommand({ ShardIterator }));
  });

  it("are listed and deleted, and refuse what they cannot do", async () => {
    const id = await setUp("refused");
    await settled(id, "Enabled");
    const source = { EventSourceArn: arnOf("refused"), FunctionName: "refused", StartingPosition: "LATEST" } as const;
    const create = (input: Partial<CreateEventSourceMappingRequest>) =>
      kit.lambda.send(new CreateEventSourceMappingCommand({ ...source, ...input }));
    const queue = "arn:aws:sqs:us-east-1:000000000000:queue";
    const bad = (name: string, message: RegExp) => ({ name, message: expect.stringMatching(message) as unknown });
    const wrong = "InvalidParameterValueException";
    await expect(create({ EventSourceArn: queue })).rejects.toMatchObject(bad(wrong, /Kinesis streams only/));
    await expect(create({ EventSourceArn: arnOf("none") })).rejects.toMatchObject(bad(wrong, /Stream not found/));
    await expect(create({ FunctionName: "none" })).rejects.toMatchObject(bad(wrong, /^Function does not exist$/));
    await expect(create({ StartingPosition: undefined })).rejects.toMatchObject(bad(wrong, /startingPosition/));
    await expect(create({ TumblingWindowInSeconds: 5 })).rejects.toMatchObject(bad(wrong, /tumbling/));
    await expect(create({ DestinationConfig: { OnFailure: { Destination: queue } } })).rejects.toMatchObject(
      bad(wrong, /SNS topics only/),
    );
    await expect(create({ FilterCriteria: { Filters: [{ Pattern: "{" }] } })).rejects.toMatchObject(
      bad(wrong, /filter pattern/),
    );
    await expect(create({ BatchSize: 10_001 })).rejects.toMatchObject(bad("ValidationException", /batchSize/));
    await expect(create({})).rejects.toMatchObject(bad("ResourceConflictException", new RegExp(id)));
    const { EventSourceMappings } = await kit.lambda.send(
      new ListEventSourceMappingsCommand({ FunctionName: "refused" }),
    );
    expect(EventSourceMappings).toMatchObject([{ UUID: id, EventSourceArn: arnOf("refused") }]);
    expect((await kit.lambda.send(new DeleteEventSourceMappingCommand({ UUID: id }))).State).toBe("Deleting");
    await kit.cloud.idle();
    await expect(find(id)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });
});
