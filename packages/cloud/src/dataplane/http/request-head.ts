import { connectionFields, declaredFraming, hasControls, isToken, noBody, parseFields } from "./header.ts";
import type { Framing, Header } from "./header.ts";

/** What a client asks, as far as its head tells. */
export interface RequestHead {
  readonly method: string;
  /** With the query; the path alone where the target was in absolute form. */
  readonly target: string;
  readonly path: string;
  /** Without its question mark. Undefined: there is none. */
  readonly query: string | undefined;
  /** The minor version of HTTP/1. */
  readonly minor: 0 | 1;
  /** As sent, with its port. Empty if there is none. */
  readonly host: string;
  readonly headers: readonly Header[];
  /** Members of `Connection`, lower case. */
  readonly connection: readonly string[];
  readonly framing: Framing;
  readonly keepsAlive: boolean;
  readonly expectsContinue: boolean;
  /** The protocol that the client asks to switch to. */
  readonly upgrade: string | undefined;
}

/** Limits of an Application Load Balancer. @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html */
export const requestLimits = { lineBytes: 16 * 1024, headerBytes: 16 * 1024, headBytes: 64 * 1024 };

/** The status with which a head is refused. */
export type Refusal = { readonly refused: 400 | 405 | 414 | 501 | 505 };

const refuse = (refused: Refusal["refused"]): Refusal => ({ refused });

/**
 * Reads a request's head, strictly: whatever two servers could understand in two ways is refused.
 *
 * @param text - the head in Latin-1, with the empty line that ends it
 * @see https://www.rfc-editor.org/rfc/rfc9112
 */
export function parseRequestHead(text: string): RequestHead | Refusal {
  const lines = text.split("\r\n");
  const [line = ""] = lines;
  if (line.length > requestLimits.lineBytes) return refuse(414);
  const [method = "", target = "", version = "", ...more] = line.split(" ");
  if (more.length > 0 || !isToken(method) || target === "" || hasControls(line)) return refuse(400);
  if (version !== "HTTP/1.1" && version !== "HTTP/1.0") return refuse(/^HTTP\/\d\.\d$/.test(version) ? 505 : 400);
  const minor = version === "HTTP/1.1" ? 1 : 0;
  if (method === "TRACE") return refuse(405);
  const form = parseTarget(method, target);
  if (form === undefined) return refuse(400);

  // The head ends in two line breaks: two empty pieces.
  const headers = parseFields(lines, 1, lines.length - 2);
  if (headers === undefined) return refuse(400);
  const framing = declaredFraming(headers) ?? noBody;
  if (framing === "bad") return refuse(400);
  if (framing === "unsupported") return refuse(501);
  // A server of that age would read the chunks as the next request.
  if (framing.kind === "chunked" && minor === 0) return refuse(400);

  let host: string | undefined;
  let expectsContinue = false;
  let upgrade: string | undefined;
  for (const { name, lower, value } of headers) {
    if (name.length + value.length > requestLimits.headerBytes) return refuse(400);
    if (lower === "host") {
      if (host !== undefined || /[\s/@?#\\]/.test(value)) return refuse(400);
      host = value;
    } else if (lower === "expect") expectsContinue = value.toLowerCase() === "100-continue";
    else if (lower === "upgrade") upgrade = value;
  }
  if (host === undefined && minor === 1) return refuse(400);
  const { members } = connectionFields(headers);
  return {
    method,
    ...form,
    minor,
    host: form.authority ?? host ?? "",
    headers,
    connection: members,
    framing,
    keepsAlive: minor === 1 ? !members.includes("close") : members.includes("keep-alive"),
    expectsContinue: expectsContinue && minor === 1,
    upgrade: members.includes("upgrade") && minor === 1 ? upgrade : undefined,
  };
}

function parseTarget(
  method: string,
  target: string,
): { target: string; path: string; query: string | undefined; authority?: string } | undefined {
  if (target.startsWith("/")) return { target, ...splitQuery(target) };
  if (target === "*") return method === "OPTIONS" ? { target, path: target, query: undefined } : undefined;
  const absolute = /^https?:\/\/([^/?#@\\]+)(.*)$/i.exec(target);
  if (absolute === null) return undefined;
  const [, authority = "", rest = ""] = absolute;
  const origin = rest.startsWith("/") ? rest : `/${rest}`;
  return { target: origin, ...splitQuery(origin), authority };
}

function splitQuery(target: string): { path: string; query: string | undefined } {
  const mark = target.indexOf("?");
  return mark < 0 ? { path: target, query: undefined } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

/** Methods that may be sent twice without asking for more than once (RFC 9110, 9.2.2). */
export const isIdempotent = (method: string): boolean =>
  method === "GET" || method === "HEAD" || method === "OPTIONS" || method === "PUT" || method === "DELETE";
