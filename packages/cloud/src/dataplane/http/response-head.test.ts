import { expect, test } from "vitest";
import { parseResponseHead, responseFraming } from "./response-head.ts";

const parse = (...lines: string[]) => parseResponseHead(`${lines.join("\r\n")}\r\n\r\n`);

test("an answer is understood", () => {
  expect(parse("HTTP/1.1 404 Not Found", "Content-Length: 3", "Keep-Alive: timeout=5")).toMatchObject({
    status: 404,
    reason: "Not Found",
    framing: { kind: "length", length: 3 },
    keepsAlive: true,
    keepAliveSeconds: 5,
  });
  expect(parse("HTTP/1.0 200 OK")).toMatchObject({ framing: { kind: "close" }, keepsAlive: false });
  expect(parse("HTTP/1.1 200")).toMatchObject({ reason: "" });
});

test.each([
  ["something else", ["SSH-2.0-OpenSSH"]],
  ["a length and chunks", ["HTTP/1.1 200 OK", "Content-Length: 3", "Transfer-Encoding: chunked"]],
  ["a folded line", ["HTTP/1.1 200 OK", "A: b", " c"]],
  ["a status that is none", ["HTTP/1.1 99 OK"]],
])("%s is no answer", (_, lines) => {
  expect(parse(...lines)).toBeUndefined();
});

test.each([
  ["HEAD", 200, "none"],
  ["GET", 204, "none"],
  ["GET", 304, "none"],
  ["GET", 200, "length"],
])("the answer to %s with %i has a body that ends by %s", (method, status, kind) => {
  const head = parse(`HTTP/1.1 ${status} X`, "Content-Length: 3");
  expect(head === undefined ? undefined : responseFraming(head, method).kind).toBe(kind);
});
