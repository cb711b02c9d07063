import type { Algorithm } from "./choose-target.ts";
import type { MinimumHealthy } from "./usable-targets.ts";

/** How a client is kept at a target. */
export type Stickiness =
  | { readonly type: "lb_cookie"; readonly durationMs: number }
  | { readonly type: "app_cookie"; readonly durationMs: number; readonly cookieName: string };

/** A target group's attributes, read once. */
export interface GroupSettings {
  readonly algorithm: Algorithm;
  readonly slowStartMs: number;
  readonly stickiness: Stickiness | undefined;
  readonly minimumHealthy: MinimumHealthy;
  readonly multiValueHeaders: boolean;
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html */
export function groupSettings(attributes: Readonly<Record<string, string>>): GroupSettings {
  const algorithm = attributes["load_balancing.algorithm.type"];
  const minimum = (unit: string) =>
    Number(attributes[`target_group_health.unhealthy_state_routing.minimum_healthy_targets.${unit}`] ?? "off");
  const count = minimum("count");
  const percentage = minimum("percentage");
  return {
    algorithm:
      algorithm === "least_outstanding_requests" || algorithm === "weighted_random" ? algorithm : "round_robin",
    slowStartMs: Number(attributes["slow_start.duration_seconds"] ?? 0) * 1000,
    stickiness: stickinessOf(attributes),
    // "off" is not a number.
    minimumHealthy: { count: Number.isNaN(count) ? 1 : count, percentage: Number.isNaN(percentage) ? 0 : percentage },
    multiValueHeaders: attributes["lambda.multi_value_headers.enabled"] === "true",
  };
}

const daySeconds = 86_400;

function stickinessOf(attributes: Readonly<Record<string, string>>): Stickiness | undefined {
  if (attributes["stickiness.enabled"] !== "true") return undefined;
  const type = attributes["stickiness.type"] === "app_cookie" ? "app_cookie" : "lb_cookie";
  const durationMs = Number(attributes[`stickiness.${type}.duration_seconds`] ?? daySeconds) * 1000;
  return type === "lb_cookie"
    ? { type, durationMs }
    : { type, durationMs, cookieName: attributes["stickiness.app_cookie.cookie_name"] ?? "" };
}
