import { connectionFields, declaredFraming, hasControls, noBody, parseFields } from "./header.ts";
import type { Framing, Header } from "./header.ts";

/** What a target answers, as far as its head tells. */
export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly Header[];
  /** Members of `Connection`, lower case. */
  readonly connection: readonly string[];
  /** Of an answer to GET; see {@link responseFraming}. */
  readonly framing: Framing;
  /** Whether the target leaves its connection open. */
  readonly keepsAlive: boolean;
  /** For how long the target says that it will leave an idle connection open. */
  readonly keepAliveSeconds: number | undefined;
}

/** An answer's head may be half as large as a question's. @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html */
export const responseHeadBytes = 32 * 1024;

const close: Framing = { kind: "close" };

/** Undefined if it is not an answer in HTTP/1 or could be understood in two ways. */
export function parseResponseHead(text: string): ResponseHead | undefined {
  const lines = text.split("\r\n");
  const [line = ""] = lines;
  const status = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: (.*))?$/.exec(line);
  if (status === null || hasControls(line)) return undefined;
  const headers = parseFields(lines, 1, lines.length - 2);
  if (headers === undefined) return undefined;
  const framing = declaredFraming(headers);
  if (framing === "bad" || framing === "unsupported") return undefined;
  const { members } = connectionFields(headers);
  const keepAlive = headers.find(({ lower }) => lower === "keep-alive");
  const timeout = keepAlive === undefined ? null : /timeout=(\d+)/.exec(keepAlive.value);
  return {
    status: Number(status[2]),
    reason: status[3] ?? "",
    headers,
    connection: members,
    framing: framing ?? close,
    keepsAlive: status[1] === "1" ? !members.includes("close") : members.includes("keep-alive"),
    keepAliveSeconds: timeout === null ? undefined : Number(timeout[1]),
  };
}

/** How the answer's body ends, given what was asked (RFC 9112, 6.3). */
export function responseFraming(head: ResponseHead, method: string): Framing {
  const { status } = head;
  if (method === "HEAD" || status === 204 || status === 304 || status < 200) return noBody;
  return head.framing;
}
