import type { Matcher } from "@aws-sdk/client-elastic-load-balancing-v2";
import { errors } from "./errors.ts";
import type { HealthCheck, TargetType } from "./model.ts";

interface HealthCheckInput {
  readonly HealthCheckEnabled?: boolean | undefined;
  readonly HealthCheckProtocol?: string | undefined;
  readonly HealthCheckPort?: string | undefined;
  readonly HealthCheckPath?: string | undefined;
  readonly HealthCheckIntervalSeconds?: number | undefined;
  readonly HealthCheckTimeoutSeconds?: number | undefined;
  readonly HealthyThresholdCount?: number | undefined;
  readonly UnhealthyThresholdCount?: number | undefined;
  readonly Matcher?: Matcher | undefined;
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html */
export function defaultHealthCheck(type: TargetType, protocol: "HTTP" | "HTTPS" | undefined): HealthCheck {
  const common = { protocol: "HTTP", port: "traffic-port", path: "/", healthyThreshold: 5, matcher: "200" } as const;
  if (type === "lambda")
    return { ...common, enabled: false, intervalSeconds: 35, timeoutSeconds: 30, unhealthyThreshold: 5 };
  const timeoutSeconds = protocol === "HTTPS" ? 10 : 6;
  return { ...common, enabled: true, intervalSeconds: 30, timeoutSeconds, unhealthyThreshold: 2 };
}

function inRange(what: string, value: number | undefined, min: number, max: number): void {
  if (value === undefined || (value >= min && value <= max)) return;
  throw errors.ValidationError(`${what} must be between '${min}' and '${max}'`);
}

/** `200`, `200,202`, `200-299`, from 200 to 499. */
function isMatcher(text: string): boolean {
  return text.split(",").every((part) => {
    const [from = "", to = from, ...more] = part.split("-");
    const isCode = (code: string) => /^[2-4]\d\d$/.test(code);
    return more.length === 0 && isCode(from) && isCode(to) && Number(from) <= Number(to);
  });
}

/**
 * A health check with what is given changed.
 *
 * @throws AwsError `ValidationError`, `InvalidConfigurationRequest`
 */
export function withHealthCheck(before: HealthCheck, type: TargetType, input: HealthCheckInput): HealthCheck {
  const { HealthCheckProtocol: protocol = before.protocol, HealthCheckPort: port = before.port } = input;
  const { HealthCheckPath: path = before.path, HealthCheckEnabled: enabled = before.enabled } = input;
  if (protocol !== "HTTP" && protocol !== "HTTPS")
    throw errors.ValidationError(`Health check protocol '${protocol}' must be one of 'HTTP, HTTPS'`);
  if (!enabled && type !== "lambda")
    throw errors.ValidationError(`Health check enabled must be true for target groups with target type '${type}'`);
  if (port !== "traffic-port" && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535))
    throw errors.ValidationError(
      `Health check port '${port}' must be a numeric value between 1 and 65535, or 'traffic-port'`,
    );
  if (!path.startsWith("/") || path.length > 1024)
    throw errors.ValidationError(
      `Health check path '${path}' must begin with a '/' character, and can be at most 1024 characters in length`,
    );
  inRange("Health check interval", input.HealthCheckIntervalSeconds, 5, 300);
  inRange("Health check timeout", input.HealthCheckTimeoutSeconds, 2, 120);
  inRange("Healthy threshold count", input.HealthyThresholdCount, 2, 10);
  inRange("Unhealthy threshold count", input.UnhealthyThresholdCount, 2, 10);
  if (input.Matcher?.GrpcCode !== undefined)
    throw errors.ValidationError("Trysail does not check health with gRPC: give Matcher.HttpCode, not GrpcCode.");
  const { HttpCode: matcher = before.matcher } = input.Matcher ?? {};
  if (!isMatcher(matcher))
    throw errors.ValidationError(`Health check matcher HTTP code '${matcher}' must be within '200-499' inclusive`);

  const intervalSeconds = input.HealthCheckIntervalSeconds ?? before.intervalSeconds;
  // A default that does not fit the interval that was asked for gives way.
  const timeoutSeconds = input.HealthCheckTimeoutSeconds ?? Math.min(before.timeoutSeconds, intervalSeconds - 1);
  if (timeoutSeconds >= intervalSeconds) {
    throw errors.ValidationError(
      `Health check timeout '${timeoutSeconds}' must be smaller than the interval '${intervalSeconds}'`,
    );
  }
  return {
    enabled,
    protocol,
    port,
    path,
    intervalSeconds,
    timeoutSeconds,
    healthyThreshold: input.HealthyThresholdCount ?? before.healthyThreshold,
    unhealthyThreshold: input.UnhealthyThresholdCount ?? before.unhealthyThreshold,
    matcher,
  };
}
