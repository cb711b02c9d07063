import { request as httpRequest } from "node:http";
import { connect } from "node:http2";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { SSMClient, GetParameterCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import { STSClient, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { IAMClient, CreateAccessKeyCommand, CreateUserCommand } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../testing/test-cloud.test-kit.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.stop());

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A request as it is written here: fetch would add headers, and refuse some. */
async function send(options: {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: Readable;
}): Promise<Reply> {
  const { port } = new URL(cloud.endpoint);
  const request = httpRequest({ host: "127.0.0.1", port, method: "GET", path: "/", ...options });
  if (options.body === undefined) request.end();
  else options.body.pipe(request);
  // The server may answer, and close, before all is sent.
  request.on("error", () => {});
  const [response] = (await once(request, "response")) as [
    Readable & { statusCode: number; headers: Reply["headers"] },
  ];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() };
}

const signedFor = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=00`,
});

describe("the gateway", () => {
  it("refuses web pages of other origins, also those that need no permission to send", async () => {
    for (const headers of [
      { origin: "https://evil.example" },
      { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" },
    ]) {
      for (const method of ["GET", "POST", "OPTIONS"]) {
        expect(await send({ method, headers })).toMatchObject({
          status: 403,
          body: expect.stringContaining("other origins") as string,
        });
      }
    }
  });

  it("refuses a host that is not its own, such as a name that was pointed to this machine", async () => {
    expect(await send({ headers: { host: "evil.example" } })).toMatchObject({
      status: 403,
      body: expect.stringContaining('host "evil.example"') as string,
    });
  });

  it("gives every reply an id, whatever became of the request", async () => {
    const replies = await Promise.all([
      send({}),
      send({ headers: { origin: "https://evil.example" } }),
      send({ headers: signedFor("ssm"), method: "POST" }),
    ]);
    const ids = replies.map(({ headers }) => headers["x-amzn-requestid"]);
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("speaks HTTP/2 on the same port", async () => {
    const session = connect(cloud.endpoint);
    const stream = session.request({ ":path": "/", ":method": "GET" });
    const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
    stream.resume();
    await once(stream, "end");
    session.close();
    expect(headers[":status"]).toBe(403);
    expect(headers["x-amzn-requestid"]).toBeTypeOf("string");
  });

  it("names the service that it does not have, in the client's own form", async () => {
    const json = await send({
      method: "POST",
      headers: { ...signedFor("sqs"), "x-amz-target": "AmazonSQS.ListQueues" },
    });
    expect([json.status, JSON.parse(json.body)]).toEqual([
      501,
      { __type: "NotImplemented", message: "Trysail does not implement the service sqs." },
    ]);
    const xml = await send({ method: "POST", headers: signedFor("elasticache") });
    expect([xml.status, xml.body]).toEqual([501, expect.stringContaining("<Code>NotImplemented</Code>")]);
  });

  it("names the operation that it does not have", async () => {
    const ssm = cloud.client(SSMClient);
    const { ListDocumentsCommand } = await import("@aws-sdk/client-ssm");
    await expect(ssm.send(new ListDocumentsCommand({}))).rejects.toMatchObject({
      name: "NotImplemented",
      message: "Trysail does not implement ssm:ListDocuments.",
    });
  });

  it("refuses a body that is too large, and tells so", async () => {
    const endless = createReadStream("/dev/zero", { end: 80 * 1024 * 1024 });
    const reply = await send({
      method: "POST",
      headers: { ...signedFor("ssm"), "x-amz-target": "AmazonSSM.GetParameter", "x-amz-date": "20260101T000000Z" },
      body: endless,
    });
    endless.destroy();
    expect(reply.status).toBe(413);
  });

  it("demands a signature that is right, and says what is wrong", async () => {
    const wrong = cloud.client(SSMClient, { credentials: { accessKeyId: "test", secretAccessKey: "wrong" } });
    await expect(wrong.send(new GetParameterCommand({ Name: "x" }))).rejects.toMatchObject({
      name: "SignatureDoesNotMatch",
    });
    const unknown = cloud.client(SSMClient, {
      credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "x" },
    });
    await expect(unknown.send(new GetParameterCommand({ Name: "x" }))).rejects.toMatchObject({
      name: "UnrecognizedClientException",
    });
    const none = await send({
      method: "POST",
      headers: { "x-amz-target": "AmazonSSM.GetParameter", "content-type": "application/x-amz-json-1.1" },
    });
    expect(none.status).toBe(403);
  });

  it("tells a client that signs with the obsolete version 2 so", async () => {
    const presigned = await send({ path: "/bucket/key?AWSAccessKeyId=test&Signature=x&Expires=1" });
    expect([presigned.status, presigned.body]).toEqual([400, expect.stringContaining("Please use AWS4-HMAC-SHA256")]);
  });

  it("takes an account's twelve digits as its key, and keeps accounts apart", async () => {
    const credentials = { accessKeyId: "123456789012", secretAccessKey: "test" };
    const other = cloud.client(SSMClient, { credentials });
    await other.send(new PutParameterCommand({ Name: "mine", Value: "x", Type: "String" }));
    await expect(cloud.client(SSMClient).send(new GetParameterCommand({ Name: "mine" }))).rejects.toMatchObject({
      name: "ParameterNotFound",
    });
    expect(await cloud.client(STSClient, { credentials }).send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: "123456789012",
    });
  });

  it("verifies the keys that it has issued", async () => {
    const iam = cloud.client(IAMClient);
    await iam.send(new CreateUserCommand({ UserName: "ada" }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "ada" }));
    const credentials = {
      accessKeyId: AccessKey?.AccessKeyId ?? "",
      secretAccessKey: AccessKey?.SecretAccessKey ?? "",
    };
    expect(await cloud.client(STSClient, { credentials }).send(new GetCallerIdentityCommand({}))).toMatchObject({
      Arn: "arn:aws:iam::000000000000:user/ada",
    });
    const forged = cloud.client(STSClient, { credentials: { ...credentials, secretAccessKey: "guess" } });
    await expect(forged.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: "SignatureDoesNotMatch",
    });
  });
});
