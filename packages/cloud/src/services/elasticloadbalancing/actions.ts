import type {
  Action,
  FixedResponseActionConfig,
  ForwardActionConfig,
  RedirectActionConfig,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { errors } from "./errors.ts";
import { limits } from "./limits.ts";

const maxTargetGroups = limits["target-groups-per-action-on-application-load-balancer"];

/**
 * The actions of a rule as they are stored and told: checked, with what was left out at its defaults.
 *
 * @throws AwsError `ValidationError`, `InvalidLoadBalancerAction`, `TooManyActions`
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Action.html
 */
export function readActions(actions: readonly Action[], listenerProtocol: "HTTP" | "HTTPS"): Action[] {
  for (const { Type: type } of actions) {
    if (type === "authenticate-cognito" || type === "authenticate-oidc" || type === "jwt-validation")
      throw errors.ValidationError(
        `Trysail does not authenticate users at load balancers: leave out the ${type} action.`,
      );
  }
  const [action, ...more] = actions;
  if (action === undefined) throw errors.ValidationError("An action must be specified");
  if (more.length > 0)
    throw errors.TooManyActions("A rule must have exactly one forward, redirect or fixed-response action");
  const order = action.Order;
  if (order !== undefined && (order < 1 || order > 50_000))
    throw errors.ValidationError(`The action order '${order}' must be between 1 and 50000`);
  return [{ ...readRouting(action, listenerProtocol), ...(order !== undefined && { Order: order }) }];
}

function readRouting(action: Action, listenerProtocol: "HTTP" | "HTTPS"): Action {
  switch (action.Type) {
    case "forward":
      return readForward(action);
    case "redirect":
      return { Type: "redirect", RedirectConfig: readRedirect(action.RedirectConfig, listenerProtocol) };
    case "fixed-response":
      return { Type: "fixed-response", FixedResponseConfig: readFixedResponse(action.FixedResponseConfig) };
    case "authenticate-cognito":
    case "authenticate-oidc":
    case "jwt-validation":
    case undefined:
      throw errors.ValidationError("The action type must be specified");
    default:
      throw errors.ValidationError(
        `1 validation error detected: Value '${String(action.Type)}' at 'actions.1.member.type' failed to satisfy constraint: Member must satisfy enum value set: [forward, redirect, fixed-response]`,
      );
  }
}

/** One target group may be given by itself or in a list of one; both are told of it, as AWS does. */
function readForward({ TargetGroupArn: single, ForwardConfig: config }: Action): Action {
  const groups = config?.TargetGroups ?? (single === undefined ? [] : [{ TargetGroupArn: single }]);
  if (groups.length === 0) throw errors.ValidationError("A target group ARN must be specified");
  if (groups.length > maxTargetGroups)
    throw errors.ValidationError(`The maximum number of target groups per action is '${maxTargetGroups}'`);
  if (single !== undefined && (groups.length > 1 || groups[0]?.TargetGroupArn !== single)) {
    throw errors.ValidationError(
      "You cannot specify both a target group ARN and a forward configuration with other target groups",
    );
  }
  const tuples = groups.map(({ TargetGroupArn: arn, Weight: weight = 1 }) => {
    if (arn === undefined) throw errors.ValidationError("A target group ARN must be specified");
    if (weight < 0 || weight > 999)
      throw errors.ValidationError(`The target group weight '${weight}' must be between 0 and 999`);
    return { TargetGroupArn: arn, Weight: weight };
  });
  if (new Set(tuples.map(({ TargetGroupArn }) => TargetGroupArn)).size < tuples.length)
    throw errors.ValidationError("A target group can be specified only once in an action");
  return {
    Type: "forward",
    ...(tuples.length === 1 && { TargetGroupArn: tuples[0]?.TargetGroupArn }),
    ForwardConfig: { TargetGroups: tuples, TargetGroupStickinessConfig: readStickiness(config) },
  };
}

function readStickiness({ TargetGroupStickinessConfig: config }: ForwardActionConfig = {}) {
  const { Enabled: enabled = false, DurationSeconds: seconds } = config ?? {};
  if (enabled && seconds === undefined)
    throw errors.ValidationError("Target group stickiness duration must be specified when stickiness is enabled");
  if (seconds !== undefined && (seconds < 1 || seconds > 604_800)) {
    throw errors.ValidationError("Target group stickiness duration must be between 1 and 604800 seconds");
  }
  return { Enabled: enabled, ...(seconds !== undefined && { DurationSeconds: seconds }) };
}

function readRedirect(
  config: RedirectActionConfig | undefined,
  listenerProtocol: "HTTP" | "HTTPS",
): RedirectActionConfig {
  if (config === undefined) throw errors.ValidationError("A redirect configuration must be specified");
  const {
    Protocol = "#{protocol}",
    Host = "#{host}",
    Port = "#{port}",
    Path = "/#{path}",
    Query = "#{query}",
    StatusCode,
  } = config;
  if (StatusCode !== "HTTP_301" && StatusCode !== "HTTP_302")
    throw errors.ValidationError("The redirect status code must be HTTP_301 or HTTP_302");
  if (!["HTTP", "HTTPS", "#{protocol}"].includes(Protocol))
    throw errors.ValidationError(`The redirect protocol '${Protocol}' must be HTTP, HTTPS, or #{protocol}`);
  if (Protocol === "HTTP" && listenerProtocol === "HTTPS")
    throw errors.InvalidLoadBalancerAction("You cannot redirect HTTPS to HTTP");
  if (Port !== "#{port}" && !(/^\d{1,5}$/.test(Port) && Number(Port) >= 1 && Number(Port) <= 65_535))
    throw errors.ValidationError(`The redirect port '${Port}' must be between 1 and 65535, or #{port}`);
  if (!Path.startsWith("/")) throw errors.ValidationError("The redirect path must start with '/'");
  for (const [name, value] of Object.entries({ host: Host, path: Path, query: Query })) {
    if (value.length > 128) throw errors.ValidationError(`The redirect ${name} cannot be longer than '128' characters`);
  }
  const staysThere = Host === "#{host}" && Port === "#{port}" && Path === "/#{path}";
  if (staysThere && (Protocol === "#{protocol}" || Protocol === listenerProtocol))
    throw errors.InvalidLoadBalancerAction("The redirect configuration is not valid because it creates a loop.");
  return { Protocol, Port, Host, Path, Query, StatusCode };
}

const contentTypes = ["text/plain", "text/css", "text/html", "application/javascript", "application/json"];

function readFixedResponse(config: FixedResponseActionConfig | undefined): FixedResponseActionConfig {
  if (config === undefined) throw errors.ValidationError("A fixed response configuration must be specified");
  const { StatusCode: status = "", ContentType: type, MessageBody: body } = config;
  if (!/^[245]\d\d$/.test(status))
    throw errors.ValidationError(`The fixed response status code '${status}' must be 2XX, 4XX, or 5XX`);
  if (type !== undefined && !contentTypes.includes(type))
    throw errors.ValidationError(
      `The fixed response content type '${type}' must be one of [${contentTypes.join(", ")}]`,
    );
  if (body !== undefined && body.length > 1024)
    throw errors.ValidationError("The fixed response message body cannot be longer than '1024' characters");
  return {
    StatusCode: status,
    ...(type !== undefined && { ContentType: type }),
    ...(body !== undefined && { MessageBody: body }),
  };
}
