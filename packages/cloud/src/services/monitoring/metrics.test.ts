import {
  CloudWatchClient,
  DeleteDashboardsCommand,
  GetDashboardCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListDashboardsCommand,
  ListMetricsCommand,
  PutDashboardCommand,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import type { MetricDataQuery, MetricDatum } from "@aws-sdk/client-cloudwatch";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";

let cloud: TestCloud;
let cloudwatch: CloudWatchClient;
beforeAll(async () => {
  cloud = await startTestCloud();
  cloudwatch = cloud.client(CloudWatchClient);
});
afterAll(() => cloud.stop());

const put = (Namespace: string, ...MetricData: MetricDatum[]) =>
  cloudwatch.send(new PutMetricDataCommand({ Namespace, MetricData }));
const agoMs = (ms: number) => new Date(cloud.clock.now() - ms);
const minuteMs = 60_000;

const stat = (Namespace: string, MetricName: string, Stat: string, Period = 60): MetricDataQuery => ({
  Id: "m1",
  MetricStat: { Metric: { Namespace, MetricName }, Stat, Period },
});

const values = async (...MetricDataQueries: MetricDataQuery[]) => {
  const { MetricDataResults = [] } = await cloudwatch.send(
    new GetMetricDataCommand({
      MetricDataQueries,
      StartTime: agoMs(10 * minuteMs),
      EndTime: agoMs(-minuteMs),
      ScanBy: "TimestampAscending",
    }),
  );
  return MetricDataResults.map(({ Values }) => Values);
};

describe("metrics", () => {
  it("are told as they were put: values with counts, statistic sets, single values", async () => {
    await put("App", { MetricName: "Latency", Values: [1, 2, 100], Counts: [90, 9, 1], Unit: "Milliseconds" });
    await put("App", { MetricName: "Latency", Value: 3, Unit: "Milliseconds" });
    const { Datapoints, Label } = await cloudwatch.send(
      new GetMetricStatisticsCommand({
        Namespace: "App",
        MetricName: "Latency",
        StartTime: agoMs(minuteMs),
        EndTime: agoMs(-minuteMs),
        Period: 60,
        Statistics: ["SampleCount", "Sum", "Average", "Minimum", "Maximum"],
      }),
    );
    expect(Label).toBe("Latency");
    expect(Datapoints).toMatchObject([{ SampleCount: 101, Sum: 211, Minimum: 1, Maximum: 100, Unit: "Milliseconds" }]);
    expect(await values(stat("App", "Latency", "p95"))).toEqual([[2]]);
    expect(await values(stat("App", "Latency", "p99.9"))).toEqual([[100]]);
    await put("App", {
      MetricName: "Latency",
      StatisticValues: { SampleCount: 2, Sum: 10, Minimum: 4, Maximum: 6 },
      Unit: "Milliseconds",
    });
    expect(await values(stat("App", "Latency", "Average"))).toEqual([[221 / 103]]);
    // Of a statistic set nobody knows the single values.
    expect(await values(stat("App", "Latency", "p95"))).toEqual([[]]);
  });

  it("have a resolution of a second where that is asked for", async () => {
    await put("App", { MetricName: "Quick", Value: 1, Timestamp: agoMs(2000), StorageResolution: 1 });
    await put("App", { MetricName: "Quick", Value: 2, Timestamp: agoMs(1000), StorageResolution: 1 });
    expect(await values(stat("App", "Quick", "Sum", 1))).toEqual([[1, 2]]);
    await put("App", { MetricName: "Slow", Value: 1, Timestamp: agoMs(2000) });
    await put("App", { MetricName: "Slow", Value: 2, Timestamp: agoMs(1000) });
    expect((await values(stat("App", "Slow", "Sum", 1))).flat().reduce((sum = 0, value = 0) => sum + value)).toBe(3);
  });

  it("are told apart by their dimensions, and listed", async () => {
    const of = (shop: string): MetricDatum => ({
      MetricName: "Orders",
      Value: 1,
      Dimensions: [
        { Name: "Shop", Value: shop },
        { Name: "Stage", Value: "prod" },
      ],
    });
    await put("Shops", of("a"), of("b"), { ...of("a"), MetricName: "Returns" });
    const list = async (input: ConstructorParameters<typeof ListMetricsCommand>[0]) =>
      (await cloudwatch.send(new ListMetricsCommand({ Namespace: "Shops", ...input }))).Metrics?.map(
        ({ MetricName, Dimensions = [] }) => `${MetricName} ${Dimensions.map(({ Value }) => Value).join(" ")}`,
      );
    expect(await list({})).toEqual(["Orders a prod", "Orders b prod", "Returns a prod"]);
    expect(await list({ MetricName: "Orders", Dimensions: [{ Name: "Shop", Value: "b" }] })).toEqual(["Orders b prod"]);
    expect(await list({ Dimensions: [{ Name: "Shelf" }] })).toEqual([]);
    expect(
      await values({ Id: "s", Expression: `SEARCH('{Shops,Shop,Stage} MetricName="Orders"', 'Sum', 60)` }),
    ).toEqual([[1], [1]]);
    // All of the dimensions, or it is another metric.
    expect(await values(stat("Shops", "Orders", "Sum"))).toEqual([[]]);
  });

  it("are taken together by metric math", async () => {
    await put("Math", { MetricName: "Errors", Value: 2 }, { MetricName: "Requests", Value: 8 });
    const metric = (Id: string, name: string) => ({ ...stat("Math", name, "Sum"), Id, ReturnData: false });
    expect(
      await values(metric("e", "Errors"), metric("r", "Requests"), { Id: "rate", Expression: "100 * e / r" }),
    ).toEqual([[25]]);
  });

  it("come page by page, the newest first", async () => {
    for (let minute = 0; minute < 5; minute++)
      await put("Pages", { MetricName: "m", Value: minute, Timestamp: agoMs(minute * minuteMs) });
    const input = {
      MetricDataQueries: [stat("Pages", "m", "Sum")],
      StartTime: agoMs(10 * minuteMs),
      EndTime: agoMs(-minuteMs),
      MaxDatapoints: 2,
    };
    const pages: (number[] | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await cloudwatch.send(new GetMetricDataCommand({ ...input, NextToken }));
      pages.push(page.MetricDataResults?.[0]?.Values);
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    expect(pages).toEqual([[0, 1], [2, 3], [4]]);
  });

  it.each<[string, string, MetricDatum | undefined, string]>([
    ["AWS's own namespace", "AWS/EC2", { MetricName: "m", Value: 1 }, "InvalidParameterValue"],
    ["no data", "App", undefined, "MissingRequiredParameter"],
    ["no value", "App", { MetricName: "m" }, "MissingRequiredParameter"],
    ["two kinds of values", "App", { MetricName: "m", Value: 1, Values: [1] }, "InvalidParameterCombination"],
    ["what is no number", "App", { MetricName: "m", Value: Number.NaN }, "InvalidParameterValue"],
    ["counts that do not fit", "App", { MetricName: "m", Values: [1, 2], Counts: [1] }, "InvalidParameterValue"],
    ["too many values", "App", { MetricName: "m", Values: Array<number>(151).fill(1) }, "InvalidParameterValue"],
    ["a wrong unit", "App", { MetricName: "m", Value: 1, Unit: "Parsec" as "Count" }, "InvalidParameterValue"],
    ["a time too long ago", "App", { MetricName: "m", Value: 1, Timestamp: new Date(0) }, "InvalidParameterValue"],
    ["another resolution", "App", { MetricName: "m", Value: 1, StorageResolution: 5 }, "InvalidParameterValue"],
    [
      "a dimension twice",
      "App",
      {
        MetricName: "m",
        Value: 1,
        Dimensions: [
          { Name: "a", Value: "1" },
          { Name: "a", Value: "2" },
        ],
      },
      "InvalidParameterValue",
    ],
  ])("are refused with %s", async (_, namespace, datum, code) => {
    const failure = await put(namespace, ...(datum === undefined ? [] : [datum])).catch((error: unknown) => error);
    expect((failure as Error).name).toMatch(new RegExp(`^${code}`));
  });

  it.each<[string, MetricDataQuery[], string]>([
    ["an unknown id", [{ Id: "e", Expression: "m9 + 1" }], "Error in expression 'e': Unrecognized identifier m9"],
    [
      "a circle",
      [
        { Id: "a", Expression: "b" },
        { Id: "b", Expression: "a" },
      ],
      "refers to itself",
    ],
    ["the same id twice", [stat("App", "Quick", "Sum"), stat("App", "Quick", "Sum")], "are not unique"],
    ["a number as its result", [stat("App", "Quick", "Sum"), { Id: "e", Expression: "1" }], "must be a time series"],
    ["a period that there is not", [stat("App", "Quick", "Sum", 7)], "multiple of 60"],
    ["a statistic that there is not", [stat("App", "Quick", "Mode")], "not a valid statistic"],
  ])("queries are refused with %s", async (_, queries, message) => {
    await expect(values(...queries)).rejects.toThrow(message);
  });
});

it("dashboards are stored, checked, listed and deleted", async () => {
  const DashboardBody = JSON.stringify({ widgets: [{ type: "text", properties: { markdown: "hello" } }] });
  await cloudwatch.send(new PutDashboardCommand({ DashboardName: "board", DashboardBody }));
  expect(await cloudwatch.send(new GetDashboardCommand({ DashboardName: "board" }))).toMatchObject({
    DashboardArn: "arn:aws:cloudwatch::000000000000:dashboard/board",
    DashboardBody,
  });
  const { DashboardEntries } = await cloudwatch.send(new ListDashboardsCommand({}));
  expect(DashboardEntries).toMatchObject([{ DashboardName: "board", Size: DashboardBody.length }]);
  await expect(
    cloudwatch.send(new PutDashboardCommand({ DashboardName: "bad", DashboardBody: "{}" })),
  ).rejects.toMatchObject({ name: "DashboardInvalidInputError", message: expect.stringContaining("widgets") });
  await cloudwatch.send(new DeleteDashboardsCommand({ DashboardNames: ["board"] }));
  await expect(cloudwatch.send(new GetDashboardCommand({ DashboardName: "board" }))).rejects.toMatchObject({
    name: "ResourceNotFound",
  });
});

describe("over time and crashes", () => {
  it("data outlives Trysail, and gets coarser as it gets older", async () => {
    await put(
      "Kept",
      { MetricName: "m", Value: 5, StorageResolution: 1 },
      { MetricName: "m", Value: 7, StorageResolution: 1 },
    );
    const at = cloud.clock.now();
    await cloud.crash();
    await cloud.start();
    cloudwatch = cloud.client(CloudWatchClient);
    expect(await values(stat("Kept", "m", "Sum", 1))).toEqual([[12]]);
    await cloud.clock.advance({ seconds: 30 });
    expect(await values(stat("Kept", "m", "Sum", 1))).toEqual([[12]]);
    await cloud.crash();
    await cloud.start();
    cloudwatch = cloud.client(CloudWatchClient);
    expect(await values(stat("Kept", "m", "p99", 1))).toEqual([[7]]);

    const around = async (Period: number) => {
      const range = { StartTime: new Date(at - 3_600_000), EndTime: new Date(at + 3_600_000) };
      const query = new GetMetricDataCommand({ MetricDataQueries: [stat("Kept", "m", "Sum", Period)], ...range });
      return (await cloudwatch.send(query)).MetricDataResults?.[0]?.Values;
    };
    await cloud.clock.advance({ hours: 5 });
    expect([await around(1), await around(60)]).toEqual([[], [12]]);
    await cloud.clock.advance({ days: 20 });
    expect([await around(60), await around(300)]).toEqual([[], [12]]);
  });
});
