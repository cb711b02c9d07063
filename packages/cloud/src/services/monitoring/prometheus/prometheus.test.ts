import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestCloud } from "../../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../../testing/test-cloud.test-kit.ts";
import { exposition, snakeCase } from "./exposition.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.stop());

it("names are those of Prometheus, whatever CloudWatch's are", () => {
  expect(["TargetResponseTime", "CPUUtilization", "HTTPCode_Target_5XX_Count", "4xx rate"].map(snakeCase)).toEqual([
    "target_response_time",
    "cpuutilization",
    "httpcode_target_5_xx_count",
    "_4xx_rate",
  ]);
});

it("labels' values are escaped", () => {
  const metric = { namespace: "App", name: "N", dimensions: { D: 'a"b\\c\nd' } };
  const values = { Sum: 1, SampleCount: undefined, Average: undefined, Minimum: undefined, Maximum: undefined };
  expect(exposition([{ metric, values }], {})).toBe(String.raw`# TYPE app_n_sum gauge
app_n_sum{d="a\"b\\c\nd"} 1
`);
});

it("Prometheus finds what was measured in the last whole period, all of a metric in one place", async () => {
  await cloud.clock.advance({ ms: 60_000 - (cloud.clock.now() % 60_000) });
  const datum = (MetricName: string, Zone: string, Value: number) => ({
    MetricName,
    Dimensions: [{ Name: "Zone", Value: Zone }],
    Value,
  });
  await cloud.client(CloudWatchClient, { region: "eu-west-1" }).send(
    new PutMetricDataCommand({
      Namespace: "My/App",
      MetricData: [datum("Orders", "a", 3), datum("Errors", "a", 1), datum("Orders", "b", 5), datum("Orders", "a", 4)],
    }),
  );
  const scrape = async (query = "?region=eu-west-1") => {
    const response = await fetch(`${cloud.endpoint}/_trysail/metrics${query}`);
    return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
  };
  expect((await scrape()).text.trim()).toBe("");
  await cloud.clock.advance({ seconds: 60 });
  const { type, text } = await scrape();
  expect(type).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(text).toContain(`# TYPE my_app_orders_sum gauge
my_app_orders_sum{region="eu-west-1",account_id="000000000000",zone="a"} 7
my_app_orders_sum{region="eu-west-1",account_id="000000000000",zone="b"} 5
`);
  expect(text).toContain('my_app_orders_average{region="eu-west-1",account_id="000000000000",zone="a"} 3.5\n');
  expect(text.match(/# TYPE my_app_errors_sum/g)).toHaveLength(1);
  expect((await scrape("")).text.trim()).toBe("");
  expect((await scrape("?period=7")).status).toBe(400);
});
