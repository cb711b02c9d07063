import type { Cors } from "@aws-sdk/client-lambda";

/**
 * The headers by which a URL lets a page of another origin in; undefined if it does not.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Cors.html
 */
export function corsGrant(
  cors: Cors | undefined,
  request: { readonly origin: string; readonly method: string },
): Readonly<Record<string, string>> | undefined {
  if (cors === undefined) return undefined;
  const has = (list: readonly string[] | undefined, value: string) =>
    list?.includes("*") === true || list?.includes(value) === true;
  if (!has(cors.AllowOrigins, request.origin) || !has(cors.AllowMethods, request.method)) return undefined;
  const isAny = cors.AllowOrigins?.includes("*") === true && cors.AllowCredentials !== true;
  return {
    "access-control-allow-origin": isAny ? "*" : request.origin,
    "access-control-allow-methods": (cors.AllowMethods ?? []).join(","),
    ...(cors.AllowHeaders?.length && { "access-control-allow-headers": cors.AllowHeaders.join(",") }),
    ...(cors.ExposeHeaders?.length && { "access-control-expose-headers": cors.ExposeHeaders.join(",") }),
    ...(cors.MaxAge !== undefined && { "access-control-max-age": String(cors.MaxAge) }),
    ...(cors.AllowCredentials === true && { "access-control-allow-credentials": "true" }),
    vary: "Origin",
  };
}
