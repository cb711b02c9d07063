import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import { TrysailError } from "@trysail/core";

/** Where a mirror is fetched from, in git's own arguments and environment. */
export interface FetchSource {
  /** What git is given, and what people are shown: without credentials. */
  readonly location: string;
  /** Options before git's subcommand. */
  readonly options: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Credentials go through the environment, to a helper that git asks for this one host only: arguments can be read by
 * other users of the machine, and a header of our own would follow a redirect to another host.
 */
const credentialHelper = `!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' "$TRYSAIL_GIT_USERNAME" "$TRYSAIL_GIT_PASSWORD"; }; f`;

/**
 * Reads a URL or an absolute folder.
 *
 * @throws TrysailError `repository-unreachable` (fault: user) for a protocol that is not allowed
 */
export function fetchSource(from: { readonly url: string; readonly token?: string }): FetchSource {
  if (/^https?:\/\//i.test(from.url)) return webSource(from.url, from.token);
  const folder = /^file:\/\//i.test(from.url) ? fileURLToPath(from.url) : from.url;
  if (!isAbsolute(folder)) {
    throw unreachable(withoutCredentials(from.url), "only http and https URLs and absolute folders can be read", {
      next: "For a repository behind SSH, clone it yourself and give the folder of the clone.",
    });
  }
  return { location: folder, options: [], environment: { GIT_ALLOW_PROTOCOL: "file" } };
}

function webSource(text: string, token: string | undefined): FetchSource {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw unreachable(withoutCredentials(text), "it is not a URL");
  }
  const password = token ?? decodeURIComponent(url.password || url.username);
  const username = token === undefined && url.password !== "" ? decodeURIComponent(url.username) : "x-access-token";
  url.username = "";
  url.password = "";
  const location = url.href;
  if (password === "") return { location, options: [], environment: {} };
  if (/[\r\n\0]/.test(username + password)) throw unreachable(location, "the token holds a line break");
  return {
    location,
    options: ["-c", `credential.${url.origin}.helper=${credentialHelper}`],
    environment: { TRYSAIL_GIT_USERNAME: username, TRYSAIL_GIT_PASSWORD: password },
  };
}

/** Text without what stands before the `@` of a URL's host. */
export function withoutCredentials(text: string): string {
  return text.replace(/\/\/[^/@\s]+@/g, "//");
}

/** The error that a mirror fails with. */
export function unreachable(location: string, reason: string, options: { readonly next?: string } = {}): TrysailError {
  return new TrysailError("repository-unreachable", `${location} cannot be read: ${reason}`, {
    fault: "user",
    ...options,
  });
}
