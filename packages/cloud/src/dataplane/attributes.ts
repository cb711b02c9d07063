/**
 * The attributes that change what the data plane does. The control plane keeps those that are its own
 * (`deregistration_delay.timeout_seconds`, `deletion_protection.enabled`), and refuses to change any other.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
 */
export const honouredLoadBalancerAttributes: readonly string[] = [
  "idle_timeout.timeout_seconds",
  "client_keep_alive.seconds",
  "routing.http.drop_invalid_header_fields.enabled",
  "routing.http.xff_header_processing.mode",
  "routing.http.xff_client_port.enabled",
  "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
];

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html */
export const honouredTargetGroupAttributes: readonly string[] = [
  "stickiness.enabled",
  "stickiness.type",
  "stickiness.lb_cookie.duration_seconds",
  "stickiness.app_cookie.cookie_name",
  "stickiness.app_cookie.duration_seconds",
  "load_balancing.algorithm.type",
  "slow_start.duration_seconds",
  "lambda.multi_value_headers.enabled",
  "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
  "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
];
