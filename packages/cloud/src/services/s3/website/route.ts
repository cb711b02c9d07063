import type { WebsiteConfiguration } from "@aws-sdk/client-s3";
import type { Context } from "../../../kernel/context.ts";
import { AwsError } from "../../../kernel/errors.ts";
import type { Route } from "../../../kernel/service.ts";
import type { HttpRequest, HttpResponse } from "../../../wire/http.ts";
import { findBucket, mayRead } from "../access.ts";
import type { OpenBucket } from "../access.ts";
import { openBody } from "../bodies.ts";
import { errors, noSuchKey } from "../errors.ts";
import { quoted, shownVersionId } from "../model.ts";
import type { StoredObject } from "../model.ts";
import { contentRange } from "../ranges.ts";
import { requireConditions, requireRange } from "../reading.ts";
import { configurationOf, homeOf } from "../store.ts";
import { currentObject } from "../versions.ts";
import { errorPage } from "./pages.ts";
import type { ErrorDetails } from "./pages.ts";
import { encodeKey, keyOf, redirectAll, routedTo } from "./plan.ts";
import type { SiteRedirect } from "./plan.ts";

const hostPattern = /^(?<bucket>.+)\.s3-website[.-](?<region>[a-z]{2}(?:-[a-z]+)+-\d)\.(?:localhost|amazonaws\.com)$/;

/** One request to a website. */
interface Visit extends OpenBucket {
  readonly ctx: Context;
  readonly request: HttpRequest;
  readonly site: WebsiteConfiguration;
  /** The path that was asked for: decoded, without its leading slash. */
  readonly path: string;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** What an error says on a page. */
function detailsOf(error: AwsError): ErrorDetails {
  const members = Object.entries(error.members).filter(([name]) => name !== name.toLowerCase());
  return {
    Code: error.code,
    Message: error.message,
    ...Object.fromEntries(members.map(([name, value]) => [name, textOf(value)])),
  };
}

function page(visit: Pick<Visit, "ctx" | "request">, error: AwsError, documentError?: AwsError): HttpResponse {
  const details = { ...detailsOf(error), RequestId: visit.ctx.requestId };
  const body = Buffer.from(errorPage(error.status, details, documentError && detailsOf(documentError)));
  const headers = {
    "content-type": "text/html; charset=utf-8",
    "content-length": String(body.length),
    "x-amz-error-code": error.code,
    "x-amz-error-message": error.message,
    "x-amz-request-id": visit.ctx.requestId,
  };
  return { status: error.status, headers, body: visit.request.method === "HEAD" ? new Uint8Array() : body };
}

function redirect({ status, location }: SiteRedirect): HttpResponse {
  return { status, headers: { location, "content-length": "0" }, body: new Uint8Array() };
}

/**
 * The object of a key, if everybody may read it.
 *
 * @throws AwsError `AccessDenied`, `NoSuchKey`
 */
function publicObject({ ctx, bucket, home, request }: Visit, key: string): StoredObject {
  const object = currentObject(home, bucket, key);
  const values = {
    "aws:referer": request.headers["referer"],
    "aws:useragent": request.headers["user-agent"],
    // As at AWS, websites are served without TLS.
    "aws:securetransport": "false",
  };
  if (!mayRead(ctx, { bucket, home }, key, object, values)) throw errors.AccessDenied("Access Denied");
  if (object === undefined) throw noSuchKey(key);
  return object;
}

function dateOf(header: string | undefined): Date | undefined {
  const time = Date.parse(header ?? "");
  return Number.isNaN(time) ? undefined : new Date(time);
}

async function serve(visit: Visit, object: StoredObject, status: number): Promise<HttpResponse> {
  const { bucket, home, request } = visit;
  const { headers: sent } = request;
  if (object.redirect !== undefined && status === 200) return redirect({ status: 301, location: object.redirect });
  if (status === 200) {
    requireConditions(
      {
        ifMatch: sent["if-match"],
        ifNoneMatch: sent["if-none-match"],
        ifModifiedSince: dateOf(sent["if-modified-since"]),
        ifUnmodifiedSince: dateOf(sent["if-unmodified-since"]),
      },
      object,
    );
  }
  const range = status === 200 ? requireRange(sent["range"], object.sizeBytes) : undefined;
  const lengthBytes = range === undefined ? object.sizeBytes : range.end - range.start + 1;
  const headers: Record<string, string> = {
    "content-type": object.headers.ContentType ?? "binary/octet-stream",
    "content-length": String(lengthBytes),
    "last-modified": new Date(object.lastModified).toUTCString(),
    etag: quoted(object.etag),
    "accept-ranges": "bytes",
    "x-amz-request-id": visit.ctx.requestId,
    ...(range !== undefined && { "content-range": contentRange(range, object.sizeBytes) }),
    ...Object.fromEntries(Object.entries(object.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
  };
  const { CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, Expires } = object.headers;
  if (CacheControl !== undefined) headers["cache-control"] = CacheControl;
  if (ContentDisposition !== undefined) headers["content-disposition"] = ContentDisposition;
  if (ContentEncoding !== undefined) headers["content-encoding"] = ContentEncoding;
  if (ContentLanguage !== undefined) headers["content-language"] = ContentLanguage;
  if (Expires !== undefined) headers["expires"] = Expires.toUTCString();
  const versionId = shownVersionId(bucket, object);
  if (versionId !== undefined) headers["x-amz-version-id"] = versionId;
  const body =
    request.method === "HEAD" ? new Uint8Array() : await openBody(home, object.body, object.sizeBytes, range);
  return { status: range === undefined ? status : 206, headers, body };
}

/** What a visitor sees where the object cannot be shown: a redirect, the site's error document, or a plain page. */
async function answerError(visit: Visit, error: AwsError): Promise<HttpResponse> {
  const { ctx, request, site, path } = visit;
  if (error.status < 400) {
    const headers = Object.entries(error.members).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value instanceof Date ? value.toUTCString() : textOf(value)] as const],
    );
    return { status: error.status, headers: Object.fromEntries(headers), body: new Uint8Array() };
  }
  const routed = routedTo(site.RoutingRules ?? [], path, error.status, request.headers["host"] ?? "");
  if (routed !== undefined) return redirect(routed);
  const document = site.ErrorDocument?.Key;
  if (document === undefined) return page({ ctx, request }, error);
  try {
    return await serve(visit, publicObject(visit, document), error.status);
  } catch (documentError) {
    if (documentError instanceof AwsError) return page({ ctx, request }, error, documentError);
    throw documentError;
  }
}

async function answer(visit: Visit): Promise<HttpResponse> {
  const { home, bucket, request, site, path } = visit;
  if (site.RedirectAllRequestsTo !== undefined) {
    return redirect(
      redirectAll(site.RedirectAllRequestsTo, request.path + (request.query === "" ? "" : `?${request.query}`)),
    );
  }
  const routed = routedTo(site.RoutingRules ?? [], path, undefined, request.headers["host"] ?? "");
  if (routed !== undefined) return redirect(routed);
  const index = site.IndexDocument?.Suffix ?? "index.html";
  try {
    return await serve(visit, publicObject(visit, keyOf(path, index)), 200);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const folderIndex = keyOf(`${path}/`, index);
    const isFolder =
      error.code === "NoSuchKey" &&
      path !== "" &&
      !path.endsWith("/") &&
      currentObject(home, bucket, folderIndex) !== undefined;
    if (isFolder) return redirect({ status: 302, location: `/${encodeKey(path)}/` });
    return answerError(visit, error);
  }
}

/**
 * A bucket's website, at `BUCKET.s3-website-REGION.localhost` and `BUCKET.s3-website.REGION.localhost`: names that
 * browsers take for this machine.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteHosting.html
 */
export const website: Route = {
  name: "website",
  match({ hostname }) {
    const { bucket, region } = hostPattern.exec(hostname)?.groups ?? {};
    return bucket === undefined || region === undefined ? undefined : { region, parameters: { bucket } };
  },
  async handle(ctx, request, { parameters }) {
    request.body.resume();
    try {
      const bucket = findBucket(ctx, parameters["bucket"] ?? "");
      const home = homeOf(ctx, bucket);
      if (bucket.region !== ctx.region) {
        throw errors.NoSuchBucket(`The specified bucket does not exist in ${ctx.region}; it is in ${bucket.region}.`, {
          BucketName: bucket.name,
        });
      }
      const site = configurationOf(home, bucket.name, "website");
      if (site === undefined) {
        throw errors.NoSuchWebsiteConfiguration("The specified bucket does not have a website configuration", {
          BucketName: bucket.name,
        });
      }
      if (request.method !== "GET" && request.method !== "HEAD") {
        throw errors.MethodNotAllowed("The specified method is not allowed against this resource.", {
          Method: request.method,
          ResourceType: "OBJECT",
        });
      }
      const path = decodePath(request.path);
      return await answer({ ctx, bucket, home, request, site, path });
    } catch (error) {
      if (error instanceof AwsError) return page({ ctx, request }, error);
      throw error;
    }
  },
};

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path.slice(1));
  } catch {
    throw errors.BadRequest("The path of the request is not encoded as a URL's is.");
  }
}
