import { createHash } from "node:crypto";

/**
 * What a stickiness cookie says: where to, and until when. AWS encrypts it; here it names the target by a digest, so
 * that it tells nothing, and still holds when the balancer's worker was replaced.
 */
export interface StickyCookie {
  readonly token: string;
  readonly expiresAt: number;
}

/** The browser is told to keep the cookie for a week; the duration is inside of it. */
const browserKeepsMs = 7 * 24 * 60 * 60 * 1000;

/** How a target (or a target group) is named in cookies. */
export const tokenOf = (...names: readonly string[]): string =>
  createHash("sha256").update(names.join("\n")).digest("base64url").slice(0, 22);

/**
 * The fields that set a cookie, and its twin for requests from other sites.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html
 */
export function setCookieFields(name: string, { token, expiresAt }: StickyCookie, now: number): string {
  const value = `${token}.${Math.ceil(expiresAt / 1000).toString(36)}`;
  const expires = new Date(now + browserKeepsMs).toUTCString();
  const cors = name.startsWith("AWSALBAPP")
    ? ""
    : `Set-Cookie: ${name}CORS=${value}; Expires=${expires}; Path=/; SameSite=None; Secure\r\n`;
  return `Set-Cookie: ${name}=${value}; Expires=${expires}; Path=/\r\n${cors}`;
}

/** What a request's cookie says, if it still holds. */
export function readStickyCookie(cookies: string, name: string, now: number): string | undefined {
  const value = cookieValue(cookies, name) ?? cookieValue(cookies, `${name}CORS`);
  if (value === undefined) return undefined;
  const [token = "", until = ""] = value.split(".");
  return Number.parseInt(until, 36) * 1000 > now ? token : undefined;
}

export function cookieValue(cookies: string, name: string): string | undefined {
  for (const pair of cookies.split(";")) {
    const equals = pair.indexOf("=");
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}
