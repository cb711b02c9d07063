import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import type { Dimensions } from "../kernel/measurement.ts";
import type { TestCloud } from "./test-cloud.test-kit.ts";

/**
 * A statistic of all that was measured in the last hour, or of what comes in the next one.
 *
 * @returns undefined while nothing was measured
 */
export async function measured(
  cloud: TestCloud,
  metric: string,
  dimensions: Dimensions,
  statistic: "Sum" | "SampleCount" | "Average" | "Maximum" | "Minimum" = "Sum",
): Promise<number | undefined> {
  // What was measured is gathered before it is kept.
  await cloud.clock.advance({ ms: 100 });
  const slash = metric.lastIndexOf("/");
  const { Datapoints: [found] = [] } = await cloud.client(CloudWatchClient).send(
    new GetMetricStatisticsCommand({
      Namespace: metric.slice(0, slash),
      MetricName: metric.slice(slash + 1),
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      StartTime: new Date(cloud.clock.now() - 86_400_000),
      EndTime: new Date(cloud.clock.now() + 86_400_000),
      Period: 2 * 86_400,
      Statistics: [statistic],
    }),
  );
  return found?.[statistic];
}
