import type { MetricDataQuery } from "@aws-sdk/client-cloudwatch";

/** The metric that a target tracking policy watches, as queries of CloudWatch: the last one gives the value. */
export interface TrackedMetric {
  readonly queries: readonly MetricDataQuery[];
  readonly periodSeconds: number;
}

/** A metric that the user has described. The same members in both Auto Scaling services. */
export interface CustomizedMetric {
  readonly MetricName?: string | undefined;
  readonly Namespace?: string | undefined;
  readonly Dimensions?:
    | readonly { readonly Name: string | undefined; readonly Value: string | undefined }[]
    | undefined;
  readonly Statistic?: string | undefined;
  readonly Unit?: string | undefined;
  readonly Period?: number | undefined;
  readonly Metrics?: readonly TrackedQuery[] | undefined;
}

interface TrackedQuery {
  readonly Id: string | undefined;
  readonly Expression?: string | undefined;
  readonly Label?: string | undefined;
  readonly Period?: number | undefined;
  readonly ReturnData?: boolean | undefined;
  readonly MetricStat?:
    | {
        readonly Metric: Pick<CustomizedMetric, "MetricName" | "Namespace" | "Dimensions"> | undefined;
        readonly Stat: string | undefined;
        readonly Unit?: string | undefined;
        readonly Period?: number | undefined;
      }
    | undefined;
}

/** AWS's own metrics arrive each second here, where AWS's arrive each minute: policies act on them so much sooner. */
const ownPeriodSeconds = 1;
const minuteSeconds = 60;

/** A metric of AWS's own, averaged: CPU, memory. */
export function averageOf(
  namespace: string,
  name: string,
  dimensions: Readonly<Record<string, string>>,
): TrackedMetric {
  return {
    periodSeconds: ownPeriodSeconds,
    queries: [stat("m1", namespace, name, dimensions, "Average", true)],
  };
}

/**
 * Requests for each target in a minute, at the pace of the last second.
 *
 * @param label - `app/LOAD-BALANCER/ID/targetgroup/TARGET-GROUP/ID`, as policies name a target group
 * @returns undefined if it is none
 */
export function requestsPerTarget(label: string | undefined): TrackedMetric | undefined {
  const group = /^app\/[^/]+\/[^/]+\/(?<group>targetgroup\/[^/]+\/[^/]+)$/.exec(label ?? "")?.groups?.["group"];
  if (group === undefined) return undefined;
  const counted = stat("m1", "AWS/ApplicationELB", "RequestCountPerTarget", { TargetGroup: group }, "Sum", false);
  const inMinute = `m1 * ${minuteSeconds / ownPeriodSeconds}`;
  return {
    periodSeconds: ownPeriodSeconds,
    queries: [counted, { Id: "e1", Expression: inMinute, Label: "RequestCountPerTarget", ReturnData: true }],
  };
}

function stat(
  Id: string,
  Namespace: string,
  MetricName: string,
  dimensions: Readonly<Record<string, string>>,
  Stat: string,
  ReturnData: boolean,
): MetricDataQuery {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  return {
    Id,
    MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Stat, Period: ownPeriodSeconds },
    ReturnData,
  };
}

/** The user's own metric, by its name or as metric math. Its period is a minute unless it says another. */
export function customized(metric: CustomizedMetric): TrackedMetric | undefined {
  const {
    MetricName,
    Namespace,
    Dimensions = [],
    Statistic = "Average",
    Unit,
    Period = minuteSeconds,
    Metrics,
  } = metric;
  if (Metrics !== undefined) {
    const periodSeconds = Math.max(0, ...Metrics.map(({ MetricStat }) => MetricStat?.Period ?? 0)) || minuteSeconds;
    const queries = Metrics.map(({ MetricStat, ...query }) => ({
      ...query,
      ...(MetricStat !== undefined && { MetricStat: { ...MetricStat, Period: MetricStat.Period ?? periodSeconds } }),
    }));
    return { periodSeconds, queries: queries as MetricDataQuery[] };
  }
  if (MetricName === undefined || Namespace === undefined) return undefined;
  const described = { Metric: { Namespace, MetricName, Dimensions }, Stat: Statistic, Period, Unit };
  return { periodSeconds: Period, queries: [{ Id: "m1", MetricStat: described, ReturnData: true } as MetricDataQuery] };
}
