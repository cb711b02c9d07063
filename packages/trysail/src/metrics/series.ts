import type { CloudWatchClient, Metric } from "@aws-sdk/client-cloudwatch";

/** Which metrics are meant. */
export interface Wanted {
  readonly namespace?: string;
  readonly name?: string;
  readonly dimensions?: readonly (readonly [string, string])[];
}

/** The series that there are: those with all of the dimensions given, others beside them included. */
export async function findSeries(client: CloudWatchClient, wanted: Wanted): Promise<readonly Metric[]> {
  const { paginateListMetrics } = await import("@aws-sdk/client-cloudwatch");
  const found: Metric[] = [];
  const filter = {
    Namespace: wanted.namespace,
    MetricName: wanted.name,
    Dimensions: wanted.dimensions?.map(([Name, Value]) => ({ Name, Value })),
  };
  for await (const { Metrics = [] } of paginateListMetrics({ client }, filter)) found.push(...Metrics);
  return found.toSorted((one, other) => (textOf(one) < textOf(other) ? -1 : 1));
}

/** `LoadBalancer=app/web/50dc6c495c0c9188, AvailabilityZone=us-east-1a` */
export function dimensionsText({ Dimensions = [] }: Metric): string {
  return Dimensions.map(({ Name, Value }) => `${Name}=${Value}`).join(", ");
}

function textOf(metric: Metric): string {
  return `${metric.Namespace}\n${metric.MetricName}\n${metric.Dimensions?.length}\n${dimensionsText(metric)}`;
}
