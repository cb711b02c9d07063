import type { Service } from "../../kernel/service.ts";
import { corsGrant, requestedHeaders } from "./cors.ts";
import { configurationOf, homeOf, tables } from "./store.ts";

/** The bucket that a request is for: its path's first part, or the website that its host names. */
function bucketOf(path: string, hostname: string): string {
  return /^(?<bucket>.+)\.s3-website[.-]/.exec(hostname)?.groups?.["bucket"] ?? /^\/([^/]*)/.exec(path)?.[1] ?? "";
}

/** What a bucket's CORS configuration lets pages of other origins do. */
export const crossOrigin: NonNullable<Service["crossOrigin"]> = (ctx, { method, path, hostname, headers }, origin) => {
  const bucket = ctx.table(tables.buckets).get(bucketOf(path, hostname));
  if (bucket === undefined) return undefined;
  const rules = configurationOf(homeOf(ctx, bucket), bucket.name, "cors")?.CORSRules ?? [];
  const isPreflight = method === "OPTIONS";
  return corsGrant(rules, {
    origin,
    method: isPreflight ? (headers["access-control-request-method"] ?? "") : method,
    requestedHeaders: isPreflight ? requestedHeaders(headers["access-control-request-headers"]) : [],
  });
};
