import {
  AddTagsToStreamCommand,
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  IncreaseStreamRetentionPeriodCommand,
  KinesisClient,
  ListShardsCommand,
  ListStreamsCommand,
  ListTagsForStreamCommand,
  MergeShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  SplitShardCommand,
  StartStreamEncryptionCommand,
  StopStreamEncryptionCommand,
  UpdateShardCountCommand,
} from "@aws-sdk/client-kinesis";
import type { CreateStreamCommandInput, GetShardIteratorCommandInput } from "@aws-sdk/client-kinesis";
import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";

let cloud: TestCloud;
let kinesis: KinesisClient;
const connect = () => {
  kinesis = cloud.client(KinesisClient);
};
beforeAll(async () => {
  cloud = await startTestCloud();
  connect();
});
afterAll(() => cloud.stop());

const untilActive = (StreamName: string) =>
  cloud.eventually(async () => {
    const { StreamDescriptionSummary: found } = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName }));
    return found?.StreamStatus === "ACTIVE" ? found : undefined;
  });
async function make(StreamName: string, input: Partial<CreateStreamCommandInput> = { ShardCount: 1 }) {
  await kinesis.send(new CreateStreamCommand({ StreamName, ...input }));
  return untilActive(StreamName);
}
const put = (StreamName: string, PartitionKey: string, text: string, ExplicitHashKey?: string) =>
  kinesis.send(new PutRecordCommand({ StreamName, PartitionKey, Data: Buffer.from(text), ExplicitHashKey }));
const iterator = async (
  StreamName: string,
  input: Partial<GetShardIteratorCommandInput> = {},
  ShardId = "shardId-000000000000",
) =>
  (
    await kinesis.send(
      new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: "TRIM_HORIZON", ...input }),
    )
  ).ShardIterator;
const get = (ShardIterator: string | undefined, Limit?: number) =>
  kinesis.send(new GetRecordsCommand({ ShardIterator, Limit }));
const texts = async (ShardIterator: string | undefined) =>
  (await get(ShardIterator)).Records?.map(({ Data }) => Buffer.from(Data ?? []).toString());
const shards = async (StreamName: string) => (await kinesis.send(new ListShardsCommand({ StreamName }))).Shards ?? [];

describe("records", () => {
  it("come in the order in which they were put, from wherever an iterator begins", async () => {
    await make("order");
    const first = await put("order", "a", "one");
    await cloud.clock.advance({ seconds: 10 });
    const latest = await iterator("order", { ShardIteratorType: "LATEST" });
    const { Records } = await kinesis.send(
      new PutRecordsCommand({
        StreamName: "order",
        Records: ["two", "three"].map((text) => ({ PartitionKey: text, Data: Buffer.from(text) })),
      }),
    );
    const numbers = [first.SequenceNumber, ...(Records ?? []).map(({ SequenceNumber }) => SequenceNumber)];
    expect(numbers.toSorted()).toEqual(numbers);
    const type = (ShardIteratorType: GetShardIteratorCommandInput["ShardIteratorType"], more = {}) =>
      iterator("order", { ShardIteratorType, ...more });
    expect(await texts(await type("TRIM_HORIZON"))).toEqual(["one", "two", "three"]);
    expect(await texts(latest)).toEqual(["two", "three"]);
    await cloud.clock.advance({ seconds: 1 });
    const StartingSequenceNumber = numbers[1];
    expect(await texts(await type("AT_SEQUENCE_NUMBER", { StartingSequenceNumber }))).toEqual(["two", "three"]);
    expect(await texts(await type("AFTER_SEQUENCE_NUMBER", { StartingSequenceNumber }))).toEqual(["three"]);
    const Timestamp = new Date(cloud.clock.now() - 5000);
    expect(await texts(await type("AT_TIMESTAMP", { Timestamp }))).toEqual(["two", "three"]);
    await cloud.clock.advance({ seconds: 1 });
    const page = await get(await type("TRIM_HORIZON"), 2);
    expect(page.Records).toHaveLength(2);
    expect(await texts(page.NextShardIterator)).toEqual(["three"]);
    expect(page.MillisBehindLatest).toBe(2000);
  });

  it("outlive Trysail, and go on behind what there is", async () => {
    await make("kept");
    await put("kept", "a", "one");
    const before = await iterator("kept");
    await cloud.crash();
    await cloud.start();
    connect();
    const { SequenceNumber = "" } = await put("kept", "a", "two");
    expect(await texts(before)).toEqual(["one", "two"]);
    const { Records } = await get(await iterator("kept"));
    expect((Records?.[0]?.SequenceNumber ?? "") < SequenceNumber).toBe(true);
  });

  it("go to the shard that their key's hash, or the hash that is given, belongs to", async () => {
    await make("hashes", { ShardCount: 2 });
    const half = String(2n ** 127n);
    expect(await put("hashes", "a", "x", "0")).toMatchObject({ ShardId: "shardId-000000000000" });
    expect(await put("hashes", "a", "x", half)).toMatchObject({ ShardId: "shardId-000000000001" });
    // The MD5 of "a" begins with 0cc1, that of "c" with 4a8a, that of "b" with 92eb.
    expect(await put("hashes", "a", "x")).toMatchObject({ ShardId: "shardId-000000000000" });
    expect(await put("hashes", "b", "x")).toMatchObject({ ShardId: "shardId-000000000001" });
  });

  it("are refused beyond what a shard takes in a second, those that there is no room for each by itself", async () => {
    await make("full");
    const records = (count: number, bytes = 1) =>
      kinesis.send(
        new PutRecordsCommand({
          StreamName: "full",
          Records: Array.from({ length: count }, () => ({ PartitionKey: "k", Data: Buffer.alloc(bytes) })),
        }),
      );
    await records(500);
    await records(400);
    const { FailedRecordCount, Records = [] } = await records(200);
    expect(FailedRecordCount).toBe(100);
    expect(Records[99]?.ErrorCode).toBeUndefined();
    expect(Records[100]).toMatchObject({
      ErrorCode: "ProvisionedThroughputExceededException",
      ErrorMessage: "Rate exceeded for shard shardId-000000000000 in stream full under account 000000000000.",
    });
    await expect(put("full", "k", "x")).rejects.toMatchObject({ name: "ProvisionedThroughputExceededException" });
    await cloud.clock.advance({ seconds: 1 });
    expect((await records(3, 500_000)).FailedRecordCount).toBe(1);
    const one = await iterator("full");
    for (let call = 0; call < 5; call++) await get(one, 1);
    await expect(get(one, 1)).rejects.toMatchObject({ name: "ProvisionedThroughputExceededException" });
  });

  it("of a stream on demand are taken up to twice its busiest second", async () => {
    await make("demand", { StreamModeDetails: { StreamMode: "ON_DEMAND" } });
    expect(await shards("demand")).toHaveLength(4);
    const second = async (calls: number) => {
      let taken = 0;
      for (let call = 0; call < calls; call++) {
        const { FailedRecordCount = 0 } = await kinesis.send(
          new PutRecordsCommand({
            StreamName: "demand",
            Records: Array.from({ length: 500 }, (_, index) => ({ PartitionKey: `${index}`, Data: Buffer.from("x") })),
          }),
        );
        taken += 500 - FailedRecordCount;
      }
      await cloud.clock.advance({ seconds: 1 });
      return taken;
    };
    expect(await second(10)).toBe(4000);
    expect(await second(20)).toBe(8000);
  });

  it("are gone after the stream's retention", async () => {
    await make("old");
    await put("old", "a", "one");
    await cloud.clock.advance({ hours: 20 });
    await put("old", "a", "two");
    await cloud.clock.advance({ hours: 5 });
    expect(await texts(await iterator("old"))).toEqual(["two"]);
    await cloud.clock.advance({ hours: 30 });
    expect(await texts(await iterator("old"))).toEqual([]);
    const { SequenceNumber: before = "" } = await put("old", "a", "three");
    await cloud.restart();
    connect();
    const { SequenceNumber: after = "" } = await put("old", "a", "four");
    expect(before < after).toBe(true);
  });

  it("are measured", async () => {
    await make("measured");
    await put("measured", "a", "hello");
    await cloud.clock.advance({ seconds: 1 });
    const { Datapoints } = await cloud.client(CloudWatchClient).send(
      new GetMetricStatisticsCommand({
        Namespace: "AWS/Kinesis",
        MetricName: "IncomingBytes",
        Dimensions: [{ Name: "StreamName", Value: "measured" }],
        StartTime: new Date(cloud.clock.now() - 3_600_000),
        EndTime: new Date(cloud.clock.now() + 60_000),
        Period: 3600,
        Statistics: ["Sum"],
      }),
    );
    expect(Datapoints?.reduce((sum, { Sum = 0 }) => sum + Sum, 0)).toBe(6);
  });
});

describe("shards", () => {
  it("are split and merged; a consumer comes from the old to the new ones and misses nothing", async () => {
    await make("split");
    await put("split", "a", "before");
    const before = await iterator("split");
    await kinesis.send(
      new SplitShardCommand({
        StreamName: "split",
        ShardToSplit: "shardId-000000000000",
        NewStartingHashKey: String(2n ** 127n),
      }),
    );
    await untilActive("split");
    await put("split", "a", "after");
    const read = await get(before);
    expect(read.Records).toHaveLength(1);
    expect(read.NextShardIterator).toBeUndefined();
    expect(read.ChildShards?.map(({ ShardId }) => ShardId)).toEqual(["shardId-000000000001", "shardId-000000000002"]);
    expect(await texts(await iterator("split", {}, "shardId-000000000001"))).toEqual(["after"]);
    await kinesis.send(
      new MergeShardsCommand({
        StreamName: "split",
        ShardToMerge: "shardId-000000000001",
        AdjacentShardToMerge: "shardId-000000000002",
      }),
    );
    await untilActive("split");
    const all = await shards("split");
    expect(all.map(({ SequenceNumberRange: range }) => range?.EndingSequenceNumber !== undefined)).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(all[3]).toMatchObject({
      ParentShardId: "shardId-000000000001",
      AdjacentParentShardId: "shardId-000000000002",
      HashKeyRange: { StartingHashKey: "0", EndingHashKey: String(2n ** 128n - 1n) },
    });
    await expect(
      kinesis.send(
        new SplitShardCommand({ StreamName: "split", ShardToSplit: "shardId-000000000000", NewStartingHashKey: "5" }),
      ),
    ).rejects.toMatchObject({ name: "InvalidArgumentException" });
  });

  it("can be as many as are wanted, up to double and down to half", async () => {
    await make("scaled", { ShardCount: 2 });
    const scale = (TargetShardCount: number) =>
      kinesis.send(
        new UpdateShardCountCommand({ StreamName: "scaled", TargetShardCount, ScalingType: "UNIFORM_SCALING" }),
      );
    await expect(scale(5)).rejects.toMatchObject({ name: "LimitExceededException" });
    await scale(3);
    expect((await untilActive("scaled")).OpenShardCount).toBe(3);
    await scale(2);
    expect((await untilActive("scaled")).OpenShardCount).toBe(2);
    const open = (
      await kinesis.send(new ListShardsCommand({ StreamName: "scaled", ShardFilter: { Type: "AT_LATEST" } }))
    ).Shards;
    expect(open).toHaveLength(2);
  });
});

describe("streams", () => {
  it("are described, listed, tagged, and deleted with what they hold", async () => {
    await make("life", { ShardCount: 1, Tags: { a: "1" } });
    await kinesis.send(new AddTagsToStreamCommand({ StreamName: "life", Tags: { b: "2" } }));
    expect((await kinesis.send(new ListTagsForStreamCommand({ StreamName: "life" }))).Tags).toEqual([
      { Key: "a", Value: "1" },
      { Key: "b", Value: "2" },
    ]);
    await kinesis.send(new IncreaseStreamRetentionPeriodCommand({ StreamName: "life", RetentionPeriodHours: 48 }));
    const { StreamDescription: found } = await kinesis.send(new DescribeStreamCommand({ StreamName: "life" }));
    expect(found).toMatchObject({
      StreamARN: "arn:aws:kinesis:us-east-1:000000000000:stream/life",
      RetentionPeriodHours: 48,
      Shards: [{ ShardId: "shardId-000000000000" }],
    });
    await kinesis.send(new RegisterStreamConsumerCommand({ StreamARN: found?.StreamARN, ConsumerName: "c" }));
    await expect(kinesis.send(new DeleteStreamCommand({ StreamName: "life" }))).rejects.toMatchObject({
      name: "ResourceInUseException",
    });
    await put("life", "a", "x");
    const old = await iterator("life");
    await kinesis.send(new DeleteStreamCommand({ StreamName: "life", EnforceConsumerDeletion: true }));
    await cloud.eventually(async () => {
      const { StreamNames = [] } = await kinesis.send(new ListStreamsCommand({}));
      return !StreamNames.includes("life");
    });
    await make("life");
    await expect(get(old)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    expect(await texts(await iterator("life"))).toEqual([]);
  });

  it("tell the key that they are encrypted with", async () => {
    await make("sealed");
    const key = { StreamName: "sealed", EncryptionType: "KMS", KeyId: "alias/aws/kinesis" } as const;
    await kinesis.send(new StartStreamEncryptionCommand(key));
    expect(await untilActive("sealed")).toMatchObject({ EncryptionType: "KMS", KeyId: "alias/aws/kinesis" });
    expect(await put("sealed", "a", "x")).toMatchObject({ EncryptionType: "KMS" });
    await kinesis.send(new StopStreamEncryptionCommand(key));
    expect(await untilActive("sealed")).toMatchObject({ EncryptionType: "NONE" });
    await expect(
      kinesis.send(new StartStreamEncryptionCommand({ ...key, KeyId: "alias/nobody" })),
    ).rejects.toMatchObject({ name: "KMSNotFoundException" });
  });

  it("refuse what is wrong", async () => {
    await expect(make("bad name")).rejects.toMatchObject({ name: "ValidationException" });
    await expect(put("nobody", "a", "x")).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "Stream nobody under account 000000000000 not found.",
    });
    await make("twice");
    await expect(make("twice")).rejects.toMatchObject({ name: "ResourceInUseException" });
    await expect(get("nonsense")).rejects.toMatchObject({ name: "InvalidArgumentException" });
    await expect(put("twice", "a", "x", "-1")).rejects.toMatchObject({ name: "InvalidArgumentException" });
    await expect(put("twice", "k".repeat(257), "x")).rejects.toMatchObject({ name: "ValidationException" });
    const old = await iterator("twice");
    await cloud.clock.advance({ minutes: 6 });
    await expect(get(old)).rejects.toMatchObject({ name: "ExpiredIteratorException" });
  });
});
