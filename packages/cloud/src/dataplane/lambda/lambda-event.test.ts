import { expect, test } from "vitest";
import { lambdaAnswer, lambdaEvent } from "./lambda-event.ts";

const asked = {
  head: { method: "POST", path: "/a", query: "x=1&x=2&y=%20" },
  headers: [
    { lower: "content-type", value: "application/json; charset=utf-8" },
    { lower: "accept", value: "a" },
    { lower: "accept", value: "b" },
  ],
  body: Buffer.from('{"é":1}'),
  targetGroupArn: "arn",
  multiValueHeaders: false,
};

test("a function gets the request as an event", () => {
  expect(lambdaEvent(asked)).toEqual({
    requestContext: { elb: { targetGroupArn: "arn" } },
    httpMethod: "POST",
    path: "/a",
    queryStringParameters: { x: "2", y: "%20" },
    headers: { "content-type": "application/json; charset=utf-8", accept: "b" },
    body: '{"é":1}',
    isBase64Encoded: false,
  });
});

test("a function that is sent all values gets lists", () => {
  expect(lambdaEvent({ ...asked, multiValueHeaders: true })).toMatchObject({
    multiValueQueryStringParameters: { x: ["1", "2"], y: ["%20"] },
    multiValueHeaders: { accept: ["a", "b"] },
  });
});

test("a body that is not text is in base64", () => {
  const body = Buffer.from([0, 255]);
  const binary = { ...asked, headers: [{ lower: "content-type", value: "image/png" }], body };
  expect(lambdaEvent(binary)).toMatchObject({ body: "AP8=", isBase64Encoded: true });
  const zipped = { ...asked, headers: [...asked.headers, { lower: "content-encoding", value: "gzip" }], body };
  expect(lambdaEvent(zipped)).toMatchObject({ isBase64Encoded: true });
});

test("what a function returns is the answer", () => {
  const payload = {
    statusCode: 201,
    statusDescription: "201 Made",
    headers: { "Content-Type": "text/plain", "Content-Length": "9" },
    body: "aGk=",
    isBase64Encoded: true,
  };
  expect(lambdaAnswer(JSON.stringify(payload), false)).toEqual({
    status: 201,
    reason: "Made",
    headers: [["Content-Type", "text/plain"]],
    body: Buffer.from("hi"),
  });
  const many = { statusCode: 200, multiValueHeaders: { "Set-Cookie": ["a=1", "b=2"] } };
  expect(lambdaAnswer(JSON.stringify(many), true)).toEqual({
    status: 200,
    reason: "OK",
    headers: [
      ["Set-Cookie", "a=1"],
      ["Set-Cookie", "b=2"],
    ],
    body: "",
  });
});

test.each([
  ["no JSON", "oops"],
  ["no object", '"hi"'],
  ["no status", '{"body":"hi"}'],
  ["a body that is no text", '{"statusCode":200,"body":{}}'],
  ["a header that would end the head", String.raw`{"statusCode":200,"headers":{"a":"b\r\nc: d"}}`],
])("%s is no answer", (_, payload) => {
  expect(lambdaAnswer(payload, false)).toBeUndefined();
});
