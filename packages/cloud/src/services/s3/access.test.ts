import { request as httpRequest } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import { createHash, createHmac } from "node:crypto";
import { text as readText } from "node:stream/consumers";
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  GetBucketPolicyCommand,
  GetBucketPolicyStatusCommand,
  GetObjectCommand,
  PutBucketAclCommand,
  PutBucketCorsCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketWebsiteCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { BucketLocationConstraint, WebsiteConfiguration } from "@aws-sdk/client-s3";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";

let cloud: TestCloud;
let s3: S3Client;
beforeAll(async () => {
  cloud = await startTestCloud();
  s3 = cloud.client(S3Client);
});
afterAll(() => cloud.stop());

interface Reply {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A request without a signature, as a browser or curl sends it. */
function send(
  path: string,
  options: { host?: string; method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Reply> {
  const { port } = new URL(cloud.endpoint);
  const host = `${options.host ?? "127.0.0.1"}:${port}`;
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: "127.0.0.1", port, path, method: options.method ?? "GET", headers: { ...options.headers, host } },
      (response) => {
        readText(response).then(
          (body) => resolve({ status: response.statusCode, headers: response.headers, body }),
          reject,
        );
      },
    );
    request.on("error", reject);
    request.end(options.body);
  });
}

const put = (Bucket: string, Key: string, more: object = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: `body of ${Key}`, ContentType: "text/html", ...more }));
const allow = (Bucket: string, Action: string | string[], Resource: string | string[], more: object = {}) =>
  s3.send(
    new PutBucketPolicyCommand({
      Bucket,
      Policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: "*", Action, Resource, ...more }],
      }),
    }),
  );

async function openBucket(Bucket: string) {
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
  return Bucket;
}

describe("without credentials", () => {
  it("nothing is reached in a bucket as it is created", async () => {
    await s3.send(new CreateBucketCommand({ Bucket: "closed" }));
    await put("closed", "a");
    expect(await send("/closed/a")).toMatchObject({
      status: 403,
      body: expect.stringContaining("<Code>AccessDenied</Code>") as string,
    });
    expect((await send("/closed")).status).toBe(403);
    expect((await send("/closed/b", { method: "PUT", body: "x" })).status).toBe(403);
    expect((await send("/")).status).toBe(403);
    expect((await send("/none/a")).status).toBe(404);
  });

  it("a policy opens what it names, and a missing object is told only to those who may list", async () => {
    const Bucket = await openBucket("opened");
    await put(Bucket, "public/a");
    await put(Bucket, "private/a");
    await allow(Bucket, "s3:GetObject", `arn:aws:s3:::${Bucket}/public/*`);
    expect(await send("/opened/public/a")).toMatchObject({ status: 200, body: "body of public/a" });
    expect((await send("/opened/private/a")).status).toBe(403);
    expect((await send("/opened/public/none")).status).toBe(403);
    expect((await send("/public/a", { host: "opened.s3.localhost" })).body).toBe("body of public/a");
    expect((await s3.send(new GetBucketPolicyStatusCommand({ Bucket }))).PolicyStatus).toEqual({ IsPublic: true });

    await allow(Bucket, ["s3:GetObject", "s3:ListBucket"], [`arn:aws:s3:::${Bucket}/*`, `arn:aws:s3:::${Bucket}`], {
      Condition: { StringLikeIfExists: { "s3:prefix": "public/*" } },
    });
    expect(await send("/opened/public/none")).toMatchObject({
      status: 404,
      body: expect.stringContaining("<Key>public/none</Key>") as string,
    });
    expect((await send("/opened?list-type=2&prefix=public/")).body).toContain("<Key>public/a</Key>");
    expect((await send("/opened?list-type=2&prefix=private/")).status).toBe(403);
    expect((await send("/opened/public/a", { method: "DELETE" })).status).toBe(403);

    await allow(Bucket, "s3:PutObject", `arn:aws:s3:::${Bucket}/drop/*`);
    const drop = (headers: Record<string, string>) => send("/opened/drop/a", { method: "PUT", body: "x", headers });
    expect((await drop({})).status).toBe(200);
    expect((await drop({ "x-amz-tagging": "a=b" })).status).toBe(403);
  });

  it("Block Public Access refuses public policies, and voids those that are there", async () => {
    const Bucket = await openBucket("blocked");
    await put(Bucket, "a");
    await allow(Bucket, "s3:GetObject", `arn:aws:s3:::${Bucket}/*`);
    const block = (configuration: object) =>
      s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: configuration }));
    await block({ BlockPublicPolicy: true });
    expect((await send("/blocked/a")).status).toBe(200);
    await expect(allow(Bucket, "s3:*", `arn:aws:s3:::${Bucket}/*`)).rejects.toMatchObject({ name: "AccessDenied" });
    await block({ RestrictPublicBuckets: true });
    expect((await send("/blocked/a")).status).toBe(403);
  });

  it("an ACL opens an object where ACLs count", async () => {
    const Bucket = await openBucket("with-acls");
    await expect(put(Bucket, "a", { ACL: "public-read" })).rejects.toMatchObject({
      name: "AccessControlListNotSupported",
    });
    await s3.send(
      new PutBucketOwnershipControlsCommand({
        Bucket,
        OwnershipControls: { Rules: [{ ObjectOwnership: "ObjectWriter" }] },
      }),
    );
    await put(Bucket, "a", { ACL: "public-read" });
    await put(Bucket, "b");
    expect((await send(`/${Bucket}/a`)).body).toBe("body of a");
    expect((await send(`/${Bucket}/b`)).status).toBe(403);
    expect((await send(`/${Bucket}`)).status).toBe(403);
    await s3.send(new PutBucketAclCommand({ Bucket, ACL: "public-read" }));
    expect((await send(`/${Bucket}`)).body).toContain("<Key>b</Key>");
    await s3.send(
      new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: { IgnorePublicAcls: true } }),
    );
    expect((await send(`/${Bucket}/a`)).status).toBe(403);
  });
});

it("another account needs the bucket's policy", async () => {
  await s3.send(new CreateBucketCommand({ Bucket: "shared-bucket" }));
  await put("shared-bucket", "a");
  const other = cloud.client(S3Client, { credentials: { accessKeyId: "222222222222", secretAccessKey: "test" } });
  const read = () => other.send(new GetObjectCommand({ Bucket: "shared-bucket", Key: "a" }));
  await expect(read()).rejects.toMatchObject({
    name: "AccessDenied",
    message: expect.stringContaining("s3:GetObject") as string,
  });
  await allow("shared-bucket", "s3:GetObject", "arn:aws:s3:::shared-bucket/*", { Principal: { AWS: "222222222222" } });
  expect(await (await read()).Body?.transformToString()).toBe("body of a");
  await expect(s3.send(new PutBucketPolicyCommand({ Bucket: "shared-bucket", Policy: "{}" }))).rejects.toMatchObject({
    name: "MalformedPolicy",
  });
  expect(
    JSON.parse((await s3.send(new GetBucketPolicyCommand({ Bucket: "shared-bucket" }))).Policy ?? ""),
  ).toHaveProperty("Statement");
});

it("a presigned URL lets its bearer read and write", async () => {
  await s3.send(new CreateBucketCommand({ Bucket: "presigned" }));
  class Sha256 {
    readonly #hash;
    constructor(secret?: string | Uint8Array | ArrayBuffer) {
      this.#hash =
        secret === undefined ? createHash("sha256") : createHmac("sha256", Buffer.from(secret as Uint8Array));
    }
    update(data: Uint8Array | string) {
      this.#hash.update(data);
    }
    async digest() {
      return new Uint8Array(this.#hash.digest());
    }
    reset() {}
  }
  const signer = new SignatureV4({
    service: "s3",
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    sha256: Sha256 as never,
    uriEscapePath: false,
  });
  const { host, hostname, port } = new URL(cloud.endpoint);
  const payload = new Set(["x-amz-content-sha256"]);
  const presign = async (method: string, path: string, query: Record<string, string> = {}) => {
    const signed = await signer.presign(
      {
        method,
        protocol: "http:",
        hostname,
        port: Number(port),
        path,
        query,
        headers: { host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
      },
      {
        expiresIn: 60,
        signingDate: new Date(cloud.clock.now()),
        unhoistableHeaders: payload,
        unsignableHeaders: payload,
      },
    );
    return `${signed.path}?${new URLSearchParams(signed.query as Record<string, string>).toString().replaceAll("+", "%20")}`;
  };
  expect((await send(await presign("PUT", "/presigned/a%20b.txt"), { method: "PUT", body: "by URL" })).status).toBe(
    200,
  );
  const read = await presign("GET", "/presigned/a%20b.txt", { "response-content-type": "text/x-own" });
  expect(await send(read)).toMatchObject({ status: 200, body: "by URL", headers: { "content-type": "text/x-own" } });
  expect((await send(read.replace("X-Amz-Expires=60", "X-Amz-Expires=61"))).status).toBe(403);
  await cloud.clock.advance({ minutes: 2 });
  expect((await send(read)).status).toBe(403);
});

it("CORS lets the pages in that the bucket names", async () => {
  const Bucket = await openBucket("cross-origin");
  await put(Bucket, "a");
  await allow(Bucket, "s3:GetObject", `arn:aws:s3:::${Bucket}/*`);
  const rules = [
    {
      AllowedOrigins: ["https://app.test"],
      AllowedMethods: ["GET", "PUT"],
      AllowedHeaders: ["content-type"],
      ExposeHeaders: ["ETag"],
    },
  ];
  await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: rules } }));
  const preflight = (origin: string, method: string) =>
    send(`/${Bucket}/a`, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": method, "access-control-request-headers": "content-type" },
    });
  expect(await preflight("https://app.test", "PUT")).toMatchObject({
    status: 200,
    headers: { "access-control-allow-origin": "https://app.test", "access-control-allow-headers": "content-type" },
  });
  expect((await preflight("https://app.test", "DELETE")).status).toBe(403);
  expect((await preflight("https://evil.test", "PUT")).status).toBe(403);
  expect(await send(`/${Bucket}/a`, { headers: { origin: "https://app.test" } })).toMatchObject({
    status: 200,
    headers: { "access-control-allow-origin": "https://app.test", "access-control-expose-headers": "ETag" },
  });
  expect((await send(`/${Bucket}/a`, { headers: { origin: "https://evil.test" } })).status).toBe(403);
});

describe("a website", () => {
  const host = "site.s3-website-eu-west-1.localhost";
  const site: WebsiteConfiguration = {
    IndexDocument: { Suffix: "index.html" },
    ErrorDocument: { Key: "error.html" },
    RoutingRules: [
      { Condition: { KeyPrefixEquals: "old/" }, Redirect: { ReplaceKeyPrefixWith: "new/" } },
      {
        Condition: { KeyPrefixEquals: "app/", HttpErrorCodeReturnedEquals: "404" },
        Redirect: { ReplaceKeyWith: "index.html", HttpRedirectCode: "302" },
      },
    ],
  };
  const configure = (WebsiteConfiguration: WebsiteConfiguration) =>
    s3.send(new PutBucketWebsiteCommand({ Bucket: "site", WebsiteConfiguration }));
  beforeAll(async () => {
    const LocationConstraint: BucketLocationConstraint = "eu-west-1";
    await s3.send(new CreateBucketCommand({ Bucket: "site", CreateBucketConfiguration: { LocationConstraint } }));
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket: "site" }));
    await allow("site", "s3:GetObject", "arn:aws:s3:::site/*");
    for (const key of ["index.html", "docs/index.html", "error.html", "a b.html"]) await put("site", key);
    await put("site", "moved", { WebsiteRedirectLocation: "https://elsewhere.test/" });
    await configure(site);
  });

  it.each([
    ["/", 200, "body of index.html"],
    ["/?query=1", 200, "body of index.html"],
    ["/docs/", 200, "body of docs/index.html"],
    ["/a%20b.html", 200, "body of a b.html"],
    ["/none.html", 404, "body of error.html"],
    ["/docs/none/", 404, "body of error.html"],
  ])("shows %s with %i", async (path, status, body) => {
    expect(await send(path, { host })).toMatchObject({ status, body, headers: { "content-type": "text/html" } });
    expect((await send(path, { host: "site.s3-website.eu-west-1.localhost" })).status).toBe(status);
  });

  it.each([
    ["/docs", 302, "/docs/"],
    ["/moved", 301, "https://elsewhere.test/"],
    ["/old/x.html", 301, /^http:\/\/site\.s3-website-eu-west-1\.localhost:\d+\/new\/x\.html$/],
    ["/app/route", 302, /\/index\.html$/],
  ])("redirects %s with %i", async (path, status, location) => {
    const reply = await send(path, { host });
    expect(reply.status).toBe(status);
    expect(reply.headers.location).toMatch(location);
  });

  it("answers HEAD, ranges and conditions, and nothing that writes", async () => {
    const head = await send("/", { host, method: "HEAD" });
    expect(head).toMatchObject({ status: 200, body: "", headers: { "content-length": "18" } });
    expect(await send("/", { host, headers: { range: "bytes=0-3" } })).toMatchObject({ status: 206, body: "body" });
    expect(await send("/", { host, headers: { "if-none-match": head.headers.etag ?? "" } })).toMatchObject({
      status: 304,
      body: "",
    });
    expect((await send("/", { host, method: "POST", body: "x" })).status).toBe(405);
  });

  it("is closed where its policy is, and says so on a page", async () => {
    await allow("site", "s3:GetObject", "arn:aws:s3:::site/public/*");
    const reply = await send("/", { host });
    expect(reply.status).toBe(403);
    expect(reply.body).toContain("<title>403 Forbidden</title>");
    expect(reply.body).toContain("An Error Occurred While Attempting to Retrieve a Custom Error Document");
    await allow("site", "s3:GetObject", "arn:aws:s3:::site/*");
  });

  it("may redirect everything, and is not there until it is configured", async () => {
    await configure({ RedirectAllRequestsTo: { HostName: "new.test", Protocol: "https" } });
    expect(await send("/a?b=c", { host })).toMatchObject({
      status: 301,
      headers: { location: "https://new.test/a?b=c" },
    });
    await configure(site);
    expect((await send("/", { host: "opened.s3-website-us-east-1.localhost" })).body).toContain(
      "NoSuchWebsiteConfiguration",
    );
    expect((await send("/", { host: "nobody.s3-website-us-east-1.localhost" })).body).toContain("NoSuchBucket");
  });
});
