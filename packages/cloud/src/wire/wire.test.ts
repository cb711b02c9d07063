import { createHash } from "node:crypto";
import { once } from "node:events";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { AwsError } from "../kernel/errors.ts";
import type { HttpRequest, HttpResponse } from "./http.ts";
import { bufferedBodyMaxBytes, decodeRequest, encodeError, encodeResponse, loadModel, trailersOf } from "./index.ts";

interface Given {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

function request({ method = "POST", path = "/", query = "", headers = {}, body = "" }: Given): HttpRequest {
  return { method, path, query, headers, body: Readable.from(body.length === 0 ? [] : [Buffer.from(body)]) };
}

const decode = (id: string, given: Given) => decodeRequest(loadModel(id), request(given));

/** What a request is refused with, as `code status: message`. */
async function refusal(id: string, given: Given): Promise<string> {
  const reason: unknown = await decode(id, given).then(
    ({ operation }) => operation.name,
    (error: unknown) => error,
  );
  return reason instanceof AwsError ? `${reason.code} ${reason.status}: ${reason.message}` : String(reason);
}

const secret = (body: string, headers = {}): Given => ({
  headers: { "x-amz-target": "secretsmanager.CreateSecret", ...headers },
  body,
});
const form = (body: string): Given => ({ body });
const tagging = (body: string): Given => ({ method: "PUT", path: "/b", query: "tagging", body });

const notNull = (place: string) => `Value null at '${place}' failed to satisfy constraint: Member must not be null`;
const malformedXml =
  "MalformedXML 400: The XML you provided was not well-formed or did not validate against our published schema";

it.each([
  [
    "an unknown operation",
    "secretsmanager",
    { headers: { "x-amz-target": "secretsmanager.Nope" } },
    "UnknownOperationException 404",
  ],
  [
    "another service's operation",
    "kms",
    { headers: { "x-amz-target": "secretsmanager.CreateSecret" } },
    "UnknownOperationException 404",
  ],
  ["no operation", "kms", {}, "UnknownOperationException 404"],
  ["no JSON", "secretsmanager", secret("{"), "SerializationException 400: The request body is not valid JSON"],
  [
    "JSON that is no object",
    "secretsmanager",
    secret("[]"),
    "SerializationException 400: The request body is not a JSON object.",
  ],
  [
    "a number for a text",
    "secretsmanager",
    secret('{"Name":1}'),
    "SerializationException 400: NUMBER_VALUE can not be converted to a String (at 'name')",
  ],
  [
    "a text for a list",
    "secretsmanager",
    secret('{"Name":"a","Tags":"x"}'),
    "SerializationException 400: Unexpected field type (at 'tags')",
  ],
  [
    "a list for a text",
    "secretsmanager",
    secret('{"Name":[]}'),
    "SerializationException 400: Start of list found where not expected (at 'name')",
  ],
  [
    "text that is not base64",
    "secretsmanager",
    secret('{"Name":"a","SecretBinary":"%%%"}'),
    "SerializationException 400: Invalid base64 (at 'secretBinary')",
  ],
  [
    "no required member",
    "secretsmanager",
    secret("{}"),
    `ValidationException 400: 1 validation error detected: ${notNull("name")}`,
  ],
  [
    "null for required members",
    "secretsmanager",
    secret('{"Name":null,"Tags":[null]}'),
    `ValidationException 400: 2 validation errors detected: ${notNull("name")}; ${notNull("tags.1.member")}`,
  ],
  [
    "an unknown action",
    "sts",
    form("Action=Nope&Version=2011-06-15"),
    "InvalidAction 400: Could not find operation Nope for version 2011-06-15",
  ],
  ["no action", "sts", form("Version=2011-06-15"), "MissingAction 400"],
  ["bad percent-encoding", "sts", form("Action=%zz"), "MalformedQueryString 400"],
  [
    "a list's index that is none",
    "sts",
    form("Action=AssumeRole&RoleArn=a&RoleSessionName=b&Tags.member.x.Key=a"),
    "MalformedInput 400",
  ],
  [
    "a text for a number",
    "sts",
    form("Action=AssumeRole&RoleArn=a&RoleSessionName=b&DurationSeconds=1h"),
    "MalformedInput 400",
  ],
  [
    "no required parameter",
    "sts",
    form("Action=AssumeRole&RoleArn=a&Tags.member.1.Key=a"),
    `ValidationError 400: 2 validation errors detected: ${notNull("roleSessionName")}; ${notNull("tags.1.member.value")}`,
  ],
  ["a depth without reason", "sts", form(`Action=AssumeRole&${"a.".repeat(1000)}=1`), "MalformedQueryString 400"],
  ["a method that S3 does not have", "s3", { method: "PATCH", path: "/b/k" }, "MethodNotAllowed 405"],
  ["a path that cannot be decoded", "s3", { method: "GET", path: "/b/%zz" }, "InvalidURI 400"],
  ["no XML", "s3", tagging("<Tagging>"), malformedXml],
  ["another root", "s3", tagging("<Other/>"), malformedXml],
  [
    "an element that the schema does not have",
    "s3",
    tagging("<Tagging><TagSet><Nope/></TagSet></Tagging>"),
    malformedXml,
  ],
  ["no required element", "s3", tagging("<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>"), malformedXml],
  ["a document type", "s3", tagging('<!DOCTYPE a [<!ENTITY e "x">]><Tagging/>'), malformedXml],
  ["no body", "s3", tagging(""), "MissingRequestBodyError 400: Request Body is empty"],
  [
    "a rename that does not say from where",
    "s3",
    { method: "PUT", path: "/b/k", query: "renameObject" },
    "InvalidRequest 400: Missing required header or parameter for this request: renameSource",
  ],
])("refuses %s (%s)", async (_, id, given, expected) => {
  expect(await refusal(id, given)).toContain(expected);
});

it("reads a compressed body", async () => {
  const { input } = await decode("secretsmanager", {
    ...secret("", { "content-encoding": "gzip" }),
    body: gzipSync('{"Name":"a"}'),
  });
  expect(input).toEqual({ Name: "a" });
});

it("does not unpack more than a body may have", async () => {
  const bomb = gzipSync(Buffer.alloc(bufferedBodyMaxBytes + 1));
  expect(bomb.length).toBeLessThan(100_000);
  const given = { ...secret("", { "content-encoding": "gzip" }), body: bomb };
  expect(await refusal("secretsmanager", given)).toContain("RequestEntityTooLargeException 413");
});

it("refuses a body that is declared or found to be too large, and one that is not gzip", async () => {
  expect(
    await refusal("s3", { ...tagging("x"), headers: { "content-length": `${bufferedBodyMaxBytes + 1}` } }),
  ).toContain("MaxMessageLengthExceeded 400");
  const chunks = Array.from({ length: 100 }, () => Buffer.alloc(1024 * 1024));
  const body = Readable.from(chunks);
  const read = decodeRequest(loadModel("secretsmanager"), { ...request(secret("")), body });
  await expect(read).rejects.toMatchObject({ code: "RequestEntityTooLargeException" });
  // Taken to its end: clients look for a reply only then.
  if (!body.readableEnded) await once(body, "end");
  expect(await refusal("secretsmanager", secret("{}", { "content-encoding": "gzip" }))).toContain(
    "SerializationException 400",
  );
});

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");

it("refuses a body that is not the signed one", async () => {
  const wrong = { "x-amz-content-sha256": hashOf("other") };
  expect(await refusal("secretsmanager", secret('{"Name":"a"}', wrong))).toContain("InvalidSignatureException 400");
  expect(await refusal("s3", { ...tagging("<Tagging/>"), headers: wrong })).toContain("XAmzContentSHA256Mismatch 400");
  const put = { method: "PUT", path: "/b/k", body: "content" };
  const { input } = await decode("s3", { ...put, headers: wrong });
  await expect(buffer(input.Body as Readable)).rejects.toMatchObject({ code: "XAmzContentSHA256Mismatch" });
  const right = await decode("s3", { ...put, headers: { "x-amz-content-sha256": hashOf("content") } });
  expect((await buffer(right.input.Body as Readable)).toString()).toBe("content");
});

it("hands over an object's body without its framing, and then its trailers", async () => {
  const { operation, input } = await decode("s3", {
    method: "PUT",
    path: "/b/some/k%20y",
    headers: {
      "content-encoding": "aws-chunked,gzip",
      "content-length": "61",
      "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      "x-amz-decoded-content-length": "7",
      "x-amz-trailer": "x-amz-checksum-crc32",
    },
    body: "7\r\ncontent\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n",
  });
  const { Body, ...rest } = input as { Body: Readable };
  expect(operation.name).toBe("PutObject");
  expect(rest).toEqual({ Bucket: "b", Key: "some/k y", ContentEncoding: "gzip", ContentLength: 7 });
  expect((await buffer(Body)).toString()).toBe("content");
  expect(trailersOf(Body)).toEqual({ "x-amz-checksum-crc32": "AAAAAA==" });
});

it("ends an object's body with an error where the client goes away", async () => {
  const source = new Readable({ read: () => undefined });
  const { input } = await decodeRequest(loadModel("s3"), {
    ...request({
      method: "PUT",
      path: "/b/k",
      headers: { "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER" },
    }),
    body: source,
  });
  const read = buffer(input.Body as Readable);
  source.push("ff\r\nabc");
  source.destroy();
  await expect(read).rejects.toMatchObject({ code: "IncompleteBody" });
});

it.each([
  ["GET", "/", "", "ListBuckets"],
  ["GET", "/b", "", "ListObjects"],
  ["GET", "/b/", "list-type=2&prefix=a", "ListObjectsV2"],
  ["GET", "/b", "location", "GetBucketLocation"],
  ["GET", "/b", "versioning=", "GetBucketVersioning"],
  ["GET", "/b", "uploads", "ListMultipartUploads"],
  ["HEAD", "/b", "", "HeadBucket"],
  ["PUT", "/b", "", "CreateBucket"],
  ["GET", "/b/k", "", "GetObject"],
  ["GET", "/b/a//b/", "partNumber=1&versionId=x", "GetObject"],
  ["GET", "/b/k", "uploadId=1", "ListParts"],
  ["PUT", "/b/k", "partNumber=1&uploadId=2", "UploadPart"],
  ["PUT", "/b/k", "x-id=CopyObject", "PutObject"],
  ["DELETE", "/b/k", "", "DeleteObject"],
  ["DELETE", "/b/k", "uploadId=1", "AbortMultipartUpload"],
  ["POST", "/b/k", "uploads", "CreateMultipartUpload"],
  ["POST", "/b/k", "uploadId=1", "CompleteMultipartUpload"],
  ["POST", "/b", "delete", "DeleteObjects"],
])("takes %s %s?%s for %s", async (method, path, query, expected) => {
  const body = expected === "DeleteObjects" ? "<Delete><Object><Key>a</Key></Object></Delete>" : "";
  const name = await decode("s3", { method, path, query, body }).then(({ operation }) => operation.name);
  expect(name).toBe(expected);
});

it("tells apart by headers what shares a path", async () => {
  const copy = { method: "PUT", path: "/b/k", headers: { "x-amz-copy-source": "b/other" } };
  expect((await decode("s3", copy)).operation.name).toBe("CopyObject");
  expect((await decode("s3", { ...copy, query: "partNumber=1&uploadId=2" })).operation.name).toBe("UploadPartCopy");
});

it("knows a service by the target that botocore sends", async () => {
  const target = "com.amazonaws.codestar.connections.CodeStar_connections_20191201.ListConnections";
  const { operation } = await decode("codestar-connections", { headers: { "x-amz-target": target } });
  expect(operation.name).toBe("ListConnections");
});

it("reads a query request from the query string too, and its lists by their numbers", async () => {
  const query =
    "Action=AssumeRole&RoleArn=a&RoleSessionName=b+c&Tags.member.10.Key=z&Tags.member.10.Value=&Tags.member.2.Key=k&Tags.member.2.Value=v&TransitiveTagKeys=";
  const { input } = await decode("sts", { method: "GET", query });
  expect(input).toEqual({
    RoleArn: "a",
    RoleSessionName: "b c",
    Tags: [
      { Key: "k", Value: "v" },
      { Key: "z", Value: "" },
    ],
    TransitiveTagKeys: [],
  });
});

const meta = { requestId: "an-id" };
const text = (body: HttpResponse["body"]) => Buffer.from(body as Uint8Array).toString();

it("answers with S3's partial status, and its location in the form that clients look for", () => {
  const s3 = loadModel("s3");
  const [get, location] = [s3.operations.get("GetObject"), s3.operations.get("GetBucketLocation")];
  if (get === undefined || location === undefined) throw new Error("The snapshot lacks S3's operations.");
  expect(encodeResponse(s3, get, { Body: Buffer.from("b"), ContentRange: "bytes 1-1/3" }, meta).status).toBe(206);
  expect(text(encodeResponse(s3, location, { LocationConstraint: "eu-west-1" }, meta).body)).toContain(
    '<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">eu-west-1</LocationConstraint>',
  );
});

it("writes an S3 error's members as elements, or as headers where they are named so, and none of it to HEAD", () => {
  const s3 = loadModel("s3");
  const error = new AwsError("NoSuchKey", 404, "Gone.", { Key: "a&b", "x-amz-delete-marker": true });
  const { status, headers, body } = encodeError(s3, request({ method: "GET" }), error, meta);
  expect({ status, headers }).toMatchObject({
    status: 404,
    headers: { "content-type": "application/xml", "x-amz-request-id": "an-id", "x-amz-delete-marker": "true" },
  });
  expect(text(body)).toContain(
    "<Error><Code>NoSuchKey</Code><Message>Gone.</Message><Key>a&amp;b</Key><RequestId>an-id</RequestId>",
  );
  expect(text(encodeError(s3, request({ method: "HEAD" }), error, meta).body)).toBe("");
  expect(
    text(encodeError(s3, request({ method: "GET" }), new AwsError("NotModified", 304, "", { etag: '"e"' }), meta).body),
  ).toBe("");
});

it("tells of an error that the model does not have", () => {
  const error = new AwsError("SomethingOdd", 418, "Odd.", { Hidden: 1 });
  const json = encodeError(loadModel("kms"), request({}), error, meta);
  expect(JSON.parse(text(json.body))).toEqual({ __type: "SomethingOdd", message: "Odd." });
  expect(json).toMatchObject({
    status: 418,
    headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": "an-id" },
  });
  expect(text(encodeError(loadModel("sts"), request({}), error, meta).body)).toContain(
    "<Error><Type>Sender</Type><Code>SomethingOdd</Code><Message>Odd.</Message></Error><RequestId>an-id</RequestId>",
  );
});
