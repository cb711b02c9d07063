import { Readable } from "node:stream";
import { expect, it } from "vitest";
import { AwsError } from "../kernel/errors.ts";
import type { HttpRequest, HttpResponse } from "./http.ts";
import { decodeRequest, encodeError, encodeResponse } from "./index.ts";
import type { ProtocolName, ServiceModel } from "./model.ts";
import { modelOf, type Snapshot } from "./snapshot.ts";

// Protocols that no client of ours speaks yet, on schemas made up here. The expected texts follow AWS's own examples.

function modelWith(
  protocol: ProtocolName,
  shapes: Pick<Snapshot, "operations" | "shapes"> & Partial<Snapshot>,
): ServiceModel {
  const names = { id: "example", sdkId: "Example", version: "2016-11-15", target: "Example_20161115" };
  return modelOf({
    ...names,
    xmlNamespace: "http://example.com/",
    queryCompatible: false,
    errors: [],
    protocol,
    ...shapes,
  });
}

function request(given: Partial<HttpRequest>, body: string): HttpRequest {
  return {
    method: "POST",
    path: "/",
    query: "",
    headers: {},
    ...given,
    body: Readable.from(body === "" ? [] : [Buffer.from(body)]),
  };
}

function operationOf(model: ServiceModel, name: string) {
  const operation = model.operations.get(name);
  if (operation === undefined) throw new Error(`No ${name}.`);
  return operation;
}

const text = (body: HttpResponse["body"]) => Buffer.from(body as Uint8Array).toString();
const meta = { requestId: "an-id" };

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html */
const ec2 = modelWith("ec2Query", {
  operations: [["DescribeInstances", 0, 4, 0]],
  shapes: [
    [
      "structure",
      "Request",
      [
        ["InstanceIds", 1, { ec2QueryName: "InstanceId", xmlName: "InstanceId" }],
        ["filters", 2, { xmlName: "filter" }],
        ["DryRun", "boolean", 0],
      ],
      0,
      0,
    ],
    ["list", ["string", { xmlName: "InstanceId" }]],
    ["list", [3, { xmlName: "Filter" }]],
    [
      "structure",
      "Filter",
      [
        ["Name", "string", 0],
        ["Values", 5, { xmlName: "Value" }],
      ],
      0,
      0,
    ],
    [
      "structure",
      "Result",
      [
        ["Reservations", 5, { xmlName: "reservationSet" }],
        ["NextToken", "string", { xmlName: "nextToken" }],
      ],
      0,
      0,
    ],
    ["list", ["string", { xmlName: "item" }]],
  ],
});

it("reads an EC2 request, whose lists are flat and whose names are capitalised", async () => {
  const body =
    "Action=DescribeInstances&InstanceId.1=i-1&InstanceId.2=i-2&Filter.1.Name=zone&Filter.1.Value.1=a&Filter.1.Value.2=b&DryRun=true";
  expect((await decodeRequest(ec2, request({}, body))).input).toEqual({
    InstanceIds: ["i-1", "i-2"],
    filters: [{ Name: "zone", Values: ["a", "b"] }],
    DryRun: true,
  });
});

it("writes an EC2 reply without a result around it, and an EC2 error in a list", () => {
  const reply = encodeResponse(
    ec2,
    operationOf(ec2, "DescribeInstances"),
    { Reservations: ["r-1"], NextToken: "t" },
    meta,
  );
  expect(text(reply.body)).toContain(
    '<DescribeInstancesResponse xmlns="http://example.com/"><requestId>an-id</requestId>' +
      "<reservationSet><item>r-1</item></reservationSet><nextToken>t</nextToken></DescribeInstancesResponse>",
  );
  const error = encodeError(ec2, request({}, ""), new AwsError("InvalidInstanceID.NotFound", 400, "No."), meta);
  expect(text(error.body)).toContain(
    "<Response><Errors><Error><Code>InvalidInstanceID.NotFound</Code><Message>No.</Message></Error></Errors><RequestID>an-id</RequestID></Response>",
  );
});

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const lambda = modelWith("restJson1", {
  operations: [
    ["Invoke", 0, 1, ["POST", "/2015-03-31/functions/{FunctionName}/invocations", 200]],
    ["TagResource", 2, "unit", ["POST", "/2017-03-31/tags/{Resource+}", 204]],
  ],
  errors: [4],
  shapes: [
    [
      "structure",
      "InvokeRequest",
      [
        ["FunctionName", "string", { httpLabel: 1 }],
        ["LogType", "string", { httpHeader: "X-Amz-Log-Type" }],
        ["Qualifier", "string", { httpQuery: "Qualifier" }],
        ["Payload", "blob", { httpPayload: 1 }],
      ],
      1,
      0,
    ],
    [
      "structure",
      "InvokeResponse",
      [
        ["StatusCode", "number", { httpResponseCode: 1 }],
        ["LogResult", "string", { httpHeader: "X-Amz-Log-Result" }],
        ["Payload", "blob", { httpPayload: 1 }],
      ],
      0,
      0,
    ],
    [
      "structure",
      "TagRequest",
      [
        ["Resource", "string", { httpLabel: 1 }],
        ["Tags", 3, { jsonName: "tags" }],
        ["Rest", 3, { httpQueryParams: 1 }],
      ],
      2,
      0,
    ],
    ["map", ["string", 0], ["string", 0]],
    [
      "structure",
      "TooManyRequestsException",
      [
        ["Reason", "string", 0],
        ["message", "string", 0],
      ],
      0,
      0,
    ],
  ],
});

it("reads a REST request's members from its path, query, headers and body", async () => {
  const invoke = {
    path: "/2015-03-31/functions/my%20function/invocations",
    query: "Qualifier=1",
    headers: { "x-amz-log-type": "Tail" },
  };
  expect((await decodeRequest(lambda, request(invoke, "{}"))).input).toEqual({
    FunctionName: "my function",
    LogType: "Tail",
    Qualifier: "1",
    Payload: Buffer.from("{}"),
  });
  const tag = { path: "/2017-03-31/tags/arn:aws:lambda:x/y", query: "a=1&b=2" };
  expect((await decodeRequest(lambda, request(tag, '{"tags":{"k":"v","__proto__":"w"}}'))).input).toMatchObject({
    Resource: "arn:aws:lambda:x/y",
    Tags: JSON.parse('{"k":"v","__proto__":"w"}') as unknown,
    Rest: { a: "1", b: "2" },
  });
});

it("refuses a REST request that lacks a member or is for no operation", async () => {
  await expect(decodeRequest(lambda, request({ path: "/2017-03-31/tags/x" }, ""))).rejects.toMatchObject({
    code: "ValidationException",
  });
  await expect(decodeRequest(lambda, request({ path: "/2017-03-31/nope" }, ""))).rejects.toMatchObject({
    code: "UnknownOperationException",
  });
});

it("writes a REST reply's status and headers, and an error with its type in a header", () => {
  const output = { StatusCode: 202, LogResult: "bG9n", Payload: Buffer.from("42") };
  expect(encodeResponse(lambda, operationOf(lambda, "Invoke"), output, meta)).toEqual({
    status: 202,
    headers: { "x-amzn-requestid": "an-id", "x-amz-log-result": "bG9n", "content-type": "application/octet-stream" },
    body: output.Payload,
  });
  const error = encodeError(
    lambda,
    request({}, ""),
    new AwsError("TooManyRequestsException", 429, "Slow.", { Reason: "Rate", Other: 1 }),
    meta,
  );
  expect(error).toMatchObject({
    status: 429,
    headers: { "x-amzn-errortype": "TooManyRequestsException", "content-type": "application/json" },
  });
  expect(JSON.parse(text(error.body))).toEqual({ message: "Slow.", Reason: "Rate" });
});

it("tells the code of the query protocol to clients that ask for it", () => {
  const model = modelWith("awsJson1_0", {
    operations: [],
    queryCompatible: true,
    errors: [0],
    shapes: [
      [
        "structure",
        "QueueDoesNotExist",
        [["message", "string", 0]],
        0,
        { awsQueryError: ["AWS.SimpleQueueService.NonExistentQueue", 400] },
      ],
    ],
  });
  const error = new AwsError("QueueDoesNotExist", 400, "No queue.");
  const head = (mode: string) => request({ headers: { "x-amzn-query-mode": mode } }, "");
  expect(encodeError(model, head("true"), error, meta).headers["x-amzn-query-error"]).toBe(
    "AWS.SimpleQueueService.NonExistentQueue;Sender",
  );
  expect(encodeError(model, head("false"), error, meta).headers).not.toHaveProperty("x-amzn-query-error");
  expect(JSON.parse(text(encodeError(model, head("true"), error, meta).body))).toMatchObject({
    __type: "QueueDoesNotExist",
  });
});
