import type { Answer } from "../http/answers.ts";
import { reasonOf } from "../http/answers.ts";
import type { Header } from "../http/header.ts";
import type { RequestHead } from "../http/request-head.ts";

/** What a function is asked with. @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html#receive-event-from-load-balancer */
export interface LambdaRequest {
  readonly head: Pick<RequestHead, "method" | "path" | "query">;
  /** With those that the balancer adds. */
  readonly headers: readonly Pick<Header, "lower" | "value">[];
  readonly body: Buffer;
  readonly targetGroupArn: string;
  readonly multiValueHeaders: boolean;
}

const textTypes = /^(text\/|application\/(json|javascript|xml)\b)/i;

/** A request as the event that a function gets. */
export function lambdaEvent({ head, headers, body, targetGroupArn, multiValueHeaders }: LambdaRequest): object {
  const headerOf = (name: string) => headers.find(({ lower }) => lower === name)?.value;
  const isText = headerOf("content-encoding") === undefined && textTypes.test(headerOf("content-type") ?? "");
  const isBase64Encoded = body.length > 0 && !isText;
  const query = (head.query ?? "")
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair): [string, string] => {
      const equals = pair.indexOf("=");
      return equals < 0 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)];
    });
  const fields = headers.map(({ lower, value }): [string, string] => [lower, value]);
  return {
    requestContext: { elb: { targetGroupArn } },
    httpMethod: head.method,
    path: head.path,
    // Of several values, a function that is not sent all gets the last.
    ...(multiValueHeaders
      ? { multiValueQueryStringParameters: grouped(query), multiValueHeaders: grouped(fields) }
      : { queryStringParameters: Object.fromEntries(query), headers: Object.fromEntries(fields) }),
    body: body.toString(isBase64Encoded ? "base64" : "utf8"),
    isBase64Encoded,
  };
}

function grouped(pairs: readonly (readonly [string, string])[]): Record<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [name, value] of pairs) groups.set(name, [...(groups.get(name) ?? []), value]);
  return Object.fromEntries(groups);
}

/** What a function may answer with. */
interface LambdaResponse {
  readonly statusCode?: unknown;
  readonly statusDescription?: unknown;
  readonly headers?: unknown;
  readonly multiValueHeaders?: unknown;
  readonly body?: unknown;
  readonly isBase64Encoded?: unknown;
}

/** Fields that are the balancer's to set. */
const ownFields = /^(connection|transfer-encoding|content-length|date|server|keep-alive|upgrade)$/i;

/**
 * A function's answer as it is sent to the client. Undefined if it is not in the form that a balancer demands, which
 * ends in 502.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html#respond-to-load-balancer
 */
export function lambdaAnswer(payload: string, multiValueHeaders: boolean): Answer | undefined {
  const answer = parsed(payload);
  if (answer === undefined) return undefined;
  const { statusCode, statusDescription, body = "", isBase64Encoded = false } = answer;
  const status = typeof statusCode === "string" && /^\d{3}$/.test(statusCode) ? Number(statusCode) : statusCode;
  if (typeof status !== "number" || !Number.isInteger(status) || status < 200 || status > 599) return undefined;
  if (typeof body !== "string" || typeof isBase64Encoded !== "boolean") return undefined;
  const given = multiValueHeaders ? answer.multiValueHeaders : answer.headers;
  const headers: [string, string][] = [];
  for (const [name, value] of Object.entries(given ?? {})) {
    if (ownFields.test(name)) continue;
    for (const one of multiValueHeaders && Array.isArray(value) ? (value as unknown[]) : [value]) {
      const text = String(one);
      // oxlint-disable-next-line no-control-regex -- such a field would end the head
      if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) || /[\u0000-\u0008\u000a-\u001f\u007f]/.test(text))
        return undefined;
      headers.push([name, text]);
    }
  }
  const [, reason] =
    typeof statusDescription === "string" ? (/^\d{3} ([\x20-\x7e]*)$/.exec(statusDescription) ?? []) : [];
  return {
    status,
    reason: reason ?? reasonOf(status),
    headers,
    body: isBase64Encoded ? Buffer.from(body, "base64") : body,
  };
}

function parsed(payload: string): LambdaResponse | undefined {
  try {
    const answer: unknown = JSON.parse(payload);
    return typeof answer === "object" && answer !== null && !Array.isArray(answer) ? answer : undefined;
  } catch {
    return undefined;
  }
}
