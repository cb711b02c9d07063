import type { CORSRule } from "@aws-sdk/client-s3";
import type { AwsError } from "../../kernel/errors.ts";
import { errors, malformedXml } from "./errors.ts";
import { matchesPattern } from "./policy/pattern.ts";

const methods = ["GET", "PUT", "HEAD", "POST", "DELETE"];
const mostRules = 100;

/** What is wrong with a CORS configuration; undefined if nothing is. */
export function corsFault(rules: readonly CORSRule[]): AwsError | undefined {
  if (rules.length === 0 || rules.length > mostRules) return malformedXml();
  for (const { AllowedMethods = [], AllowedOrigins = [], AllowedHeaders = [], ExposeHeaders = [] } of rules) {
    if (AllowedMethods.length === 0 || AllowedOrigins.length === 0) return malformedXml();
    const method = AllowedMethods.find((each) => !methods.includes(each));
    if (method !== undefined) {
      return errors.InvalidRequest(`Found unsupported HTTP method in CORS config. Unsupported method is ${method}`);
    }
    const origin = AllowedOrigins.find((each) => each.split("*").length > 2);
    if (origin !== undefined)
      return errors.InvalidRequest(`AllowedOrigin "${origin}" can not have more than one wildcard.`);
    const header = AllowedHeaders.find((each) => each.split("*").length > 2);
    if (header !== undefined)
      return errors.InvalidRequest(`AllowedHeader "${header}" can not have more than one wildcard.`);
    const exposed = ExposeHeaders.find((each) => each.includes("*"));
    if (exposed !== undefined) {
      return errors.InvalidRequest(
        `ExposeHeader "${exposed}" contains wildcard. We currently do not support wildcard for ExposeHeader.`,
      );
    }
  }
  return undefined;
}

export interface CrossOriginRequest {
  readonly origin: string;
  /** Of the request itself, or, in a preflight, of the request that it announces. */
  readonly method: string;
  /** The headers that a preflight announces; empty for an actual request. */
  readonly requestedHeaders: readonly string[];
}

/** The headers that a preflight announces, from `Access-Control-Request-Headers`. */
export function requestedHeaders(header: string | undefined): readonly string[] {
  return (header ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
}

/**
 * The headers by which the first rule that fits lets a page of another origin in; undefined if none fits.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
 */
export function corsGrant(
  rules: readonly CORSRule[],
  request: CrossOriginRequest,
): Readonly<Record<string, string>> | undefined {
  for (const rule of rules) {
    const origin = (rule.AllowedOrigins ?? []).find((pattern) => matchesPattern(pattern, request.origin));
    const allowed = (rule.AllowedHeaders ?? []).map((pattern) => pattern.toLowerCase());
    const headersFit = request.requestedHeaders.every((name) =>
      allowed.some((pattern) => matchesPattern(pattern, name)),
    );
    if (origin === undefined || !(rule.AllowedMethods ?? []).includes(request.method) || !headersFit) continue;
    const anyOrigin = origin === "*";
    return {
      "access-control-allow-origin": anyOrigin ? "*" : request.origin,
      "access-control-allow-methods": (rule.AllowedMethods ?? []).join(", "),
      ...(request.requestedHeaders.length > 0 && {
        "access-control-allow-headers": request.requestedHeaders.join(", "),
      }),
      ...(rule.ExposeHeaders?.length && { "access-control-expose-headers": rule.ExposeHeaders.join(", ") }),
      ...(rule.MaxAgeSeconds !== undefined && { "access-control-max-age": String(rule.MaxAgeSeconds) }),
      ...(!anyOrigin && { "access-control-allow-credentials": "true" }),
      vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
    };
  }
  return undefined;
}
