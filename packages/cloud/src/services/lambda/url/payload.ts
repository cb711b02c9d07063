import type { RequestHead } from "../../../wire/http.ts";

/** A request to a function's URL, as far as the event tells of it. */
export interface UrlRequest extends Pick<RequestHead, "method" | "path" | "query" | "headers"> {
  readonly hostname: string;
  readonly body: Buffer;
}

const monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `31/Jan/2026:12:00:00 +0000` */
function logTime(at: number): string {
  const date = new Date(at);
  const day = String(date.getUTCDate()).padStart(2, "0");
  return `${day}/${monthNames[date.getUTCMonth()]}/${date.getUTCFullYear()}:${date.toISOString().slice(11, 19)} +0000`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

/** Parameters of a query by their names; repeated ones are joined with commas. */
function parametersOf(query: string): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const pair of query.split("&").filter((part) => part !== "")) {
    const at = pair.indexOf("=");
    const name = decode(at < 0 ? pair : pair.slice(0, at));
    const value = at < 0 ? "" : decode(pair.slice(at + 1));
    parameters[name] = Object.hasOwn(parameters, name) ? `${parameters[name]},${value}` : value;
  }
  return parameters;
}

/** Bodies of these types are handed over as texts, all others in base64. */
function isText(type: string | undefined): boolean {
  return (
    type !== undefined &&
    /^(text\/|application\/(json|javascript|xml|x-www-form-urlencoded)|[^;]*\+(json|xml)\b)/i.test(type)
  );
}

/**
 * The event of a request: payload format 2.0.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
export function urlEvent(
  request: UrlRequest,
  at: { readonly urlId: string; readonly requestId: string; readonly now: number },
): object {
  const { method, path, query, headers, hostname, body } = request;
  const { cookie, ...others } = headers;
  const { host: _host, connection: _connection, ...sent } = others;
  const own = { ...sent, host: hostname, "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "http" };
  const asText = isText(headers["content-type"]);
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: query,
    ...(cookie !== undefined && { cookies: cookie.split(/;\s*/) }),
    headers: Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)),
    ...(query !== "" && { queryStringParameters: parametersOf(query) }),
    requestContext: {
      accountId: "anonymous",
      apiId: at.urlId,
      domainName: hostname,
      domainPrefix: at.urlId,
      http: {
        method,
        path,
        protocol: "HTTP/1.1",
        sourceIp: "127.0.0.1",
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: at.requestId,
      routeKey: "$default",
      stage: "$default",
      time: logTime(at.now),
      timeEpoch: at.now,
    },
    ...(body.length > 0 && { body: body.toString(asText ? "utf8" : "base64") }),
    isBase64Encoded: body.length > 0 && !asText,
  };
}

export interface UrlResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
}

/** The client's answer out of a function's. Undefined if the function's is none that can be one. */
export function urlResponse(payload: Buffer): UrlResponse | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(payload.toString());
  } catch {
    return undefined;
  }
  if (typeof answer !== "object" || answer === null || !("statusCode" in answer)) {
    const body = Buffer.from(typeof answer === "string" ? answer : JSON.stringify(answer));
    return { status: 200, headers: { "content-type": "application/json" }, cookies: [], body };
  }
  const { statusCode, headers, cookies, body = "", isBase64Encoded } = answer as Readonly<Record<string, unknown>>;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined;
  const given = typeof headers === "object" && headers !== null ? Object.entries(headers) : [];
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return {
    status,
    headers: {
      "content-type": "application/json",
      ...Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), String(value)])),
    },
    cookies: Array.isArray(cookies) ? cookies.map(String) : [],
    body: Buffer.from(text, isBase64Encoded === true ? "base64" : "utf8"),
  };
}
