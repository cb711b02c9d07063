import type { TargetHealth } from "../../dataplane/data-plane.ts";
import type { Traffic } from "../../dataplane/traffic/counters.ts";
import type { Dimensions, Measurement } from "../../kernel/measurement.ts";
import { targetKey } from "./model.ts";
import type { Target } from "./model.ts";

const namespace = "AWS/ApplicationELB";

/** A target group that a balancer uses. */
export interface UsedGroup {
  readonly arn: string;
  /** The full name of its balancer. */
  readonly balancer: string;
  readonly targets: readonly Target[];
}

/** What traffic is of. */
export interface Known {
  /** Full names, by ARN. */
  readonly balancers: ReadonlyMap<string, string>;
  readonly groups: readonly UsedGroup[];
  readonly health: readonly TargetHealth[];
}

/** `targetgroup/web/73e2d6bc24d8a067` */
const groupName = (arn: string) => arn.slice(arn.indexOf("targetgroup/"));

/** Targets that are told by their address alone may be anywhere. */
const inZone = (zone: string) => (zone === "all" ? [] : [{ AvailabilityZone: zone }]);

function counted(name: string, count: number, series: readonly Dimensions[]): Measurement[] {
  // As AWS does it: so many samples of one, of which the sum is asked for.
  return count === 0 ? [] : [{ namespace, name, unit: "Count", series, values: [1], counts: [count] }];
}

/**
 * What balancers have done, in AWS's metrics and dimensions.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
export function trafficMeasurements(traffic: Traffic, known: Known): Measurement[] {
  const { balancers, groups, health } = known;
  const measured: Measurement[] = [];
  const groupsByArn = new Map(groups.map((group) => [group.arn, group]));
  const requestsOf = new Map<string, number>();
  for (const told of traffic.groups) {
    const group = groupsByArn.get(told.targetGroupArn);
    if (group === undefined) continue;
    const LoadBalancer = group.balancer;
    const TargetGroup = groupName(group.arn);
    const zones = inZone(told.zone);
    const series: Dimensions[] = [{ LoadBalancer }, { TargetGroup, LoadBalancer }].flatMap((whole) => [
      whole,
      ...zones.map((zone) => ({ ...zone, ...whole })),
    ]);
    measured.push(...counted("RequestCount", told.requests, series));
    for (const [digit, count] of Object.entries(told.answers))
      measured.push(...counted(`HTTPCode_Target_${digit}XX_Count`, count, series));
    measured.push(...counted("TargetConnectionErrorCount", told.connectionErrors, series));
    if (told.times.values.length > 0)
      measured.push({
        namespace,
        name: "TargetResponseTime",
        unit: "Seconds",
        series,
        values: told.times.values.map((ms) => ms / 1000),
        counts: told.times.counts,
      });
    requestsOf.set(group.arn, (requestsOf.get(group.arn) ?? 0) + told.requests);
  }
  for (const [arn, requests] of requestsOf) {
    const group = groupsByArn.get(arn);
    const healthy = health.filter(({ targetGroupArn, state }) => targetGroupArn === arn && state === "healthy").length;
    if (group === undefined || healthy === 0 || requests === 0) continue;
    const TargetGroup = groupName(arn);
    const series: Dimensions[] = [{ TargetGroup }, { TargetGroup, LoadBalancer: group.balancer }];
    measured.push({ namespace, name: "RequestCountPerTarget", unit: "Count", series, values: [requests / healthy] });
  }
  for (const told of traffic.balancers) {
    const LoadBalancer = balancers.get(told.loadBalancerArn);
    if (LoadBalancer === undefined) continue;
    const series: Dimensions[] = [{ LoadBalancer }];
    const classes = new Map<string, number>();
    for (const [status, count] of Object.entries(told.ownAnswers)) {
      const name = `HTTPCode_ELB_${status[0]}XX_Count`;
      classes.set(name, (classes.get(name) ?? 0) + count);
      if (["500", "502", "503", "504"].includes(status))
        measured.push(...counted(`HTTPCode_ELB_${status}_Count`, count, series));
    }
    for (const [name, count] of classes) if (!name.includes("_2XX")) measured.push(...counted(name, count, series));
    measured.push(
      ...counted("HTTP_Redirect_Count", told.redirects, series),
      ...counted("HTTP_Fixed_Response_Count", told.fixedResponses, series),
      ...counted("NewConnectionCount", told.newConnections, series),
      { namespace, name: "ActiveConnectionCount", unit: "Count", series, values: [told.activeConnections] },
    );
    if (told.bytes > 0)
      measured.push({ namespace, name: "ProcessedBytes", unit: "Bytes", series, values: [told.bytes] });
  }
  return measured;
}

/** How many targets are healthy, and how many are not: of each group, and of each of its zones. */
export function hostMeasurements(groups: readonly UsedGroup[], health: readonly TargetHealth[]): Measurement[] {
  const states = new Map(health.map(({ targetGroupArn, target, state }) => [`${targetGroupArn} ${target}`, state]));
  return groups.flatMap(({ arn, balancer: LoadBalancer, targets }) => {
    if (targets.length === 0) return [];
    const TargetGroup = groupName(arn);
    const told = targets.map((target) => ({ zone: target.zone, state: states.get(`${arn} ${targetKey(target)}`) }));
    const measure = (of: typeof told, series: Dimensions) =>
      (
        [
          ["HealthyHostCount", "healthy"],
          ["UnHealthyHostCount", "unhealthy"],
        ] as const
      ).map(([name, state]): Measurement => ({
        namespace,
        name,
        unit: "Count",
        series: [series],
        values: [of.filter((target) => target.state === state).length],
      }));
    const zones = new Set(told.map(({ zone }) => zone));
    return [
      ...measure(told, { TargetGroup, LoadBalancer }),
      ...[...zones].flatMap((zone) =>
        inZone(zone).flatMap((dimension) =>
          measure(
            told.filter((target) => target.zone === zone),
            { ...dimension, TargetGroup, LoadBalancer },
          ),
        ),
      ),
    ];
  });
}
