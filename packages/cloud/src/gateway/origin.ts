import type { RequestHead } from "../wire/http.ts";

/** A host without its port: `[::1]:4566` is `[::1]`. */
export function hostnameOf(host: string): string {
  return host.replace(/:\d+$/, "").toLowerCase();
}

/**
 * Whether a request that names this host may be meant for us. A page whose own name resolves to the loopback address
 * (DNS rebinding) would otherwise be of "the same origin". An address is no name, and containers reach us by one; or, on
 * macOS, by a name that is nobody else's.
 */
export function isOwnHost(hostname: string, boundTo: string): boolean {
  if (hostname === boundTo || hostname === "localhost" || hostname === "[::1]" || hostname === "host.docker.internal")
    return true;
  return hostname.endsWith(".localhost") || /^\d{1,3}(\.\d{1,3}){3}$/.test(hostname);
}

/**
 * The origin of the page that sent this request, if it is not of our own: browsers tell it in `Origin`, or, where
 * they leave that out (images, scripts, forms that GET), in Fetch Metadata. Following a link is not foreign.
 *
 * @see https://developer.mozilla.org/en-US/docs/Glossary/Fetch_metadata_request_header
 */
export function foreignOrigin({ headers }: RequestHead): string | undefined {
  const { origin, host } = headers;
  if (origin !== undefined) return origin === `http://${host}` ? undefined : origin;
  const site = headers["sec-fetch-site"];
  const elsewhere = site === "cross-site" || site === "same-site";
  return elsewhere && headers["sec-fetch-mode"] !== "navigate" ? "null" : undefined;
}
