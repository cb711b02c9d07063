import { PatternError } from "../../../event-pattern/matcher.ts";
import { parsePattern } from "../../../event-pattern/pattern.ts";
import type { Pattern } from "../../../event-pattern/pattern.ts";
import { limits } from "../limits.ts";
import type { MessageAttribute, Subscription } from "../model.ts";

/** Why a policy is wrong: its form, or that it is larger than policies may be. */
type PolicyFault = { readonly kind: "wrong" | "too-large"; readonly reason: string };

type Scope = "MessageAttributes" | "MessageBody";

/** A policy's lists of conditions, one of each field; alternatives are fields too. */
function listsOf(policy: unknown, depth = 1): { readonly depth: number; readonly size: number }[] {
  if (typeof policy !== "object" || policy === null) return [];
  return Object.entries(policy).flatMap(([field, wanted]) => {
    if (field === "$or" && Array.isArray(wanted)) return wanted.flatMap((one) => listsOf(one, depth));
    return Array.isArray(wanted) ? [{ depth, size: wanted.length }] : listsOf(wanted, depth + 1);
  });
}

/**
 * What is wrong with a filter policy; undefined if nothing is.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
 */
export function faultOf(text: string, scope: Scope): PolicyFault | undefined {
  if (Buffer.byteLength(text) > limits.filterPolicyBytes)
    return { kind: "too-large", reason: "Filter policy is larger than 256 KB" };
  try {
    // The empty one, which accepts all, is no pattern.
    if (!isEmpty(text)) parsePattern(text);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return { kind: "wrong", reason: error.message };
  }
  const lists = listsOf(JSON.parse(text));
  if (scope === "MessageAttributes" && lists.some(({ depth }) => depth > 1))
    return { kind: "wrong", reason: "Filter policy scope MessageAttributes does not support nested filter policy" };
  if (lists.length > limits.filterPolicyKeys)
    return { kind: "too-large", reason: `Filter policy can not have more than ${limits.filterPolicyKeys} keys` };
  if (lists.reduce((product, { depth, size }) => product * depth * size, 1) > limits.filterPolicyCombinations)
    return { kind: "too-large", reason: "Filter policy is too complex" };
  return undefined;
}

function isEmpty(text: string): boolean {
  return /^\s*\{\s*\}\s*$/.test(text);
}

/** What a policy decides of a message; where it is not accepted, the metric that counts it beside the general one. */
type Decision = "accepted" | "InvalidAttributes" | "NoMessageAttributes" | "MessageBody" | "InvalidMessageBody";

/**
 * Whether a subscription's filter policy accepts a message.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 */
export function decide(
  { attributes }: Pick<Subscription, "attributes">,
  text: string,
  given: Readonly<Record<string, MessageAttribute>>,
): Decision {
  const policy = attributes["FilterPolicy"];
  if (policy === undefined || isEmpty(policy)) return "accepted";
  const pattern: Pattern = parsePattern(policy);
  if (attributes["FilterPolicyScope"] === "MessageBody") {
    const body = jsonOf(text);
    if (typeof body !== "object" || body === null || Array.isArray(body)) return "InvalidMessageBody";
    return pattern(body) ? "accepted" : "MessageBody";
  }
  const values = Object.entries(given).flatMap(([name, attribute]) => {
    const value = valueOf(attribute);
    return value === undefined ? [] : [[name, value]];
  });
  if (pattern(Object.fromEntries(values))) return "accepted";
  return Object.keys(given).length === 0 ? "NoMessageAttributes" : "InvalidAttributes";
}

/** Undefined for what policies do not see: bytes, and lists that are none. */
function valueOf({ Type, Value }: MessageAttribute): unknown {
  if (/^String\.Array(?:\.|$)/.test(Type)) {
    const list = jsonOf(Value);
    return Array.isArray(list) ? list : undefined;
  }
  if (/^Number(?:\.|$)/.test(Type)) return Number(Value);
  return /^String(?:\.|$)/.test(Type) ? Value : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
