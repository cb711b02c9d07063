import type { AwsError } from "../../../kernel/errors.ts";
import { errors, invalid } from "../errors.ts";
import { faultOf } from "../filters/policy.ts";
import type { Protocol, Subscription } from "../model.ts";

const absent: ReadonlySet<string> = new Set(["application", "email", "email-json", "firehose", "sms", "sqs"]);

/** @throws AwsError `InvalidParameter` */
export function checkEndpoint(protocol: string, endpoint: string): Pick<Subscription, "protocol" | "endpoint"> {
  switch (protocol) {
    case "lambda":
      if (!/^arn:[^:]+:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+(?::[\w$-]+)?$/.test(endpoint))
        throw invalid("Lambda endpoint ARN");
      return { protocol, endpoint };
    case "http":
    case "https":
      if (!endpoint.startsWith(`${protocol}://`)) throw invalid("Endpoint must match the specified protocol");
      if (!URL.canParse(endpoint)) throw invalid("HTTP(S) Endpoint");
      return { protocol, endpoint };
    default:
      if (absent.has(protocol))
        throw invalid("Protocol", `Trysail delivers by lambda, http and https: it has no ${protocol}.`);
      throw invalid(`Amazon SNS does not support this protocol string: ${protocol}`);
  }
}

/**
 * A subscription's attributes, checked together.
 *
 * @param wrong - makes the error of an attribute
 * @throws AwsError what `wrong` makes, `FilterPolicyLimitExceeded`
 */
export function checkedAttributes(
  protocol: Protocol,
  attributes: Readonly<Record<string, string>>,
  wrong: (name: string, reason?: string) => AwsError,
): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(attributes)) checkAttribute(protocol, name, value, wrong);
  const { FilterPolicy: policy, FilterPolicyScope: scope } = attributes;
  if (policy === undefined || policy === "") return attributes;
  const fault = faultOf(policy, scope === "MessageBody" ? scope : "MessageAttributes");
  if (fault?.kind === "wrong") throw wrong("FilterPolicy", fault.reason);
  if (fault?.kind === "too-large")
    throw errors.FilterPolicyLimitExceeded(`Invalid parameter: FilterPolicy: ${fault.reason}`);
  return attributes;
}

function checkAttribute(
  protocol: Protocol,
  name: string,
  value: string,
  wrong: (name: string, reason?: string) => AwsError,
): void {
  switch (name) {
    case "FilterPolicy":
      return;
    case "FilterPolicyScope":
      if (value !== "MessageAttributes" && value !== "MessageBody")
        throw wrong(name, `Invalid value [${value}]. Please use either MessageBody or MessageAttributes`);
      return;
    case "RawMessageDelivery":
      if (!/^(?:true|false)$/.test(value)) throw wrong(name, `Invalid value [${value}]. Must be true or false.`);
      if (value === "true" && protocol === "lambda")
        throw wrong(name, `Delivery protocol [${protocol}] does not support raw message delivery.`);
      return;
    case "DeliveryPolicy":
    case "RedrivePolicy":
    case "ReplayPolicy":
    case "SubscriptionRoleArn":
      throw wrong("AttributeName", `Trysail's subscriptions have no ${name}: leave it out.`);
    default:
      throw wrong("AttributeName");
  }
}
