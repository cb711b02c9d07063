import type { Action, RuleCondition } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Millis } from "@trysail/core";

export type Attributes = Readonly<Record<string, string>>;

export interface LoadBalancer {
  readonly name: string;
  readonly arn: string;
  /** `app/web/50dc6c495c0c9188`: the end of its ARN, and what its address is kept under. */
  readonly fullName: string;
  /** What stands behind `http://`: its address, with a port where the system does not let it have port 80. */
  readonly dnsName: string;
  readonly scheme: "internet-facing" | "internal";
  readonly vpcId: string;
  readonly zones: readonly { readonly zone: string; readonly subnetId: string }[];
  readonly securityGroups: readonly string[];
  readonly ipAddressType: "ipv4";
  readonly createdAt: Millis;
  readonly state: { readonly code: "provisioning" | "active" | "active_impaired"; readonly reason?: string };
  /** Those that are not at their defaults. */
  readonly attributes: Attributes;
}

export interface Listener {
  readonly arn: string;
  /** Names of its load balancer, and of itself: its key. */
  readonly loadBalancer: string;
  readonly id: string;
  readonly loadBalancerArn: string;
  readonly protocol: "HTTP" | "HTTPS";
  readonly port: number;
  readonly sslPolicy: string | undefined;
  /** ARNs; the first is the default one. */
  readonly certificates: readonly string[];
  readonly defaultRuleArn: string;
  readonly defaultActions: readonly Action[];
  readonly attributes: Attributes;
}

/** A rule that is not a listener's default one. */
export interface Rule {
  readonly arn: string;
  readonly loadBalancer: string;
  readonly listenerId: string;
  readonly id: string;
  readonly listenerArn: string;
  readonly loadBalancerArn: string;
  readonly priority: number;
  readonly conditions: readonly RuleCondition[];
  readonly actions: readonly Action[];
}

export interface HealthCheck {
  readonly enabled: boolean;
  readonly protocol: "HTTP" | "HTTPS";
  /** A number, or `traffic-port`. */
  readonly port: string;
  readonly path: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  readonly matcher: string;
}

export type TargetType = "instance" | "ip" | "lambda";

export interface TargetGroup {
  readonly name: string;
  readonly arn: string;
  readonly targetType: TargetType;
  /** Undefined for Lambda functions, as are port and VPC. */
  readonly protocol: "HTTP" | "HTTPS" | undefined;
  readonly port: number | undefined;
  readonly vpcId: string | undefined;
  readonly healthCheck: HealthCheck;
  readonly attributes: Attributes;
}

/** A target that is registered, or was until shortly: what it is, not how it fares. */
export interface Target {
  readonly group: string;
  readonly id: string;
  /** 0 for a Lambda function. */
  readonly port: number;
  /** A zone's name, or `all`. */
  readonly zone: string;
  readonly registeredAt: Millis;
  /** Set while it is being deregistered: when that ends at the latest. */
  readonly drainsUntil?: Millis;
  /** Set once its instance does not run any more. */
  readonly ended?: { readonly state: "stopped" | "terminated"; readonly at: Millis };
}

/** What a target's health is, in AWS's terms. */
export interface Health {
  readonly state: "initial" | "healthy" | "unhealthy" | "unused" | "draining" | "unavailable";
  readonly reason?: string;
  readonly description?: string;
}

/** How a target fares. */
export interface TargetStatus {
  /** What the data plane last reported of it; undefined before the first health check. */
  readonly seen?: Pick<Health, "reason" | "description"> & { readonly state: "initial" | "healthy" | "unhealthy" };
  /** What others were last told of it. */
  readonly told: Health;
}

/** Names a target in its group, and in what the data plane reports of it. */
export function targetKey({ id, port }: Pick<Target, "id" | "port">): string {
  return `${id}:${port}`;
}

/** Target groups that actions forward to. */
export function targetGroupsOf(actions: readonly Action[]): string[] {
  return actions.flatMap(
    ({ ForwardConfig: forward }) => forward?.TargetGroups?.flatMap(({ TargetGroupArn: arn }) => arn ?? []) ?? [],
  );
}
