import { hopByHop } from "../http/header.ts";
import type { RequestHead } from "../http/request-head.ts";
import type { ResponseHead } from "../http/response-head.ts";
import type { ListenerSettings } from "./listener-settings.ts";

/** Who asks, and where it came in. */
export interface Arrival {
  readonly clientAddress: string;
  readonly clientPort: number;
  readonly protocol: "http" | "https";
  readonly listenerPort: number;
  /** Of a TLS connection. */
  readonly tls?: { readonly version: string; readonly cipherSuite: string };
}

/** Names that are valid to AWS; others are dropped if the balancer is told so. */
const plainName = /^[-A-Za-z0-9]+$/;

const setHere: ReadonlySet<string> = new Set([
  "x-forwarded-proto",
  "x-forwarded-port",
  "x-amzn-trace-id",
  "x-amzn-tls-version",
  "x-amzn-tls-cipher-suite",
  // The balancer has answered it.
  "expect",
]);

/**
 * The head with which a request is handed on, without the trace id and the empty line, which differ each time.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
 */
export function forwardedRequestHead(head: RequestHead, arrival: Arrival, settings: ListenerSettings): string {
  const { xffMode, dropsInvalidFields } = settings;
  const isDropped = (lower: string) => hopByHop.has(lower) || setHere.has(lower) || head.connection.includes(lower);
  let text = `${head.method} ${head.target} HTTP/1.1\r\n`;
  let forwardedFor = "";
  let hasHost = false;
  for (const { name, lower, value } of head.headers) {
    if (lower === "x-forwarded-for" && xffMode !== "preserve") {
      forwardedFor = forwardedFor === "" ? value : `${forwardedFor}, ${value}`;
      continue;
    }
    if (isDropped(lower) || (dropsInvalidFields && !plainName.test(name))) continue;
    // In absolute form, the target's authority counts (RFC 9112, 3.2.2).
    if (lower === "host") {
      hasHost = true;
      text += `${name}: ${head.host}\r\n`;
    } else text += `${name}: ${value}\r\n`;
  }
  // HTTP/1.1, in which it is handed on, demands one.
  if (!hasHost) text += `Host: ${head.host}\r\n`;
  if (head.upgrade !== undefined) text += `Upgrade: ${head.upgrade}\r\nConnection: Upgrade\r\n`;
  if (xffMode === "append") {
    const own = settings.xffClientPort ? addressAndPort(arrival) : arrival.clientAddress;
    text += `X-Forwarded-For: ${forwardedFor === "" ? own : `${forwardedFor}, ${own}`}\r\n`;
  }
  text += `X-Forwarded-Proto: ${arrival.protocol}\r\nX-Forwarded-Port: ${arrival.listenerPort}\r\n`;
  if (arrival.tls !== undefined && settings.tlsHeaders) {
    text += `X-Amzn-Tls-Version: ${arrival.tls.version}\r\nX-Amzn-Tls-Cipher-Suite: ${arrival.tls.cipherSuite}\r\n`;
  }
  return text;
}

function addressAndPort({ clientAddress, clientPort }: Arrival): string {
  return clientAddress.includes(":") ? `[${clientAddress}]:${clientPort}` : `${clientAddress}:${clientPort}`;
}

/** The head with which an answer is handed on, without what is added for this client and the empty line. */
export function forwardedResponseHead(head: ResponseHead, options: { readonly withoutChunks: boolean }): string {
  let text = `HTTP/1.1 ${head.status} ${head.reason}\r\n`;
  for (const { name, lower, value } of head.headers) {
    if (hopByHop.has(lower) || head.connection.includes(lower)) continue;
    if (options.withoutChunks && (lower === "transfer-encoding" || lower === "trailer")) continue;
    text += `${name}: ${value}\r\n`;
  }
  return text;
}
