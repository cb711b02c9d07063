import type { Action } from "@aws-sdk/client-elastic-load-balancing-v2";
import type {
  ActionConfig,
  ListenerConfig,
  PlaneConfig,
  RuleConfig,
  TargetConfig,
  TargetGroupConfig,
} from "../../dataplane/data-plane.ts";
import type { CertificatePair } from "../../kernel/context.ts";
import { allAttributes, listenerAttributes, loadBalancerAttributes, targetGroupAttributes } from "./attributes.ts";
import { conditionConfig } from "./conditions.ts";
import { targetGroupsOf, targetKey } from "./model.ts";
import type { Listener, LoadBalancer, Rule, Target, TargetGroup } from "./model.ts";
import { isInZones } from "./target-health.ts";

interface Place {
  readonly host: string;
  readonly port: number;
}

/** Everything that a region's balancers are made of, and where things are on this machine. */
export interface Region {
  readonly loadBalancers: readonly LoadBalancer[];
  readonly listeners: readonly Listener[];
  /** All but the default ones, in any order. */
  readonly rules: readonly Rule[];
  readonly targetGroups: readonly TargetGroup[];
  readonly targets: readonly Target[];
  /** Where a load balancer's port is really opened. */
  readonly listenAt: (loadBalancer: LoadBalancer, port: number) => Place;
  /** Where a target is really reached; undefined if it cannot be, now. */
  readonly reach: (target: Target, group: TargetGroup) => Place | undefined;
  /** The port that a health check of that port is really sent to. */
  readonly reachPort: (port: number) => number;
  /** What is kept under a certificate's ARN; undefined if it is gone. */
  readonly certificate: (arn: string) => CertificatePair | undefined;
}

/** What the data plane is to do: a function of the tables. */
export function planeConfig(region: Region): PlaneConfig {
  const { listeners, rules, targetGroups, targets, loadBalancers } = region;
  const balancers = new Map(loadBalancers.map((balancer) => [balancer.name, balancer]));
  const rulesBy = grouped(rules, ({ listenerArn }) => listenerArn);
  const targetsBy = grouped(targets, ({ group }) => group);
  const users = new Map<string, LoadBalancer>();
  const listenerConfigs: ListenerConfig[] = [];
  for (const listener of listeners) {
    const balancer = balancers.get(listener.loadBalancer);
    if (balancer === undefined) continue;
    const certificates = listener.certificates.flatMap((arn) => region.certificate(arn) ?? []);
    const own = (rulesBy.get(listener.arn) ?? []).toSorted((a, b) => a.priority - b.priority);
    for (const { actions } of [...own, { actions: listener.defaultActions }])
      for (const arn of targetGroupsOf(actions)) users.set(arn, balancer);
    // Without a certificate it cannot serve at all.
    if (listener.protocol === "HTTP" || certificates.length > 0)
      listenerConfigs.push(listenerConfig(region, balancer, listener, own, certificates));
  }
  const groups = targetGroups.flatMap((group): [string, TargetGroupConfig][] => {
    // What no listener forwards to is neither sent traffic nor checked.
    const balancer = users.get(group.arn);
    if (balancer === undefined) return [];
    return [[group.arn, groupConfig(region, group, balancer, targetsBy.get(group.name) ?? [])]];
  });
  return { listeners: listenerConfigs, targetGroups: Object.fromEntries(groups) };
}

function grouped<V>(values: readonly V[], keyOf: (value: V) => string): ReadonlyMap<string, readonly V[]> {
  const groups = new Map<string, V[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group === undefined) groups.set(keyOf(value), [value]);
    else group.push(value);
  }
  return groups;
}

function listenerConfig(
  { listenAt }: Region,
  balancer: LoadBalancer,
  listener: Listener,
  rules: readonly Rule[],
  certificates: readonly CertificatePair[],
): ListenerConfig {
  const own = rules.map(({ arn, conditions, actions }): RuleConfig => ({
    arn,
    conditions: conditions.map(conditionConfig),
    action: actionConfig(actions),
  }));
  const last: RuleConfig = {
    arn: listener.defaultRuleArn,
    conditions: [],
    action: actionConfig(listener.defaultActions),
  };
  return {
    arn: listener.arn,
    loadBalancerArn: listener.loadBalancerArn,
    ...listenAt(balancer, listener.port),
    ...(listener.protocol === "HTTPS" && { certificates }),
    rules: [...own, last],
    attributes: {
      ...allAttributes(loadBalancerAttributes, balancer.attributes),
      ...allAttributes(listenerAttributes, listener.attributes),
    },
  };
}

/** What a stored rule does, of which there is one thing. */
export function actionConfig([action]: readonly Action[]): ActionConfig {
  const { ForwardConfig: forward, RedirectConfig: redirect, FixedResponseConfig: fixed } = action ?? {};
  if (forward !== undefined) {
    const { Enabled: sticky, DurationSeconds: seconds } = forward.TargetGroupStickinessConfig ?? {};
    return {
      type: "forward",
      targetGroups: (forward.TargetGroups ?? []).map(({ TargetGroupArn: arn = "", Weight: weight = 1 }) => ({
        arn,
        weight,
      })),
      ...(sticky === true && seconds !== undefined && { stickinessSeconds: seconds }),
    };
  }
  if (redirect !== undefined) {
    const { Protocol = "", Host = "", Port = "", Path = "", Query = "", StatusCode } = redirect;
    const status = StatusCode === "HTTP_301" ? 301 : 302;
    return { type: "redirect", protocol: Protocol, host: Host, port: Port, path: Path, query: Query, status };
  }
  return {
    type: "fixed-response",
    status: Number(fixed?.StatusCode),
    contentType: fixed?.ContentType ?? "text/plain",
    body: fixed?.MessageBody ?? "",
  };
}

function groupConfig(
  region: Region,
  group: TargetGroup,
  balancer: LoadBalancer,
  targets: readonly Target[],
): TargetGroupConfig {
  const { healthCheck: check } = group;
  return {
    arn: group.arn,
    protocol: group.protocol ?? "HTTP",
    targets: targets.flatMap((target) => targetConfig(region, group, balancer, target) ?? []),
    healthCheck: {
      enabled: check.enabled,
      protocol: check.protocol,
      ...(check.port !== "traffic-port" && { port: region.reachPort(Number(check.port)) }),
      path: check.path,
      intervalMs: check.intervalSeconds * 1000,
      timeoutMs: check.timeoutSeconds * 1000,
      healthyThreshold: check.healthyThreshold,
      unhealthyThreshold: check.unhealthyThreshold,
      matcher: check.matcher,
    },
    attributes: allAttributes(targetGroupAttributes(group.targetType), group.attributes),
  };
}

function targetConfig(
  { reach }: Region,
  group: TargetGroup,
  balancer: LoadBalancer,
  target: Target,
): TargetConfig | undefined {
  if (target.ended !== undefined || !isInZones(target, balancer)) return undefined;
  const shared = {
    key: targetKey(target),
    zone: target.zone,
    state: target.drainsUntil === undefined ? "used" : "draining",
  } as const;
  if (group.targetType === "lambda") return { ...shared, kind: "lambda", functionArn: target.id };
  const place = reach(target, group);
  return place === undefined ? undefined : { ...shared, kind: "address", ...place };
}
