import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  DescribeAlarmsForMetricCommand,
  DisableAlarmActionsCommand,
  ListTagsForResourceCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import type { DescribeAlarmsCommandInput, PutMetricAlarmCommandInput } from "@aws-sdk/client-cloudwatch";
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

const put = (MetricName: string, Value: number, agoSeconds = 0) =>
  cloudwatch.send(
    new PutMetricDataCommand({
      Namespace: "App",
      MetricData: [
        { MetricName, Value, StorageResolution: 1, Timestamp: new Date(cloud.clock.now() - agoSeconds * 1000) },
      ],
    }),
  );
const putAlarm = (AlarmName: string, more: Partial<PutMetricAlarmCommandInput>) =>
  cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName,
      Namespace: "App",
      MetricName: AlarmName,
      Statistic: "Sum",
      Period: 10,
      EvaluationPeriods: 1,
      Threshold: 5,
      ComparisonOperator: "GreaterThanThreshold",
      ...more,
    }),
  );
const alarm = async (name: string) => {
  const { MetricAlarms = [], CompositeAlarms = [] } = await cloudwatch.send(
    new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ["MetricAlarm", "CompositeAlarm"] }),
  );
  return [...MetricAlarms, ...CompositeAlarms][0];
};
const becomes = (name: string, state: string) =>
  cloud.eventually(async () => (await alarm(name))?.StateValue === state);

describe("an alarm", () => {
  it("rings as soon as data breaches its threshold, and is quiet again after a whole quiet period", async () => {
    await putAlarm("errors", { TreatMissingData: "notBreaching" });
    await becomes("errors", "OK");
    await put("errors", 4);
    await cloud.idle();
    expect((await alarm("errors"))?.StateValue).toBe("OK");
    await put("errors", 2);
    await becomes("errors", "ALARM");
    const { StateReason, StateReasonData } = (await alarm("errors")) ?? {};
    expect(StateReason).toMatch(
      /^Threshold Crossed: 1 out of the last 1 datapoints \[6\.0 \(\d\d\/\d\d\/\d\d \d\d:\d\d:\d\d\)\] was greater than the threshold \(5\.0\) \(minimum 1 datapoint for OK -> ALARM transition\)\.$/,
    );
    expect(JSON.parse(StateReasonData ?? "")).toMatchObject({ version: "1.0", period: 10, recentDatapoints: [6] });
    // Three periods after the one of the data, and the second in which data may still be on its way.
    await cloud.clock.advance({ seconds: 41 });
    expect((await alarm("errors"))?.StateValue).toBe("OK");
    const { AlarmHistoryItems = [] } = await cloudwatch.send(new DescribeAlarmHistoryCommand({ AlarmName: "errors" }));
    expect(AlarmHistoryItems.map(({ HistorySummary }) => HistorySummary)).toEqual([
      "Alarm updated from ALARM to OK",
      "Alarm updated from OK to ALARM",
      "Alarm updated from INSUFFICIENT_DATA to OK",
      'Alarm "errors" created',
    ]);
  });

  it("is of insufficient data until there is some, and is so again when it no longer comes", async () => {
    await putAlarm("rare", {});
    await cloud.clock.advance({ seconds: 20 });
    expect(await alarm("rare")).toMatchObject({ StateValue: "INSUFFICIENT_DATA" });
    await put("rare", 1);
    await cloud.clock.advance({ seconds: 12 });
    expect((await alarm("rare"))?.StateValue).toBe("OK");
    await cloud.clock.advance({ seconds: 60 });
    expect(await alarm("rare")).toMatchObject({
      StateValue: "INSUFFICIENT_DATA",
      StateReason: "Insufficient Data: 1 datapoint was unknown.",
    });
  });

  it("does not ring for what is still growing", async () => {
    await putAlarm("traffic", { ComparisonOperator: "LessThanThreshold", TreatMissingData: "breaching" });
    await becomes("traffic", "ALARM");
    await put("traffic", 9);
    await cloud.clock.advance({ seconds: 12 });
    expect((await alarm("traffic"))?.StateValue).toBe("OK");
    await put("traffic", 1);
    await cloud.idle();
    expect((await alarm("traffic"))?.StateValue).toBe("OK");
  });

  it("looks at M of N periods, and at metric math", async () => {
    const metric = (Id: string, MetricName: string) => ({
      Id,
      MetricStat: { Metric: { Namespace: "App", MetricName }, Stat: "Sum", Period: 10 },
      ReturnData: false,
    });
    await cloudwatch.send(
      new PutMetricAlarmCommand({
        AlarmName: "rate",
        Metrics: [metric("bad", "bad"), metric("all", "all"), { Id: "rate", Expression: "100 * bad / all" }],
        EvaluationPeriods: 3,
        DatapointsToAlarm: 2,
        Threshold: 10,
        ComparisonOperator: "GreaterThanOrEqualToThreshold",
      }),
    );
    const minute = async (bad: number, all: number) => {
      await put("bad", bad);
      await put("all", all);
      await cloud.clock.advance({ seconds: 10 });
    };
    await minute(1, 100);
    await minute(20, 100);
    expect((await alarm("rate"))?.StateValue).not.toBe("ALARM");
    await minute(1, 100);
    await put("bad", 30);
    await put("all", 100);
    await becomes("rate", "ALARM");
  });

  it("stays in a state that was set until it is evaluated again", async () => {
    await putAlarm("set", { TreatMissingData: "notBreaching" });
    await becomes("set", "OK");
    await cloudwatch.send(new SetAlarmStateCommand({ AlarmName: "set", StateValue: "ALARM", StateReason: "a drill" }));
    await cloud.idle();
    expect(await alarm("set")).toMatchObject({ StateValue: "ALARM", StateReason: "a drill" });
    await put("set", 1);
    await cloud.clock.advance({ seconds: 12 });
    expect((await alarm("set"))?.StateValue).toBe("OK");
  });

  it("is found by its metric and its actions, and can be tagged and deleted", async () => {
    const AlarmActions = [
      "arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:1:autoScalingGroupName/a:policyName/b",
    ];
    await putAlarm("found", { AlarmActions, Tags: [{ Key: "team", Value: "a" }] });
    const names = async (input: DescribeAlarmsCommandInput) =>
      (await cloudwatch.send(new DescribeAlarmsCommand(input))).MetricAlarms?.map(({ AlarmName }) => AlarmName);
    expect(await names({ ActionPrefix: "arn:aws:autoscaling" })).toEqual(["found"]);
    const of = { Namespace: "App", MetricName: "found" };
    const { MetricAlarms } = await cloudwatch.send(new DescribeAlarmsForMetricCommand(of));
    expect(MetricAlarms).toMatchObject([{ AlarmName: "found", Period: 10, AlarmActions }]);
    const ResourceARN = MetricAlarms?.[0]?.AlarmArn ?? "";
    expect((await cloudwatch.send(new ListTagsForResourceCommand({ ResourceARN }))).Tags).toEqual([
      { Key: "team", Value: "a" },
    ]);
    await cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ["found"] }));
    expect(await names({ AlarmNames: ["found"] })).toEqual([]);
  });

  it.each<[string, Partial<PutMetricAlarmCommandInput>, string]>([
    ["a period that there is not", { Period: 7 }, "multiple of 60"],
    ["more datapoints than periods", { DatapointsToAlarm: 2 }, "DatapointsToAlarm"],
    ["two statistics", { ExtendedStatistic: "p99" }, "Exactly one of Statistic"],
    ["an unknown treatment", { TreatMissingData: "guess" }, "TreatMissingData"],
    ["more than a day", { Period: 60, EvaluationPeriods: 1441 }, "more than a day"],
    [
      "an action that there is not",
      { AlarmActions: ["arn:aws:ssm:us-east-1:000000000000:opsitem:1"] },
      "cannot carry out",
    ],
    ["anomaly detection", { ComparisonOperator: "GreaterThanUpperThreshold" }, "anomaly detection"],
  ])("is refused with %s", async (_, more, message) => {
    await expect(putAlarm("bad", more)).rejects.toThrow(message);
  });
});

describe("a composite alarm", () => {
  it("follows its alarms, and cannot lead back to itself", async () => {
    await putAlarm("left", { TreatMissingData: "notBreaching" });
    await putAlarm("right", { TreatMissingData: "notBreaching" });
    await cloudwatch.send(
      new PutCompositeAlarmCommand({ AlarmName: "both", AlarmRule: "ALARM(left) AND ALARM(right)" }),
    );
    await becomes("both", "OK");
    await put("left", 9);
    await becomes("left", "ALARM");
    await cloud.idle();
    expect((await alarm("both"))?.StateValue).toBe("OK");
    await put("right", 9);
    await becomes("both", "ALARM");
    const composite = (AlarmName: string, AlarmRule: string) =>
      cloudwatch.send(new PutCompositeAlarmCommand({ AlarmName, AlarmRule }));
    await expect(composite("both", "ALARM(both)")).rejects.toThrow("leads back");
    await composite("above", "ALARM(both)");
    await expect(composite("both", "OK(above)")).rejects.toThrow("leads back");
    await expect(composite("other", "ALARM(nobody)")).rejects.toThrow("do not exist");
    await expect(composite("other", "ALARM(")).rejects.toThrow("AlarmRule is not valid");
  });
});

describe("an alarm's actions", () => {
  it("are tried, and written down with what came of them, also over a crash", async () => {
    const action = "arn:aws:lambda:us-east-1:000000000000:function:nobody";
    await putAlarm("acting", { AlarmActions: [action], TreatMissingData: "notBreaching" });
    await becomes("acting", "OK");
    await put("acting", 9);
    await cloud.crash();
    await cloud.start();
    cloudwatch = cloud.client(CloudWatchClient);
    await becomes("acting", "ALARM");
    await cloud.idle();
    await cloud.clock.advance({ seconds: 5 });
    const { AlarmHistoryItems = [] } = await cloudwatch.send(
      new DescribeAlarmHistoryCommand({ AlarmName: "acting", HistoryItemType: "Action" }),
    );
    expect(AlarmHistoryItems).toHaveLength(1);
    expect(AlarmHistoryItems[0]?.HistorySummary).toMatch(/^Failed to execute action .*Function not found/);
  });

  it("are not carried out while they are disabled", async () => {
    await putAlarm("silent", { AlarmActions: ["arn:aws:lambda:us-east-1:000000000000:function:nobody"] });
    await cloudwatch.send(new DisableAlarmActionsCommand({ AlarmNames: ["silent"] }));
    await put("silent", 9);
    await becomes("silent", "ALARM");
    await cloud.idle();
    const { AlarmHistoryItems = [] } = await cloudwatch.send(
      new DescribeAlarmHistoryCommand({ AlarmName: "silent", HistoryItemType: "Action" }),
    );
    expect(AlarmHistoryItems).toEqual([]);
  });
});
