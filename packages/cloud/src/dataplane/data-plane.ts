import type { Traffic } from "./traffic/counters.ts";

/**
 * What the balancers of one region are to do: plain data, made by Elastic Load Balancing's control plane from its
 * tables, whole each time. The data plane finds out what has changed.
 */
export interface PlaneConfig {
  readonly listeners: readonly ListenerConfig[];
  /** By ARN. */
  readonly targetGroups: Readonly<Record<string, TargetGroupConfig>>;
}

export interface ListenerConfig {
  readonly arn: string;
  readonly loadBalancerArn: string;
  /** Where it listens. */
  readonly host: string;
  readonly port: number;
  /** PEM; the first is what a client without SNI gets. Undefined: plain HTTP. */
  readonly certificates?: readonly { readonly certificate: string; readonly privateKey: string }[];
  /** In order of priority; the last one has no conditions. */
  readonly rules: readonly RuleConfig[];
  /** The balancer's attributes, as AWS names them (`idle_timeout.timeout_seconds`). */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface RuleConfig {
  readonly arn: string;
  readonly conditions: readonly ConditionConfig[];
  readonly action: ActionConfig;
}

/** One of several values must match; wildcards `*` and `?`. */
export type ConditionConfig =
  | {
      readonly field: "path-pattern" | "host-header" | "http-request-method" | "source-ip";
      readonly values: readonly string[];
    }
  | { readonly field: "http-header"; readonly name: string; readonly values: readonly string[] }
  | { readonly field: "query-string"; readonly values: readonly { readonly key?: string; readonly value: string }[] };

export type ActionConfig =
  | {
      readonly type: "forward";
      readonly targetGroups: readonly { readonly arn: string; readonly weight: number }[];
      /** Keeps a client in the group that it was first sent to. */
      readonly stickinessSeconds?: number;
    }
  | {
      readonly type: "redirect";
      readonly protocol: string;
      readonly host: string;
      readonly port: string;
      readonly path: string;
      readonly query: string;
      readonly status: 301 | 302;
    }
  | { readonly type: "fixed-response"; readonly status: number; readonly contentType: string; readonly body: string };

export interface TargetGroupConfig {
  readonly arn: string;
  readonly protocol: "HTTP" | "HTTPS";
  readonly targets: readonly TargetConfig[];
  readonly healthCheck: HealthCheckConfig;
  /** The group's attributes, as AWS names them (`stickiness.enabled`, `slow_start.duration_seconds`, …). */
  readonly attributes: Readonly<Record<string, string>>;
}

export type TargetConfig = {
  /** Names it in its group, and in what is told of its health. */
  readonly key: string;
  readonly zone: string;
} & (
  | { readonly kind: "address"; readonly host: string; readonly port: number; readonly state: "used" | "draining" }
  | { readonly kind: "lambda"; readonly functionArn: string; readonly state: "used" | "draining" }
);

export interface HealthCheckConfig {
  readonly enabled: boolean;
  readonly protocol: "HTTP" | "HTTPS";
  /** Undefined: the port on which the target is sent traffic. */
  readonly port?: number;
  readonly path: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  /** `200`, `200,202`, `200-299` */
  readonly matcher: string;
}

/** A target's health as the data plane sees it. Reasons are AWS's codes. */
export interface TargetHealth {
  readonly targetGroupArn: string;
  readonly target: string;
  readonly state: "initial" | "healthy" | "unhealthy" | "draining";
  /** `Elb.RegistrationInProgress`, `Target.Timeout`, `Target.ResponseCodeMismatch`, … */
  readonly reason?: string;
  readonly description?: string;
  /** Requests that are with the target now: what a drain waits for. */
  readonly inFlight: number;
}

/** Where balancers run: names a fault domain. */
export interface PlaneScope {
  readonly account: string;
  readonly region: string;
}

/** Real load balancers, in worker processes of their own, one for each region; they go on when Trysail itself dies. */
export interface DataPlane {
  /**
   * Makes the region's balancers be so. Resolves when they are. A listener that cannot be opened is told in `failures`.
   */
  apply(scope: PlaneScope, config: PlaneConfig): Promise<{ readonly failures: Readonly<Record<string, string>> }>;
  /** What is known now of the region's targets. */
  health(scope: PlaneScope): readonly TargetHealth[];
  /** What the region's balancers have done since the last call; some of it may be lost where Trysail is too slow to take it. */
  takeTraffic(scope: PlaneScope): readonly Traffic[];
  /** Calls `listener` when the region's balancers have told what they have done: each half second while they do anything. */
  onTraffic(listener: (scope: PlaneScope) => void): () => void;
  /** Takes a target out at once, before a health check finds it dead: its instance has exited. */
  targetExited(scope: PlaneScope, host: string): void;
  /** Calls `listener` when a target's health in the region has changed, or its worker was replaced. */
  onChange(listener: (scope: PlaneScope) => void): () => void;
}
