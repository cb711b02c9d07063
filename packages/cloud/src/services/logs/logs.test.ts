import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  ListTagsForResourceCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
  TestMetricFilterCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import type { GetLogEventsCommandInput } from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";

let cloud: TestCloud;
let logs: CloudWatchLogsClient;
beforeAll(async () => {
  cloud = await startTestCloud();
  logs = cloud.client(CloudWatchLogsClient);
});
afterAll(() => cloud.stop());

const dayMs = 86_400_000;

async function stream(logGroupName: string, ...names: string[]) {
  await logs.send(new CreateLogGroupCommand({ logGroupName })).catch(() => {});
  for (const logStreamName of names) await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
}

/** Puts messages one millisecond apart, from so many milliseconds ago on. */
const put = (logGroupName: string, logStreamName: string, messages: readonly string[], agoMs = 1000) =>
  logs.send(
    new PutLogEventsCommand({
      logGroupName,
      logStreamName,
      logEvents: messages.map((message, index) => ({ message, timestamp: cloud.clock.now() - agoMs + index })),
    }),
  );

const get = async (input: Partial<GetLogEventsCommandInput> & Pick<GetLogEventsCommandInput, "logStreamName">) => {
  const {
    events = [],
    nextForwardToken = "",
    nextBackwardToken = "",
  } = await logs.send(new GetLogEventsCommand(input));
  return { messages: events.map(({ message }) => message), forward: nextForwardToken, backward: nextBackwardToken };
};

describe("CloudWatch Logs", () => {
  it("gives a stream back by pages, with the same token at each end", async () => {
    await stream("paged", "s");
    const page = (nextToken?: string, startFromHead = true) =>
      get({ logGroupName: "paged", logStreamName: "s", limit: 2, startFromHead, nextToken });
    await put("paged", "s", ["1", "2", "3"]);
    const first = await page();
    const second = await page(first.forward);
    const end = await page(second.forward);
    expect([first.messages, second.messages, end.messages, end.forward]).toEqual([
      ["1", "2"],
      ["3"],
      [],
      second.forward,
    ]);
    await put("paged", "s", ["4"], 500);
    expect((await page(end.forward)).messages).toEqual(["4"]);

    const last = await page(undefined, false);
    const before = await page(last.backward, false);
    const start = await page(before.backward, false);
    expect([last.messages, before.messages, start.messages, start.backward]).toEqual([
      ["3", "4"],
      ["1", "2"],
      [],
      before.backward,
    ]);
  });

  it("returns lines in order of their time, however they were put", async () => {
    await stream("mixed", "s");
    await put("mixed", "s", ["b", "c"], 500);
    await put("mixed", "s", ["a"], 900);
    await put("mixed", "s", ["d"], 100);
    const at = { logGroupName: "mixed", logStreamName: "s", limit: 3 };
    const first = await get({ ...at, startFromHead: true });
    expect(first.messages).toEqual(["a", "b", "c"]);
    expect((await get({ ...at, nextToken: first.forward })).messages).toEqual(["d"]);
    const now = cloud.clock.now();
    expect((await get({ ...at, startTime: now - 500, endTime: now - 499 })).messages).toEqual(["b"]);
  });

  it("filters several streams as one, by pages", async () => {
    await stream("many", "web/1", "web/2", "other");
    await put("many", "web/1", ["GET a", "ERROR a", "GET b"], 900);
    await put("many", "web/2", ["ERROR b", "ERROR c"], 800);
    await put("many", "other", ["ERROR d"], 850);
    const seen: (string | undefined)[] = [];
    const ids = new Set<string | undefined>();
    for (let nextToken: string | undefined, first = true; first || nextToken !== undefined; first = false) {
      const page = await logs.send(
        new FilterLogEventsCommand({
          logGroupName: "many",
          logStreamNamePrefix: "web/",
          filterPattern: "ERROR",
          limit: 1,
          interleaved: true,
          nextToken,
        }),
      );
      for (const { message, logStreamName, eventId } of page.events ?? []) {
        seen.push(`${logStreamName} ${message}`);
        ids.add(eventId);
      }
      nextToken = page.nextToken;
    }
    expect(seen).toEqual(["web/1 ERROR a", "web/2 ERROR b", "web/2 ERROR c"]);
    expect(ids.size).toBe(3);
    const late = await logs.send(
      new FilterLogEventsCommand({ logGroupName: "many", startTime: cloud.clock.now() - 849 }),
    );
    expect((late.events ?? []).map(({ message }) => message)).toEqual(["ERROR b", "ERROR c"]);
  });

  it("refuses batches that AWS refuses, and tells which events were too old or too new", async () => {
    await stream("limits", "s");
    const send = (logEvents: { timestamp: number; message: string }[]) =>
      logs.send(new PutLogEventsCommand({ logGroupName: "limits", logStreamName: "s", logEvents }));
    const now = cloud.clock.now();
    await expect(
      send([
        { timestamp: now, message: "a" },
        { timestamp: now - 1, message: "b" },
      ]),
    ).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: "Log events in a single PutLogEvents request must be in chronological order.",
    });
    await expect(
      send([
        { timestamp: now - 2 * dayMs, message: "a" },
        { timestamp: now, message: "b" },
      ]),
    ).rejects.toThrow(/span more than 24 hours/);
    await expect(send([{ timestamp: now, message: "x".repeat(1_048_576) }])).rejects.toThrow(
      "Upload too large: 1048602 bytes exceeds limit of 1048576",
    );
    await expect(send([])).rejects.toMatchObject({ name: "InvalidParameterException" });
    expect(await send([{ timestamp: now - 15 * dayMs, message: "old" }])).toMatchObject({
      rejectedLogEventsInfo: { tooOldLogEventEndIndex: 1 },
    });
    const later = now + 3 * 3_600_000;
    expect(
      await send([
        { timestamp: now, message: "kept" },
        { timestamp: later, message: "new" },
      ]),
    ).toMatchObject({
      rejectedLogEventsInfo: { tooNewLogEventStartIndex: 1 },
    });
    expect((await get({ logGroupName: "limits", logStreamName: "s" })).messages).toEqual(["kept"]);
  });

  it("names what is missing", async () => {
    await stream("there", "s");
    await expect(put("missing", "s", ["a"])).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "The specified log group does not exist.",
    });
    await expect(put("there", "missing", ["a"])).rejects.toMatchObject({
      message: "The specified log stream does not exist.",
    });
    await expect(stream("there", "s")).rejects.toMatchObject({ name: "ResourceAlreadyExistsException" });
    await expect(
      logs.send(new FilterLogEventsCommand({ logGroupName: "there", filterPattern: "{ $.a" })),
    ).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: expect.stringMatching(/^Invalid filter pattern: .*character 6/) as string,
    });
  });

  it("describes groups and streams, in both orders", async () => {
    await logs.send(new CreateLogGroupCommand({ logGroupName: "/described/one", tags: { team: "a" } }));
    await stream("/described/one", "a", "b", "c");
    await put("/described/one", "b", ["x"], 100);
    await put("/described/one", "a", ["y"], 900);
    const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "/described" }));
    expect(logGroups).toEqual([
      expect.objectContaining({
        logGroupName: "/described/one",
        arn: "arn:aws:logs:us-east-1:000000000000:log-group:/described/one:*",
      }),
    ]);
    expect(logGroups[0]?.storedBytes).toBeGreaterThan(0);
    const names = async (input: object) => {
      const { logStreams = [] } = await logs.send(
        new DescribeLogStreamsCommand({ logGroupName: "/described/one", ...input }),
      );
      return logStreams.map(({ logStreamName }) => logStreamName);
    };
    expect(await names({})).toEqual(["a", "b", "c"]);
    expect(await names({ orderBy: "LastEventTime", descending: true })).toEqual(["c", "b", "a"]);
    const resourceArn = logGroups[0]?.logGroupArn ?? "";
    expect((await logs.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual({ team: "a" });
  });

  it("lets lines expire by the clock, and nothing come back with a group of the same name", async () => {
    await stream("kept", "s");
    await put("kept", "s", ["old"]);
    await logs.send(new PutRetentionPolicyCommand({ logGroupName: "kept", retentionInDays: 3 }));
    await cloud.clock.advance({ days: 2 });
    await put("kept", "s", ["new"]);
    const read = () => get({ logGroupName: "kept", logStreamName: "s" });
    expect((await read()).messages).toEqual(["old", "new"]);
    await cloud.clock.advance({ days: 1 });
    expect((await read()).messages).toEqual(["new"]);
    await logs.send(new DeleteLogGroupCommand({ logGroupName: "kept" }));
    await stream("kept", "s");
    expect((await read()).messages).toEqual([]);
    await expect(
      logs.send(new PutRetentionPolicyCommand({ logGroupName: "kept", retentionInDays: 2 })),
    ).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
  });

  it("tests a pattern against messages", async () => {
    const { matches } = await logs.send(
      new TestMetricFilterCommand({
        filterPattern: "[level, ..., size > 10]",
        logEventMessages: ["INFO a b 20", "WARN 5", "ERROR 11"],
      }),
    );
    expect(matches).toEqual([
      { eventNumber: 1, eventMessage: "INFO a b 20", extractedValues: { $level: "INFO", $size: "20" } },
      { eventNumber: 3, eventMessage: "ERROR 11", extractedValues: { $level: "ERROR", $size: "11" } },
    ]);
  });

  it("has acknowledged lines after a restart", async () => {
    await stream("durable", "s");
    await put("durable", "s", ["one", "two"]);
    await cloud.restart();
    logs = cloud.client(CloudWatchLogsClient);
    expect((await get({ logGroupName: "durable", logStreamName: "s" })).messages).toEqual(["one", "two"]);
  });
});
