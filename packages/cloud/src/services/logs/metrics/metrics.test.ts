import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteMetricFilterCommand,
  DescribeLogGroupsCommand,
  DescribeMetricFiltersCommand,
  PutLogEventsCommand,
  PutMetricFilterCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import type { PutMetricFilterCommandInput } from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { measured } from "../../../testing/metrics.test-kit.ts";
import { startTestCloud } from "../../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../../testing/test-cloud.test-kit.ts";

let cloud: TestCloud;
let logs: CloudWatchLogsClient;
beforeAll(async () => {
  cloud = await startTestCloud();
  logs = cloud.client(CloudWatchLogsClient);
});
afterAll(() => cloud.stop());

async function group(logGroupName: string) {
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName: "s" }));
}
const put = (logGroupName: string, ...messages: readonly string[]) =>
  logs.send(
    new PutLogEventsCommand({
      logGroupName,
      logStreamName: "s",
      logEvents: messages.map((message) => ({ message, timestamp: cloud.clock.now() })),
    }),
  );
const filter = (logGroupName: string, more: Partial<PutMetricFilterCommandInput> = {}) =>
  logs.send(
    new PutMetricFilterCommand({
      logGroupName,
      filterName: "errors",
      filterPattern: '{ $.level = "ERROR" }',
      metricTransformations: [{ metricName: "Errors", metricNamespace: "App", metricValue: "1", defaultValue: 0 }],
      ...more,
    }),
  );

it("lines that match a group's filter are a metric, from the filter on and until it is deleted", async () => {
  await group("app");
  await put("app", '{"level":"ERROR"}');
  await filter("app");
  await put("app", '{"level":"ERROR"}', '{"level":"INFO"}', '{"level":"ERROR"}');
  expect(await measured(cloud, "App/Errors", {})).toBe(2);
  const { metricFilters } = await logs.send(new DescribeMetricFiltersCommand({ logGroupName: "app" }));
  expect(metricFilters).toMatchObject([
    { filterName: "errors", logGroupName: "app", metricTransformations: [{ metricName: "Errors", defaultValue: 0 }] },
  ]);
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "app" }));
  expect(logGroups?.[0]?.metricFilterCount).toBe(1);
  await logs.send(new DeleteMetricFilterCommand({ logGroupName: "app", filterName: "errors" }));
  await put("app", '{"level":"ERROR"}');
  expect(await measured(cloud, "App/Errors", {})).toBe(2);
});

it("lines in the embedded metric format are metrics", async () => {
  await group("embedded");
  const message = JSON.stringify({
    _aws: {
      Timestamp: cloud.clock.now(),
      CloudWatchMetrics: [
        { Namespace: "Shop", Dimensions: [["Page"]], Metrics: [{ Name: "Latency", Unit: "Milliseconds" }] },
      ],
    },
    Page: "cart",
    Latency: [10, 20, 30],
  });
  await put("embedded", message, "a line like any other");
  expect(await measured(cloud, "Shop/Latency", { Page: "cart" }, "Average")).toBe(20);
  expect(await measured(cloud, "Shop/Latency", { Page: "cart" }, "SampleCount")).toBe(3);
});

it("filters that are wrong are refused", async () => {
  await group("wrong");
  await expect(filter("nobody")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  await expect(filter("wrong", { filterPattern: "{ $.a = }" })).rejects.toMatchObject({
    name: "InvalidParameterException",
  });
  await expect(filter("wrong", { metricTransformations: [] })).rejects.toMatchObject({
    name: "InvalidParameterException",
  });
  await expect(
    logs.send(new DeleteMetricFilterCommand({ logGroupName: "wrong", filterName: "none" })),
  ).rejects.toMatchObject({ name: "ResourceNotFoundException" });
});
