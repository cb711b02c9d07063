import type { RedirectAllRequestsTo, RoutingRule, WebsiteConfiguration } from "@aws-sdk/client-s3";
import type { AwsError } from "../../../kernel/errors.ts";
import { errors, invalidArgument } from "../errors.ts";

const mostRoutingRules = 50;

/** What is wrong with a website's configuration; undefined if nothing is. */
export function websiteFault(site: WebsiteConfiguration): AwsError | undefined {
  const {
    IndexDocument: index,
    ErrorDocument: errorDocument,
    RedirectAllRequestsTo: all,
    RoutingRules: rules = [],
  } = site;
  if (all !== undefined) {
    if (index !== undefined || errorDocument !== undefined || rules.length > 0) {
      return invalidArgument(
        "RedirectAllRequestsTo",
        "",
        "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
      );
    }
    return protocolFault(all.Protocol);
  }
  if (index === undefined)
    return invalidArgument(
      "IndexDocument",
      "null",
      "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
    );
  if (index.Suffix === undefined || index.Suffix === "" || index.Suffix.includes("/")) {
    return invalidArgument("IndexDocument", index.Suffix ?? "", "The IndexDocument Suffix is not well formed");
  }
  if (errorDocument !== undefined && (errorDocument.Key ?? "") === "") {
    return invalidArgument("ErrorDocument", "", "The ErrorDocument Key is not well formed");
  }
  if (rules.length > mostRoutingRules)
    return errors.InvalidRequest(
      `${rules.length} routing rules are more than the ${mostRoutingRules} that are allowed.`,
    );
  return rules.map(ruleFault).find((fault) => fault !== undefined);
}

function protocolFault(protocol: string | undefined): AwsError | undefined {
  if (protocol === undefined || protocol === "http" || protocol === "https") return undefined;
  return errors.InvalidRequest(
    "Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically.",
  );
}

function ruleFault({ Condition: condition, Redirect: redirect }: RoutingRule): AwsError | undefined {
  if (redirect === undefined || Object.values(redirect).every((value) => value === undefined)) {
    return errors.InvalidRequest(
      "A Redirect must contain at least one of Protocol, HostName, ReplaceKeyPrefixWith, ReplaceKeyWith or HttpRedirectCode.",
    );
  }
  if (redirect.ReplaceKeyPrefixWith !== undefined && redirect.ReplaceKeyWith !== undefined) {
    return errors.InvalidRequest("You can only define ReplaceKeyPrefix or ReplaceKey but not both.");
  }
  const { HttpRedirectCode: code } = redirect;
  if (code !== undefined && !/^3\d\d$/.test(code)) {
    return errors.InvalidRequest(
      `The provided HTTP redirect code (${code}) is not valid. Valid codes are 3XX except 300.`,
    );
  }
  const { HttpErrorCodeReturnedEquals: status } = condition ?? {};
  if (status !== undefined && !/^[45]\d\d$/.test(status)) {
    return errors.InvalidRequest(`The provided HTTP error code (${status}) is not valid. Valid codes are 4XX or 5XX.`);
  }
  return protocolFault(redirect.Protocol);
}

/** Where a redirect leads. */
export interface SiteRedirect {
  readonly status: number;
  readonly location: string;
}

/** Encoded for a path, its slashes kept. */
export function encodeKey(key: string): string {
  return key.split("/").map(encodeURIComponent).join("/");
}

/** Where a site that redirects everything sends a request. */
export function redirectAll(target: RedirectAllRequestsTo, pathAndQuery: string): SiteRedirect {
  return { status: 301, location: `${target.Protocol ?? "http"}://${target.HostName}${pathAndQuery}` };
}

/** The object that a path means: of a folder its index document. */
export function keyOf(path: string, indexSuffix: string): string {
  return path === "" || path.endsWith("/") ? `${path}${indexSuffix}` : path;
}

/**
 * The redirect of the first routing rule that fits.
 *
 * @param key - the path as it was asked for, without its leading slash, decoded
 * @param status - the error that the request met; undefined before the object is looked for, when rules that wait for
 *   an error do not count
 * @param host - the host and port that the request was sent to
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-page-redirect.html
 */
export function routedTo(
  rules: readonly RoutingRule[],
  key: string,
  status: number | undefined,
  host: string,
): SiteRedirect | undefined {
  for (const { Condition: condition = {}, Redirect: redirect = {} } of rules) {
    const prefix = condition.KeyPrefixEquals ?? "";
    const wanted = condition.HttpErrorCodeReturnedEquals;
    if (!key.startsWith(prefix) || wanted !== (status === undefined ? undefined : String(status))) continue;
    // What replaces is taken as it is written: `#!/` leads single-page applications to their router.
    const target =
      redirect.ReplaceKeyWith !== undefined
        ? encodeURI(redirect.ReplaceKeyWith)
        : redirect.ReplaceKeyPrefixWith !== undefined
          ? encodeURI(redirect.ReplaceKeyPrefixWith) + encodeKey(key.slice(prefix.length))
          : encodeKey(key);
    return {
      status: Number(redirect.HttpRedirectCode ?? 301),
      location: `${redirect.Protocol ?? "http"}://${redirect.HostName ?? host}/${target}`,
    };
  }
  return undefined;
}
