import { errors } from "./errors.ts";
import type { Attributes, TargetType } from "./model.ts";

/** One attribute: its default, and what else it may be. */
interface AttributeRule {
  readonly value: string;
  /** Undefined: any text. */
  readonly allowed?: RegExp | readonly [min: number, max: number];
  /** Why Trysail takes no other value than the default. */
  readonly fixedBecause?: string;
}

type AttributeRules = Readonly<Record<string, AttributeRule>>;

const flag = (value: "true" | "false"): AttributeRule => ({ value, allowed: /^(true|false)$/ });

const noLogs = (what: string): AttributeRule => ({
  value: "false",
  allowed: /^(true|false)$/,
  fixedBecause: `Trysail does not write ${what} logs`,
});

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html */
export const loadBalancerAttributes: AttributeRules = {
  "access_logs.s3.enabled": noLogs("access"),
  "access_logs.s3.bucket": { value: "" },
  "access_logs.s3.prefix": { value: "" },
  "client_keep_alive.seconds": { value: "3600", allowed: [60, 604_800] },
  "connection_logs.s3.enabled": noLogs("connection"),
  "connection_logs.s3.bucket": { value: "" },
  "connection_logs.s3.prefix": { value: "" },
  "deletion_protection.enabled": flag("false"),
  "health_check_logs.s3.enabled": noLogs("health check"),
  "health_check_logs.s3.bucket": { value: "" },
  "health_check_logs.s3.prefix": { value: "" },
  "idle_timeout.timeout_seconds": { value: "60", allowed: [1, 4000] },
  // Nothing comes to a loopback address from an internet gateway.
  "ipv6.deny_all_igw_traffic": flag("false"),
  "load_balancing.cross_zone.enabled": {
    value: "true",
    allowed: /^(true|false)$/,
    fixedBecause: "it cannot be changed for application load balancers",
  },
  "routing.http.desync_mitigation_mode": {
    value: "defensive",
    allowed: /^(monitor|defensive|strictest)$/,
    fixedBecause: "Trysail's load balancers refuse what can be understood in two ways, and nothing else",
  },
  "routing.http.drop_invalid_header_fields.enabled": flag("false"),
  "routing.http.preserve_host_header.enabled": flag("false"),
  "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": flag("false"),
  "routing.http.xff_client_port.enabled": flag("false"),
  "routing.http.xff_header_processing.mode": { value: "append", allowed: /^(append|preserve|remove)$/ },
  "routing.http2.enabled": flag("true"),
  // There is no web application firewall that could fail, and no zonal shift that this would let act.
  "waf.fail_open.enabled": flag("false"),
  "zonal_shift.config.enabled": flag("false"),
};

const share = "([1-9]|[1-9][0-9]|100)";

const minimumHealthy: AttributeRules = {
  // Decides what DNS answers: a balancer here has one address, which is always told.
  "target_group_health.dns_failover.minimum_healthy_targets.count": { value: "1", allowed: /^(off|[1-9]\d{0,3})$/ },
  "target_group_health.dns_failover.minimum_healthy_targets.percentage": {
    value: "off",
    allowed: new RegExp(`^(off|${share})$`),
  },
  "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": { value: "1", allowed: [1, 1000] },
  "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": {
    value: "off",
    allowed: new RegExp(`^(off|${share})$`),
  },
};

const week = 604_800;

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html */
const serverGroupAttributes: AttributeRules = {
  "deregistration_delay.timeout_seconds": { value: "300", allowed: [0, 3600] },
  "load_balancing.algorithm.anomaly_mitigation": {
    value: "off",
    allowed: /^(on|off)$/,
    fixedBecause: "Trysail's load balancers do not look for anomalies",
  },
  "load_balancing.algorithm.type": {
    value: "round_robin",
    allowed: /^(round_robin|least_outstanding_requests|weighted_random)$/,
  },
  "load_balancing.cross_zone.enabled": {
    value: "use_load_balancer_configuration",
    // A balancer here has one address for all its zones, so that what comes in belongs to none of them.
    allowed: /^(true|use_load_balancer_configuration)$/,
  },
  "slow_start.duration_seconds": { value: "0", allowed: /^(0|[3-8]\d|9\d|[1-8]\d\d|900)$/ },
  "stickiness.app_cookie.cookie_name": { value: "", allowed: /^(?!AWSALB)[^\s;,=]*$/ },
  "stickiness.app_cookie.duration_seconds": { value: "86400", allowed: [1, week] },
  "stickiness.enabled": flag("false"),
  "stickiness.lb_cookie.duration_seconds": { value: "86400", allowed: [1, week] },
  "stickiness.type": { value: "lb_cookie", allowed: /^(lb_cookie|app_cookie)$/ },
  ...minimumHealthy,
};

const lambdaGroupAttributes: AttributeRules = {
  "lambda.multi_value_headers.enabled": flag("false"),
  ...minimumHealthy,
};

export function targetGroupAttributes(type: TargetType): AttributeRules {
  return type === "lambda" ? lambdaGroupAttributes : serverGroupAttributes;
}

const unchanged = "Trysail's load balancers do not change the headers of responses";
const noHeader: AttributeRule = { value: "", fixedBecause: unchanged };

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ListenerAttribute.html */
export const listenerAttributes: AttributeRules = {
  "routing.http.response.server.enabled": { ...flag("true"), fixedBecause: unchanged },
  "routing.http.response.strict_transport_security.header_value": noHeader,
  "routing.http.response.access_control_allow_origin.header_value": noHeader,
  "routing.http.response.access_control_allow_methods.header_value": noHeader,
  "routing.http.response.access_control_allow_headers.header_value": noHeader,
  "routing.http.response.access_control_allow_credentials.header_value": noHeader,
  "routing.http.response.access_control_expose_headers.header_value": noHeader,
  "routing.http.response.access_control_max_age.header_value": noHeader,
  "routing.http.response.content_security_policy.header_value": noHeader,
  "routing.http.response.x_content_type_options.header_value": noHeader,
  "routing.http.response.x_frame_options.header_value": noHeader,
};

/** All attributes, those that are not set at their defaults. */
export function allAttributes(rules: AttributeRules, set: Attributes): Attributes {
  return { ...Object.fromEntries(Object.entries(rules).map(([key, { value }]) => [key, value])), ...set };
}

interface AttributeInput {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

function allows({ allowed }: AttributeRule, value: string): boolean {
  if (allowed === undefined) return value.length <= 1024;
  if (allowed instanceof RegExp) return allowed.test(value);
  const [min, max] = allowed;
  return /^\d{1,7}$/.test(value) && Number(value) >= min && Number(value) <= max;
}

/**
 * Sets attributes.
 *
 * @param what - as AWS names it in messages: `Load balancer`
 * @throws AwsError `ValidationError` for keys that there are not, and values that are not allowed
 */
export function withAttributes(
  what: "Load balancer" | "Target group" | "Listener",
  rules: AttributeRules,
  set: Attributes,
  given: readonly AttributeInput[],
): Attributes {
  const changed: Record<string, string> = { ...set };
  for (const { Key: key = "", Value: value = "" } of given) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule === undefined) throw errors.ValidationError(`${what} attribute key '${key}' is not recognized`);
    if (!allows(rule, value))
      throw errors.ValidationError(`${what} attribute value '${value}' is not valid for the key '${key}'`);
    if (rule.fixedBecause !== undefined && value !== rule.value) {
      throw errors.ValidationError(`${what} attribute '${key}' must be '${rule.value}': ${rule.fixedBecause}.`);
    }
    if (value === rule.value) delete changed[key];
    else changed[key] = value;
  }
  return changed;
}

/** In the form of an answer. */
export function showAttributes(rules: AttributeRules, set: Attributes): { Key: string; Value: string }[] {
  return Object.entries(allAttributes(rules, set)).map(([Key, Value]) => ({ Key, Value }));
}
