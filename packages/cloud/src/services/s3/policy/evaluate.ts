import { BlockList, isIPv4, isIPv6 } from "node:net";
import { parseOperator } from "./document.ts";
import type { Condition, OperatorName, Policy, Principals, Statement } from "./document.ts";
import { matchesPattern } from "./pattern.ts";

/** Who asks, as policies name callers. */
export type PolicyPrincipal =
  | { readonly type: "anonymous" }
  | { readonly type: "aws"; readonly arn: string; readonly account: string; readonly canonicalId: string };

export interface PolicyRequest {
  readonly principal: PolicyPrincipal;
  /** `s3:GetObject` */
  readonly action: string;
  /** The ARN of the bucket or the object. */
  readonly resource: string;
  /** The values of a condition key, asked for in lower case; undefined if the request has no such key. */
  value(key: string): readonly string[] | undefined;
}

/** The ARNs and ids by which a caller may be named: an assumed role is also its role, everybody also their account. */
function namesOf({ arn, account }: { readonly arn: string; readonly account: string }): readonly string[] {
  const partition = arn.split(":")[1] ?? "aws";
  const role = /:assumed-role\/(?<role>[^/]+)\//.exec(arn)?.groups?.["role"];
  return [
    arn,
    account,
    `arn:${partition}:iam::${account}:root`,
    ...(role === undefined ? [] : [`arn:${partition}:iam::${account}:role/${role}`]),
  ];
}

function includes(principals: Principals, caller: PolicyPrincipal): boolean {
  if (principals.any) return true;
  if (caller.type === "anonymous") return false;
  const names = namesOf(caller);
  // An assumed role's ARN lacks its role's path.
  const withoutPath = (arn: string) => arn.replace(/:role\/.*\//, ":role/");
  return (
    principals.canonical.includes(caller.canonicalId) ||
    principals.aws.some((name) => names.includes(withoutPath(name)))
  );
}

/** Puts the request's values into `${aws:…}`; undefined if the request lacks one, so that nothing can match. */
function substitute(text: string, request: PolicyRequest): string | undefined {
  let missing = false;
  const result = text.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    if (name === "*" || name === "?" || name === "$") return name;
    const [key = "", fallback] = name.split(",").map((part) => part.trim());
    const value = request.value(key.toLowerCase())?.[0] ?? fallback?.replace(/^'(.*)'$/, "$1");
    if (value === undefined) missing = true;
    return value ?? "";
  });
  return missing ? undefined : result;
}

function inCidr(cidr: string, address: string): boolean {
  const [network = "", bits] = cidr.split("/");
  const family = isIPv4(network) ? "ipv4" : isIPv6(network) ? "ipv6" : undefined;
  if (family === undefined || (family === "ipv4" ? !isIPv4(address) : !isIPv6(address))) return false;
  const list = new BlockList();
  const longest = family === "ipv4" ? 32 : 128;
  const prefix = bits === undefined ? longest : Number(bits);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > longest) return false;
  list.addSubnet(network, prefix, family);
  return list.check(address, family);
}

const instant = (text: string): number => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text));

/** The operators that hold where their opposite does not. */
const negations: Partial<Readonly<Record<OperatorName, OperatorName>>> = {
  StringNotEquals: "StringEquals",
  StringNotEqualsIgnoreCase: "StringEqualsIgnoreCase",
  StringNotLike: "StringLike",
  ArnNotEquals: "ArnEquals",
  ArnNotLike: "ArnLike",
  NumericNotEquals: "NumericEquals",
  DateNotEquals: "DateEquals",
  NotIpAddress: "IpAddress",
};

function compare(operator: OperatorName, wanted: string, actual: string): boolean {
  switch (operator) {
    case "StringEquals":
    case "BinaryEquals":
      return actual === wanted;
    case "StringEqualsIgnoreCase":
    case "Bool":
      return actual.toLowerCase() === wanted.toLowerCase();
    case "StringLike":
    case "ArnEquals":
    case "ArnLike":
      return matchesPattern(wanted, actual);
    case "NumericEquals":
      return Number(actual) === Number(wanted);
    case "NumericLessThan":
      return Number(actual) < Number(wanted);
    case "NumericLessThanEquals":
      return Number(actual) <= Number(wanted);
    case "NumericGreaterThan":
      return Number(actual) > Number(wanted);
    case "NumericGreaterThanEquals":
      return Number(actual) >= Number(wanted);
    case "DateEquals":
      return instant(actual) === instant(wanted);
    case "DateLessThan":
      return instant(actual) < instant(wanted);
    case "DateLessThanEquals":
      return instant(actual) <= instant(wanted);
    case "DateGreaterThan":
      return instant(actual) > instant(wanted);
    case "DateGreaterThanEquals":
      return instant(actual) >= instant(wanted);
    case "IpAddress":
      return inCidr(wanted, actual);
    case "StringNotEquals":
    case "StringNotEqualsIgnoreCase":
    case "StringNotLike":
    case "ArnNotEquals":
    case "ArnNotLike":
    case "NumericNotEquals":
    case "DateNotEquals":
    case "NotIpAddress":
    case "Null":
      return false;
  }
}

function holds({ operator, key, values }: Condition, request: PolicyRequest): boolean {
  const parsed = parseOperator(operator);
  if (parsed === undefined) return false;
  const { name, set, ifExists } = parsed;
  const actual = request.value(key.toLowerCase());
  if (name === "Null") return values.some((value) => (value.toLowerCase() === "true") === (actual === undefined));
  const opposite = negations[name];
  if (actual === undefined || actual.length === 0)
    return ifExists || set === "all" || (set === "one" && opposite !== undefined);
  const wanted = values.flatMap((value) => substitute(value, request) ?? []);
  const one = (value: string) =>
    opposite === undefined
      ? wanted.some((each) => compare(name, each, value))
      : !wanted.some((each) => compare(opposite, each, value));
  return set === "all" ? actual.every(one) : actual.some(one);
}

function applies(statement: Statement, request: PolicyRequest): boolean {
  const action = request.action.toLowerCase();
  return (
    includes(statement.principals, request.principal) !== statement.notPrincipal &&
    statement.actions.some((pattern) => matchesPattern(pattern.toLowerCase(), action)) !== statement.notAction &&
    statement.resources.some((pattern) => {
      const own = substitute(pattern, request);
      return own !== undefined && matchesPattern(own, request.resource);
    }) !== statement.notResource &&
    statement.conditions.every((condition) => holds(condition, request))
  );
}

/**
 * What a policy says to a request. One Deny outweighs every Allow.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluatePolicy(policy: Policy, request: PolicyRequest): "allow" | "deny" | "silent" {
  const effects = new Set(policy.filter((statement) => applies(statement, request)).map(({ effect }) => effect));
  if (effects.has("Deny")) return "deny";
  return effects.has("Allow") ? "allow" : "silent";
}

/** Keys that, fixed to a value, make a statement one for a closed circle. */
const closingKeys = [
  "aws:sourcearn",
  "aws:sourcevpc",
  "aws:sourcevpce",
  "aws:sourceowner",
  "aws:sourceaccount",
  "aws:userid",
  "aws:principalarn",
  "aws:principalaccount",
  "aws:principalorgid",
  "s3:x-amz-server-side-encryption-aws-kms-key-id",
  "s3:dataaccesspointarn",
  "s3:dataaccesspointaccount",
];

function closes({ operator, key, values }: Condition): boolean {
  const parsed = parseOperator(operator);
  if (parsed === undefined || parsed.ifExists || parsed.set === "all") return false;
  if (key.toLowerCase() === "aws:sourceip" && parsed.name === "IpAddress") {
    return values.every((cidr) => {
      const [network = "", bits] = cidr.split("/");
      return bits === undefined || Number(bits) >= (isIPv4(network) ? 8 : 32);
    });
  }
  const fixing = ["StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike"].includes(parsed.name);
  const open = (value: string) =>
    key.toLowerCase() === "aws:sourcearn" || key.toLowerCase() === "aws:principalarn"
      ? !/^arn:[^:]*:[^:]*:[^:]*:\d{12}:/.test(value) && /[*?$]/.test(value)
      : /[*?$]/.test(value);
  return fixing && closingKeys.includes(key.toLowerCase()) && !values.some(open);
}

/**
 * Whether a policy lets everybody in, as Block Public Access understands it.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
 */
export function isPublicPolicy(policy: Policy): boolean {
  return policy.some(
    ({ effect, principals, notPrincipal, conditions }) =>
      effect === "Allow" && (principals.any || notPrincipal) && !conditions.some(closes),
  );
}
